import {
  allOf,
  type DecisionEvent,
  entraGuard,
  type LogEntry,
  onEvent,
  scopes,
  tighten,
  userRoles,
} from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import { expect, it, onTestFinished } from 'vitest';
import { bearer, get } from '../http/row.js';
import { call } from './call.js';
import { majors } from './majors.js';

const DAY = 86_400_000;
const UNTIL = Date.parse('2030-01-31T00:00:00Z');
const read = scopes('Orders.Read');
const reader = allOf(read, userRoles('Orders.Reader'));

it.each(majors)('a rule becomes stricter without an outage on %s', async (_, express) => {
  let time = UNTIL - 9 * DAY;
  const entra = await startEntra({ now: () => time });
  onTestFinished(() => entra.close());
  const log: LogEntry[] = [];
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const guard = entraGuard({ ...entra.options(), log: (entry) => log.push(entry) });
  onTestFinished(() => guard.close());
  const app = express().get(
    '/orders',
    guard.require(tighten(read, reader, { until: UNTIL })),
    (_req, res) => {
      res.sendStatus(200);
    },
  );
  expect(log).toMatchObject([
    { level: 'warn', event: 'configuration', message: expect.stringContaining('in 9 days') },
  ]);

  const status = async (roles: string[], scp = 'Orders.Read') =>
    (await call(app, get('/orders', bearer(entra.user('ada', { scp, roles }))))).status;
  expect(await status([])).toBe(200);
  expect(await status(['Orders.Reader'])).toBe(200);
  expect(await status(['Orders.Reader'], 'Orders.Write')).toBe(403);
  expect(events).toMatchObject([
    {
      outcome: 'allow',
      handler: 'GET /orders',
      trial: { requirement: String(reader), code: 'role_missing', missing: ['user role Orders.Reader'] },
    },
    { outcome: 'allow' },
    { outcome: 'deny', code: 'scope_missing' },
  ]);
  expect(events.map((event) => 'trial' in event)).toEqual([true, false, false]);

  time = UNTIL;
  expect(await status([])).toBe(403);
  expect(await status(['Orders.Reader'])).toBe(200);
  expect(events.slice(3)).toMatchObject([{ outcome: 'deny', code: 'role_missing' }, { outcome: 'allow' }]);
  expect(log.filter(({ event }) => event === 'configuration')).toMatchObject([
    {},
    { message: expect.stringContaining('Since 2030-01-31T00:00:00.000Z, ') },
  ]);
});
