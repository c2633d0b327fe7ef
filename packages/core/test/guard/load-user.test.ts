import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, signed, userClaims } from '../../../../test/support/forger.js';
import {
  type AuthContext,
  anonymous,
  type CheckContext,
  createGuard,
  type DecisionEvent,
  type Guard,
  type GuardSettings,
  type LoadUser,
  type LogEntry,
  onEvent,
  type RequestLike,
  scopes,
} from '../../src/index.js';
import { createMigrationGuard } from '../../src/migration.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const BOB = 'bbbbbbbb-0000-1111-2222-bbbbbbbbbbbb';
const read = scopes('Orders.Read');
const write = scopes('Orders.Write');
const place = { handler: 'GET /orders' };

const tokenOf = (oid: string): string => signed(userClaims({ oid, sub: `sub of ${oid}` }));
const ada = tokenOf(ADA);
const bob = tokenOf(BOB);
const bearing = (token: string) => ({
  headers: { authorization: `Bearer ${token}` } as Record<string, string | undefined>,
});

function guarding(loadUser: LoadUser = ({ auth }) => ({ name: auth.objectId })) {
  const asked: CheckContext[] = [];
  const log: LogEntry[] = [];
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
  const guard = createGuard({
    ...contoso({ log: (entry) => void log.push(entry) }),
    loadUser: (context) => {
      asked.push(context);
      return loadUser(context);
    },
  });
  onTestFinished(() => guard.close());
  return { guard, asked, log, events };
}

describe('the user of a request', () => {
  it('is what loadUser gives for its caller, as it is', async () => {
    const record = { name: 'Ada' };
    const { guard, asked } = guarding(async () => record);
    const request = bearing(ada);
    const auth = await guard.require(request, read);
    const user = await guard.userOf(request);
    expect(user).toBe(record);
    expect(Object.isFrozen(user)).toBe(false);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.auth).toBe(auth);
    expect(asked[0]?.request).toBe(request);
  });

  it('is not asked for where nothing reads it', async () => {
    const { guard, asked } = guarding();
    const request = bearing(ada);
    await guard.require(request, read);
    await guard.authenticate(request);
    expect(guard.authOf(request)).toBeDefined();
    expect(asked).toEqual([]);
  });

  it('is asked for once, however often it is read and required', async () => {
    const { guard, asked } = guarding(async () => ({}));
    const request = bearing(ada);
    await guard.require(request, read);
    const users = await Promise.all([guard.userOf(request), guard.userOf(request)]);
    await guard.require(request, read);
    users.push(await guard.userOf(request, place));
    expect(new Set(users).size).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it('is asked for once where two decisions validated the token at once', async () => {
    const { guard, asked } = guarding(async () => ({}));
    const request = bearing(ada);
    const [one, other] = await Promise.all([guard.require(request, read), guard.require(request, read)]);
    expect(one).not.toBe(other);
    const users = await Promise.all([guard.userOf(request, place, one), guard.userOf(request, place, other)]);
    expect(users[0]).toBe(users[1]);
    expect(asked).toHaveLength(1);
  });

  it('is asked for once more for another caller whom the host names, and for one of no token', async () => {
    const { guard } = guarding();
    const request = bearing(ada);
    const auth = await guard.require(request, read);
    const [tested, again] = [BOB, ADA].map((objectId) =>
      testAuth({ kind: 'user', scopes: ['Orders.Read'], objectId }),
    );
    const first = await guard.userOf(request, place, auth);
    expect(await guard.userOf(request, place, tested)).toEqual({ name: BOB });
    expect(await guard.userOf(request, place, again)).not.toBe(first);
  });

  it('is each request’s own, with one token as well', async () => {
    const { guard, asked } = guarding();
    const users: object[] = [];
    for (let use = 0; use < 3; use++) {
      const request = bearing(ada);
      await guard.require(request, read);
      users.push(await guard.userOf(request));
    }
    expect(new Set(users).size).toBe(3);
    expect(asked).toHaveLength(3);
  });

  it('follows the credential: Ada’s never serves Bob', async () => {
    const { guard } = guarding();
    const request = bearing(ada);
    await guard.require(request, read);
    const first = await guard.userOf(request);
    expect(first).toEqual({ name: ADA });
    request.headers.authorization = `Bearer ${bob}`;
    expect((await refusalOf(guard.userOf(request))).message).toContain('without a caller');
    await guard.require(request, read);
    expect(await guard.userOf(request)).toEqual({ name: BOB });
    // The host uses the object again: that is another request of Ada's.
    request.headers.authorization = `Bearer ${ada}`;
    await guard.require(request, read);
    const again = await guard.userOf(request);
    expect(again).toEqual({ name: ADA });
    expect(again).not.toBe(first);
  });

  it('is that of the caller whom the host names', async () => {
    const { guard } = guarding();
    const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'], objectId: BOB });
    expect(await guard.userOf(bearing(ada), place, auth)).toEqual({ name: BOB });
  });

  it('may depend on the request that the host shows, and on its providers', async () => {
    const { guard, asked } = guarding(({ resolve }) => resolve<object>('users'));
    const [request, shown, users] = [bearing(ada), {}, { table: 'users' }];
    await guard.require(request, read);
    const resolve = async (token: unknown) => (token === 'users' ? users : undefined);
    expect(await guard.userOf(request, { ...place, request: shown, resolve })).toBe(users);
    expect(asked[0]?.request).toBe(shown);
  });

  it('is loaded by a stand-in and by a guard for migrations, too', async () => {
    const loadUser: LoadUser = ({ auth }) => ({ name: auth.objectId });
    const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    const standIn = standInGuard(auth, { loadUser, log: false });
    const request = { headers: {} };
    await standIn.require(request, read);
    expect(await standIn.userOf(request)).toEqual({ name: auth.objectId });
    const migrating = createMigrationGuard(contoso(), {}, { loadUser });
    const asked = bearing(ada);
    await migrating.require(asked, read);
    expect(await migrating.userOf(asked)).toEqual({ name: ADA });
    await migrating.close();
  });
});

describe('a caller whom the application does not know', () => {
  it('is refused with 403 user_unknown, logged and audited once, as by the handler', async () => {
    const { guard, asked, log, events } = guarding(async () => undefined);
    const request = bearing(ada);
    const auth = await guard.require(request, read, place);
    const error = await refusalOf(guard.userOf(request, place));
    expect(await refusalOf(guard.userOf(request, place))).toBe(error);
    expect(error).toMatchObject({ name: 'PermissionError', code: 'user_unknown', status: 403 });
    expect(error.hint).toContain('loadUser');
    const { status, headers, body } = guard.toHttp(error);
    expect([status, body.code]).toEqual([403, 'user_unknown']);
    expect(headers['WWW-Authenticate']).toContain('error="insufficient_scope"');
    expect(JSON.stringify(body)).not.toContain('loadUser');
    expect(asked).toHaveLength(1);
    expect(events).toMatchObject([
      { outcome: 'allow', handler: 'GET /orders' },
      {
        outcome: 'deny',
        code: 'user_unknown',
        handler: 'GET /orders',
        who: { subjectKey: auth.subjectKey },
      },
    ]);
    expect(log).toMatchObject([{ event: 'refused', code: 'user_unknown', handler: 'GET /orders' }]);
  });
});

describe('loadUser that fails', () => {
  const failed = new Error('no database');
  it.each<[string, LoadUser, string, unknown]>([
    [
      'throws',
      () => {
        throw failed;
      },
      'loadUser threw instead of answering.',
      failed,
    ],
    ['rejects', () => Promise.reject(failed), 'loadUser threw instead of answering.', failed],
    ['rejects with nothing', () => Promise.reject(), 'loadUser threw instead of answering.', undefined],
    [
      'asks for a provider, and the host has none',
      ({ resolve }) => resolve('users'),
      'loadUser threw instead of answering.',
      new Error('loadUser asked for a provider, and this host has none.'),
    ],
    ...(
      [
        [null, 'null'],
        ['', 'a string of 0 characters'],
        ['Ada', 'a string of 3 characters'],
        [0, '0'],
        [1n, '1'],
        [true, 'true'],
        [false, 'false'],
        [[], 'an array of 0'],
        [[{ name: 'Ada' }], 'an array of 1'],
        [() => ({}), 'a function'],
        [Symbol('ada'), 'Symbol(ada)'],
      ] as const
    ).flatMap(([given, shown]): [string, LoadUser, string, unknown][] => [
      [`gives ${shown}`, () => given as never, `loadUser gave ${shown} instead of a user.`, undefined],
      [
        `gives a promise of ${shown}`,
        async () => given as never,
        `loadUser gave ${shown} instead of a user.`,
        undefined,
      ],
    ]),
  ])('is a 500 and never a user: it %s', async (_, loadUser, message, cause) => {
    const { guard, log, events } = guarding(loadUser);
    const request = bearing(ada);
    await guard.require(request, read, place);
    const error = await refusalOf(guard.userOf(request, place));
    expect(error).toMatchObject({ name: 'CheckFailedError', code: 'check_failed', status: 500, message });
    expect(error.cause).toEqual(cause);
    expect(guard.toHttp(error)).toMatchObject({ status: 500, body: { code: 'check_failed' } });
    expect(events[1]).toMatchObject({ outcome: 'deny', code: 'check_failed', handler: 'GET /orders' });
    expect(log).toMatchObject([{ level: 'error', code: 'check_failed', handler: 'GET /orders' }]);
  });
});

describe('loadUser is not asked', () => {
  it('where the requirement does not hold for a caller that nothing let in', async () => {
    const { guard, asked } = guarding();
    const request = bearing(signed(userClaims({ exp: 1 })));
    expect((await refusalOf(guard.require(request, write))).code).toBe('token_expired');
    expect((await refusalOf(guard.userOf(request))).message).toContain('without a caller');
    expect(asked).toEqual([]);
  });

  it.each<[string, (guard: Guard, request: RequestLike) => Promise<unknown>]>([
    ['anonymous()', (guard, request) => guard.require(request, anonymous())],
    ['authenticate({ optional: true })', (guard, request) => guard.authenticate(request, { optional: true })],
  ])('without a caller: %s', async (_, decide) => {
    const { guard, asked } = guarding();
    const request = { headers: {} };
    expect(await decide(guard, request)).toBeUndefined();
    const error = await refusalOf(guard.userOf(request));
    expect(error).toMatchObject({ name: 'ConfigurationError' });
    expect(error.message).toContain('userOf(...) was called for a request without a caller.');
    expect(asked).toEqual([]);
  });

  it('for a copy of a caller, which any code could have written', async () => {
    const { guard, asked } = guarding();
    const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    const copy = { ...auth } as AuthContext;
    expect((await refusalOf(guard.userOf(bearing(ada), place, copy))).message).toContain(
      'a copy of a caller',
    );
    expect(asked).toEqual([]);
  });

  it('where there is none: reading the user names the option', async () => {
    const guard = createGuard(contoso());
    onTestFinished(() => guard.close());
    expect([guard.loadsUsers, guarding().guard.loadsUsers]).toEqual([false, true]);
    const request = bearing(ada);
    await guard.require(request, read);
    const error = await refusalOf(guard.userOf(request));
    expect(error).toMatchObject({ name: 'ConfigurationError' });
    expect(error.message).toContain('the guard has no loadUser. Give it that setting: loadUser:');
  });

  it('and what is not a function is refused', () => {
    const loadUser = { name: 'Ada' } as unknown as NonNullable<GuardSettings['loadUser']>;
    expect(configurationSentence(() => createGuard({ ...contoso(), loadUser }))).toContain(
      'loadUser is an object',
    );
  });
});
