import { Auth, AuthContext, OptionalAuth, Public } from '@entra-guard/nestjs';
import { Controller, Get } from '@nestjs/common';

/** Routes that need no token. */
@Controller()
export class OpenController {
  /** Open to every caller, which must be declared. */
  @Get('health')
  @Public()
  health() {
    return { status: 'ok' };
  }

  /** A caller with a token gets a discount. An invalid token is refused even here. */
  @Get('prices')
  @OptionalAuth()
  prices(@Auth() auth: AuthContext | undefined) {
    return { tea: 4, coffee: 6, discount: auth === undefined ? 0 : 0.1 };
  }
}
