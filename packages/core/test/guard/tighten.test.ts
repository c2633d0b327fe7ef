import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { NOW, signed, userClaims } from '../../../../test/support/forger.js';
import {
  allOf,
  check,
  createGuard,
  type DecisionEvent,
  type Grant,
  type Guard,
  inGroups,
  type LogEntry,
  onEvent,
  scopes,
  tighten,
  userRoles,
} from '../../src/index.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import { refusalOf } from '../refusals.js';

const DAY = 86_400_000;
const UNTIL = NOW + 30 * DAY;
const iso = new Date(UNTIL).toISOString();
const read = scopes('Orders.Read');
const reader = allOf(read, userRoles('Orders.Reader'));
const stricter = (now: Grant = read, next: Grant = reader): Grant => tighten(now, next, { until: UNTIL });

const bearing = (claims: object = {}): Request =>
  new Request('https://api.contoso.example/orders', {
    headers: { Authorization: `Bearer ${signed(userClaims({ scp: 'Orders.Read', ...claims }))}` },
  });

/** A guard, the events of its decisions and its log. Its clock stands still until it is set. */
function watched(caller: { readonly scopes?: [string]; readonly roles?: [string] } = {}) {
  let time = NOW;
  const events: DecisionEvent[] = [];
  const log: LogEntry[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'], ...caller });
  const guard = standInGuard(auth, { now: () => time, log: (entry) => log.push(entry) });
  onTestFinished(() => guard.close());
  const ask = (requirement: Grant, handler?: string) =>
    guard
      .require(
        new Request('https://api.contoso.example'),
        requirement,
        handler === undefined ? {} : { handler },
      )
      .then(
        () => 'granted',
        (error: { code: string }) => error.code,
      );
  return {
    guard,
    events,
    log,
    ask,
    at: (now: number) => {
      time = now;
    },
  };
}

describe('the event of a caller whom the second requirement would refuse', () => {
  const trial = {
    requirement: "allOf(scopes('Orders.Read'), userRoles('Orders.Reader'))",
    code: 'role_missing',
    missing: ['user role Orders.Reader'],
  };

  it('says so, for a token that is new and for one that is remembered', async () => {
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    const guard = createGuard(contoso());
    onTestFinished(() => guard.close());
    const requirement = stricter().because('access review');
    for (let time = 0; time < 2; time++) await guard.require(bearing(), requirement);
    await guard.require(bearing({ roles: ['Orders.Reader'] }), requirement);
    const told = { outcome: 'allow', requirement: String(requirement), reasons: ['access review'] };
    expect(events).toMatchObject([{ ...told, trial }, { ...told, trial }, told]);
    expect(events[2]).not.toHaveProperty('trial');
  });

  it('says so where a check has to be waited for', async () => {
    const { ask, events } = watched();
    const own = check('mine', async () => true);
    expect(await ask(stricter(allOf(read, own), allOf(reader, own)))).toBe('granted');
    expect(events).toMatchObject([{ outcome: 'allow', trial: { code: 'role_missing' } }]);
  });

  it('is a refusal from then on, without a trial', async () => {
    const { ask, events, at } = watched();
    at(UNTIL);
    expect(await ask(stricter())).toBe('role_missing');
    expect(events).toMatchObject([{ outcome: 'deny', code: 'role_missing' }]);
    expect(events[0]).not.toHaveProperty('trial');
  });

  it('has none where the first requirement refuses, whatever the second says', async () => {
    const { ask, events } = watched({ scopes: ['Orders.Read'] });
    expect(await ask(stricter(reader, read))).toBe('role_missing');
    expect(events).toMatchObject([{ outcome: 'deny' }]);
    expect(events[0]).not.toHaveProperty('trial');
  });

  it('says nothing of what would have to be asked for', async () => {
    const asked: unknown[] = [];
    const groupsOf = async (): Promise<readonly string[]> => {
      asked.push('groups');
      return [];
    };
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    const guard = createGuard({ ...contoso(), groupsOf });
    onTestFinished(() => guard.close());
    const never = check('never', () => {
      asked.push('check');
      return false;
    });
    const group = inGroups('aaaaaaaa-0000-4000-8000-000000000001');
    await guard.require(bearing({ hasgroups: true }), stricter(read, allOf(read, group, never)));
    expect(asked).toEqual([]);
    expect(events[0]).not.toHaveProperty('trial');
  });

  it('is not made where no listener hears it', async () => {
    const guard = createGuard(contoso());
    onTestFinished(() => guard.close());
    expect((await guard.require(bearing(), stricter()))?.kind).toBe('user');
  });
});

describe('the log warns', () => {
  const soon = (days: string) =>
    `From ${iso} on, in ${days}, allOf(scopes('Orders.Read'), userRoles('Orders.Reader')) decides instead of scopes('Orders.Read').`;
  const over = `Since ${iso}, allOf(scopes('Orders.Read'), userRoles('Orders.Reader')) decides instead of scopes('Orders.Read').`;
  const warnings = (log: readonly LogEntry[]) =>
    log.filter(({ event }) => event === 'configuration').map(({ message }) => message);

  it.each<[string, number, string[]]>([
    ['thirty days before: not yet', NOW, []],
    ['a moment before it is time', UNTIL - 14 * DAY - 1, []],
    ['fourteen days before', UNTIL - 14 * DAY, [soon('14 days')]],
    ['a day before', UNTIL - DAY, [soon('1 day')]],
    ['a second before', UNTIL - 1000, [soon('1 day')]],
    ['when it has switched', UNTIL, [over]],
    ['long after', UNTIL + 365 * DAY, [over]],
  ])('where it is declared %s', (_, now, expected) => {
    const { guard, log, at } = watched();
    at(now);
    guard.declare(stricter(), 'GET /orders');
    guard.declare(allOf(read, userRoles('X')), 'GET /orders');
    expect(warnings(log)).toEqual(expected);
    for (const entry of log) {
      expect(entry).toMatchObject({ level: 'warn', event: 'configuration', handler: 'GET /orders' });
    }
  });

  it('what to do, before and after', () => {
    const { guard, log, at } = watched();
    at(UNTIL - DAY);
    guard.declare(stricter());
    at(UNTIL);
    guard.declare(stricter());
    expect(log.map(({ hint }) => hint)).toEqual([
      expect.stringContaining('`trial`'),
      "Replace tighten(...) by allOf(scopes('Orders.Read'), userRoles('Orders.Reader')).",
    ]);
    expect(log[0]).not.toHaveProperty('handler');
  });

  it('once before and once after, in a process that runs for weeks', async () => {
    const { guard, ask, log, at } = watched({ roles: ['Orders.Reader'] });
    const requirement = stricter();
    guard.declare(requirement, 'GET /orders');
    for (const days of [0, 15, 16, 17, 18, 29, 30, 31, 60]) {
      at(NOW + days * DAY);
      for (let time = 0; time < 3; time++) expect(await ask(requirement, 'GET /orders')).toBe('granted');
    }
    expect(warnings(log)).toEqual([soon('14 days'), over]);
    expect(log).toMatchObject([{ handler: 'GET /orders' }, { handler: 'GET /orders' }]);
  });

  it('of a caller who is refused, too', async () => {
    const { ask, log, at } = watched({ scopes: ['X'] });
    at(UNTIL - DAY);
    expect(await ask(stricter())).toBe('scope_missing');
    expect(warnings(log)).toEqual([soon('1 day')]);
  });

  it('once of one that several handlers have, and of each where there are several', async () => {
    const { ask, log, at } = watched();
    at(UNTIL - DAY);
    const one = stricter();
    const other = tighten(read, scopes('Orders.Read', 'X'), { until: UNTIL });
    for (const requirement of [one, allOf(one, other), allOf(one, userRoles('X'))]) await ask(requirement);
    expect(warnings(log)).toHaveLength(2);
  });
});

it('a requirement of an older copy of the package, which knows of no switches, is judged and declared', async () => {
  const older: Grant = Object.create(allOf(read, userRoles('Orders.Reader')), {
    tightenings: { value: undefined },
  });
  const { guard, ask, events } = watched({ roles: ['Orders.Reader'] });
  (guard as Guard).declare(older);
  expect(await ask(older)).toBe('granted');
  expect(events).toHaveLength(1);
  expect((await refusalOf(createGuard(contoso()).require(bearing(), older))).code).toBe('role_missing');
});
