import 'reflect-metadata';
import { type AuthContext, createValidator, EntraGuardError } from '@entra-guard/core';
import { anyOf, appPermissions, authOf, entraGuard, scopes } from '@entra-guard/express';
import { Auth, AuthContext as Caller, EntraGuardModule, Public, RequireScopes } from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';

@Controller()
class OrdersController {
  @Get('orders')
  @RequireScopes('Orders.Read')
  list(@Auth() auth: Caller): string {
    return auth.subjectKey;
  }
  @Get('health')
  @Public('the platform asks')
  health(): string {
    return 'up';
  }
}

async function main(): Promise<void> {
  const entra = await startEntra();
  const guard = entraGuard(entra.options());
  const app = express();
  app.get('/orders/:id', guard.require(anyOf(scopes('Orders.Read'), appPermissions('A'))), (req, res) => {
    const id: string = req.params.id as string;
    const auth: AuthContext = req.auth;
    // @ts-expect-error: nobody may be there.
    authOf(req).tenantId;
    // @ts-expect-error: what a token says can't be changed.
    auth.scopes.add('Orders.Write');
    res.json({ id, caller: auth.subjectKey });
  });
  guard.assertAllGuarded(app);

  class AppModule {}
  Module({ imports: [EntraGuardModule.forRoot(entra.options())], controllers: [OrdersController] })(
    AppModule,
  );
  const nest = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await nest.init();
  await nest.close();
  guard.validator.close();
  await entra.close();
  console.log('done');

  // @ts-expect-error: a misspelt option.
  entraGuard({ ...entra.options(), clockTolerence: 5 });
  // @ts-expect-error: a tenant beside several.
  createValidator({ tenantId: 'x', tenants: ['x'], clientId: 'x' });
  // @ts-expect-error: no scope.
  scopes();
}

main().catch((error: unknown) => {
  // The wrong uses at the end are refused when they run, too.
  if (EntraGuardError.is(error) && error.code === 'configuration_invalid') return;
  console.error(error);
  process.exitCode = 1;
});
