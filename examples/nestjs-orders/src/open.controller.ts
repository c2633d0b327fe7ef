import { Auth, AuthContext, OptionalAuth, Public } from '@entra-guard/nestjs';
import { Controller, Get } from '@nestjs/common';

/** What needs no token. */
@Controller()
export class OpenController {
  /** Open to everybody, which has to be said. */
  @Get('health')
  @Public()
  health() {
    return { status: 'ok' };
  }

  /** Whoever brings a token gets a discount. A bad token is refused even here. */
  @Get('prices')
  @OptionalAuth()
  prices(@Auth() auth: AuthContext | undefined) {
    return { tea: 4, coffee: 6, discount: auth === undefined ? 0 : 0.1 };
  }
}
