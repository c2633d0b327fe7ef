import {
  Auth,
  AuthContext,
  EntraGuardModule,
  type EntraGuardModuleOptions,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { Controller, Get, Module } from '@nestjs/common';

@Controller('orders')
export class OrdersController {
  @Get()
  @RequireScopes('Orders.Read')
  list(@Auth() auth: AuthContext) {
    return { caller: auth.objectId };
  }

  @Get('health')
  @Public()
  health() {
    return 'up';
  }
}

/** As in production; the e2e spec replaces the options. */
const production: EntraGuardModuleOptions = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
};

@Module({ imports: [EntraGuardModule.forRoot(production)], controllers: [OrdersController] })
export class AppModule {}
