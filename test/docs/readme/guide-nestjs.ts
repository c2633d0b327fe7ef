import {
  Auth,
  AuthContext,
  anyOf,
  appPermissions,
  EntraGuardModule,
  Public,
  Require,
  RequireScopes,
  RequireUserRoles,
  scopes,
} from '@entra-guard/nestjs';
import { Controller, Delete, Get, Module, Post } from '@nestjs/common';
import { clientId, tenantId } from './your-own.js';

@Controller('orders')
export class OrdersController {
  @Get()
  @RequireScopes('Orders.Read')
  list(@Auth() auth: AuthContext) {
    return { listFor: auth.objectId };
  }

  @Post()
  @Require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All')))
  create() {}

  @Delete(':id')
  @RequireScopes('Orders.Write')
  @RequireUserRoles('Orders.Admin')
  remove() {}

  @Get('health')
  @Public()
  health() {}
}

@Module({
  imports: [EntraGuardModule.forRoot({ tenantId, clientId })], // installs the guard for every handler
  controllers: [OrdersController],
})
export class AppModule {}
