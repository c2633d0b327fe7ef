import 'reflect-metadata';
import {
  EntraGuard,
  EntraGuardException,
  EntraGuardModule,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, type ExecutionContext, Get } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { expect, it } from 'vitest';
import { keptLog, serve } from './platforms.js';

@Controller()
class OrdersController {
  @Get() @Public() open(): string {
    return 'open';
  }
  @Get('read') @RequireScopes('Read') read(): string {
    return 'read';
  }
}

async function start() {
  const entra = await startEntra();
  const { entries, log } = keptLog();
  const imports = [EntraGuardModule.forRoot({ ...entra.options(), log })];
  const { app } = await serve('express', { imports, controllers: [OrdersController] });
  return { entra, entries, app };
}

it.each(['open', 'read'] as const)('GraphQL reaches no handler, whatever is declared: %s', async (method) => {
  const { app, entra, entries } = await start();
  const controller = app.get(OrdersController);
  // As @nestjs/graphql calls resolvers: global guards run, with a context of this type.
  const resolve = app
    .get(ExternalContextCreator)
    .create(
      controller,
      controller[method],
      method,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'graphql',
    );
  const { headers } = entra.user('ada', { scp: 'Read' });
  await expect(resolve({}, {}, { req: { headers } }, {})).rejects.toMatchObject({ code: 'no_requirement' });
  expect(entries.find(({ event }) => event === 'refused')).toMatchObject({
    code: 'no_requirement',
    handler: `OrdersController.${method} (graphql)`,
  });
  await expect(resolve({}, {}, { req: { headers } }, {})).rejects.toMatchObject({ code: 'no_requirement' });
  for (const { message } of entries.filter(({ code }) => code === 'no_requirement')) {
    expect(message).toContain(
      `OrdersController.${method} (graphql) was called, and no adapter reads the credentials of 'graphql' contexts`,
    );
  }
});

it.each(['ws', 'rpc', 'something-new'])(
  'no handler is reached over %s, whatever is declared',
  async (type) => {
    const { app, entra } = await start();
    const { headers } = entra.user('ada', { scp: 'Read' });
    const context = {
      getType: () => type,
      getClass: () => OrdersController,
      getHandler: () => OrdersController.prototype.open,
      getArgs: () => [{ headers }],
      getArgByIndex: () => ({ headers }),
      switchToHttp: () => ({ getRequest: () => ({ headers }), getResponse: () => ({}) }),
    } as unknown as ExecutionContext;
    await expect(app.get(EntraGuard).canActivate(context)).rejects.toBeInstanceOf(EntraGuardException);
  },
);
