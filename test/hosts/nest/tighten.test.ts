import 'reflect-metadata';
import {
  allOf,
  appPermissions,
  ConfigurationError,
  type DecisionEvent,
  EntraGuardModule,
  type Grant,
  onEvent,
  Require,
  RequireUserRoles,
  scopes,
  tighten,
  userRoles,
} from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Get, type Type } from '@nestjs/common';
import { expect, it, onTestFinished } from 'vitest';
import { ask, bootFailure, keptLog, platforms, serve } from './platforms.js';

const DAY = 86_400_000;
const UNTIL = Date.parse('2030-01-31T00:00:00Z');
const read = scopes('Orders.Read');
const stricter = tighten(read, allOf(read, userRoles('Orders.Reader')), { until: UNTIL });

function controllerOf(onClass: Grant): Type {
  @Controller('orders')
  @Require(onClass)
  class OrdersController {
    @Get('open') open() {
      return { orders: [] };
    }
    @Get() @RequireUserRoles('Orders.Clerk') list() {
      return { orders: [] };
    }
  }
  return OrdersController;
}

it.each(platforms)('a class becomes stricter, next to what its methods require, on %s', async (platform) => {
  let time = UNTIL - 9 * DAY;
  const entra = await startEntra({ now: () => time });
  const { entries, log } = keptLog();
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const { origin } = await serve(platform, {
    imports: [EntraGuardModule.forRoot({ ...entra.options(), log })],
    controllers: [controllerOf(stricter)],
  });
  const status = async (...roles: string[]) => {
    const { headers } = entra.user('ada', { scp: 'Orders.Read', roles });
    return (await ask(`${origin}/orders`, { headers })).status;
  };

  const warned = entries.filter(({ event }) => event === 'configuration');
  expect(warned).toMatchObject([
    {
      message: expect.stringMatching(
        /^From 2030-01-31T00:00:00\.000Z on, in 9 days, allOf\(.* decides instead/,
      ),
      handler: expect.stringContaining('OrdersController.open'),
    },
  ]);

  expect(await status('Orders.Clerk')).toBe(200);
  expect(await status('Orders.Reader')).toBe(403);
  expect(await status('Orders.Clerk', 'Orders.Reader')).toBe(200);
  const trial = {
    requirement: "allOf(scopes('Orders.Read'), userRoles('Orders.Reader'))",
    code: 'role_missing',
    missing: ['user role Orders.Reader'],
  };
  expect(events.map(({ outcome, trial: told }) => [outcome, told])).toEqual([
    ['allow', trial],
    ['deny', undefined],
    ['allow', undefined],
  ]);

  time = UNTIL;
  expect(await status('Orders.Clerk')).toBe(403);
  expect(await status('Orders.Clerk', 'Orders.Reader')).toBe(200);
  expect(events.slice(3).map(({ outcome, trial: told }) => [outcome, told])).toEqual([
    ['deny', undefined],
    ['allow', undefined],
  ]);
});

const trust = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
};

it('a class and a method that no token will satisfy together do not boot', async () => {
  const next = tighten(read, appPermissions('Orders.Read.All'), { until: UNTIL });
  const failure = await bootFailure({
    imports: [EntraGuardModule.forRoot({ ...trust, log: false })],
    controllers: [controllerOf(next)],
  });
  if (!ConfigurationError.is(failure)) throw failure;
  expect(failure.message).toMatch(
    /^OrdersController\.list \(GET \/orders\): From 2030-01-31T00:00:00\.000Z on: .* can't be satisfied/,
  );
});

it('of one that leaves the scope open, both is said', async () => {
  const { entries, log } = keptLog();
  const open = tighten(userRoles('A'), userRoles('A', 'B'), { until: Date.now() + DAY });
  const options = {
    imports: [EntraGuardModule.forRoot({ ...trust, log })],
    controllers: [controllerOf(open)],
  };
  expect(await bootFailure(options)).toBeUndefined();
  expect(entries.map(({ handler, message }) => [handler, message])).toEqual([
    ['OrdersController.open (GET /orders/open)', expect.stringMatching(/^From .* in 1 day, userRoles/)],
    ['OrdersController.open (GET /orders/open)', expect.stringContaining('without any particular scope')],
    ['OrdersController.list (GET /orders)', expect.stringContaining('without any particular scope')],
  ]);
});
