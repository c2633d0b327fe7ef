import { Auth, AuthContext, EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import { Controller, Get, Module } from '@nestjs/common';
import { clientId, tenantId } from './your-own.js';

@Controller('orders')
export class OrdersController {
  @Get()
  @RequireScopes('Orders.Read')
  list(@Auth() auth: AuthContext) {
    return { listFor: auth.objectId };
  }
}

@Module({ imports: [EntraGuardModule.forRoot({ tenantId, clientId })], controllers: [OrdersController] })
export class AppModule {}
