import 'reflect-metadata';
import { Auth, AuthContext, EntraGuardModule, Public, RequireScopes } from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import answers = require('./answers.cjs');

@Controller()
class OrdersController {
  @Get('orders')
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

async function main() {
  const entra = await startEntra();

  @Module({ imports: [EntraGuardModule.forRoot(entra.options())], controllers: [OrdersController] })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  await answers(app.getHttpServer(), entra);
  const health = await fetch(`${await app.getUrl()}/health`, { headers: { connection: 'close' } });
  if (health.status !== 200) throw new Error(`A public handler answered ${health.status}.`);
  await app.close();
  await entra.close();
}

void main();
