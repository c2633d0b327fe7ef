import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { NOW, signed, userClaims } from '../../../../test/support/forger.js';
import {
  AuthContext,
  allOf,
  anonymous,
  authContext,
  authenticated,
  authorize,
  ConfigurationError,
  check,
  createValidator,
  type DecisionEvent,
  evaluate,
  type Grant,
  type LogEntry,
  onEvent,
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';
import {
  type StandInCaller,
  type StandInSettings,
  standInCaller,
  standInGuard,
  testAuth,
} from '../../src/testing/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
const job = testAuth({ kind: 'app', roles: ['Orders.Read.All'] });
const read = scopes('Orders.Read');
const quiet = (caller: StandInCaller, settings: StandInSettings = {}) =>
  standInGuard(caller, { log: false, ...settings });
const request = (authorization?: string) => ({
  headers: authorization === undefined ? {} : { authorization },
});

/** Fails the test that reads it. */
const sealedRequest = {
  get headers(): never {
    throw new Error('the headers were read');
  },
  get rawHeaders(): never {
    throw new Error('the headers were read');
  },
};

function events(): DecisionEvent[] {
  const seen: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => seen.push(event), { types: ['decision'] }));
  return seen;
}

afterEach(() => vi.unstubAllEnvs());

describe('a stand-in for a guard', () => {
  it('has the caller it was given call, and judges what that one may do', async () => {
    const guard = quiet(ada);
    expect(await guard.authenticate(request())).toBe(ada);
    expect(await guard.require(request(), read)).toBe(ada);
    expect(await refusalOf(guard.require(request(), scopes('Orders.Write')))).toMatchObject({
      status: 403,
      code: 'scope_missing',
    });
    expect(await refusalOf(guard.require(request(), userRoles('Orders.Admin')))).toMatchObject({
      code: 'role_missing',
    });
    expect(await refusalOf(quiet(job).require(request(), read))).toMatchObject({ status: 403 });
  });

  it('remembers whom it let in, by the request', async () => {
    const guard = quiet(ada);
    const asked = request();
    await guard.require(asked, read);
    expect(guard.authOf(asked)).toBe(ada);
    expect(guard.authOf(request())).toBeUndefined();
  });

  it.each([null, undefined, () => null, () => undefined])(
    'has no caller: 401 for all but what is open',
    async (none) => {
      const guard = quiet(none);
      const refused = await refusalOf(guard.require(request(), read));
      expect(refused).toMatchObject({ status: 401, code: 'credentials_missing' });
      expect(guard.toHttp(refused).headers['WWW-Authenticate']).toBe(
        'Bearer realm="7e577e57-7e57-4e57-8e57-000000000001"',
      );
      expect(await refusalOf(guard.authenticate(request()))).toMatchObject({ code: 'credentials_missing' });
      expect(await guard.authenticate(request(), { optional: true })).toBeUndefined();
      expect(await guard.require(request(), anonymous())).toBeUndefined();
    },
  );

  it('asks a function at each request, once', async () => {
    const caller = vi.fn<() => AuthContext | null>(() => ada);
    const guard = quiet(caller);
    const asked = request();
    await guard.require(asked, read);
    await guard.require(asked, authenticated());
    expect(caller).toHaveBeenCalledTimes(1);
    caller.mockReturnValue(job);
    expect(await guard.authenticate(request())).toBe(job);
    caller.mockReturnValue(null);
    expect(await refusalOf(guard.authenticate(request()))).toMatchObject({ status: 401 });
  });

  it('neither reads nor accepts a token, good or bad', async () => {
    const token = signed(userClaims({ scp: 'Orders.Write' }));
    for (const header of [`Bearer ${token}`, 'Bearer rubbish', 'Basic eDp5', '']) {
      expect(await quiet(ada).authenticate(request(header))).toBe(ada);
      expect(await refusalOf(quiet(null).require(request(header), read))).toMatchObject({
        code: 'credentials_missing',
      });
    }
    expect(await quiet(ada).require(sealedRequest, read)).toBe(ada);
    await refusalOf(quiet(null).require(sealedRequest, read));
    const refusal = await refusalOf(quiet(ada).validator.validate(token));
    expect(refusal).toBeInstanceOf(ConfigurationError);
    expect(refusal.message).toMatch(/validate a token.*startEntra/);
  });

  it('runs checks, with the request and what they ask for', async () => {
    const asked = request();
    const rule = vi.fn(async ({ resolve }) => (await resolve('orders')) === 'found');
    const owned = allOf(read, check('owns order', rule));
    const resolve = async (token: unknown) => (token === 'orders' ? 'found' : 'lost');
    expect(await quiet(ada).require(asked, owned, { resolve })).toBe(ada);
    expect(rule).toHaveBeenCalledWith(expect.objectContaining({ auth: ada, request: asked }));
    rule.mockResolvedValue(false);
    expect(await refusalOf(quiet(ada).require(request(), owned))).toMatchObject({ code: 'check_refused' });
  });

  it('answers a missing authentication context, and scopes in full, as a tenant of Entra has them', async () => {
    const stepUp = await refusalOf(quiet(capable()).require(request(), allOf(read, authContext('c1'))));
    expect(stepUp).toMatchObject({ status: 401, code: 'step_up_required' });
    expect(quiet(ada).toHttp(stepUp).headers['WWW-Authenticate']).toContain(
      'authorization_uri="https://login.entra-guard.invalid/common/oauth2/authorize"',
    );
    const lacking = await refusalOf(quiet(ada).require(request(), scopes('Orders.Write')));
    expect(lacking).toMatchObject({
      enough: { scopes: ['api://7e577e57-7e57-4e57-8e57-000000000002/Orders.Write'] },
    });
  });

  const capable = () => testAuth({ kind: 'user', scopes: ['Orders.Read'], claims: { xms_cc: ['cp1'] } });

  it('goes by the clock it is given', async () => {
    const recent = allOf(read, signedInWithin('15m'));
    const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'], claims: { auth_time: NOW / 1000 - 60 } });
    expect(await quiet(auth, { now: () => NOW }).require(request(), recent)).toBe(auth);
    const late = quiet(auth, { now: () => NOW + 3_600_000 });
    expect(await refusalOf(late.require(request(), recent))).toMatchObject({ code: 'sign_in_too_old' });
    vi.useFakeTimers({ now: NOW });
    onTestFinished(() => void vi.useRealTimers());
    expect(await quiet(auth).require(request(), recent)).toBe(auth);
  });

  it('publishes each decision, and none of them holds what the request claimed', async () => {
    const seen = events();
    const bearing = request(`Bearer ${signed(userClaims())}`);
    await quiet(ada, { auditClaims: ['ver'] }).require(bearing, read, { handler: 'GET /orders' });
    await refusalOf(quiet(ada).require(request(), scopes('Orders.Write')));
    await refusalOf(quiet(null).require({ ...bearing }, read));
    expect(seen).toMatchObject([
      {
        outcome: 'allow',
        handler: 'GET /orders',
        requirement: read.toString(),
        who: { subjectKey: ada.subjectKey },
        token: { id: 'no-token' },
        claims: { ver: '2.0' },
      },
      { outcome: 'deny', code: 'scope_missing', who: { subjectKey: ada.subjectKey } },
      { outcome: 'deny', code: 'credentials_missing' },
    ]);
    expect(seen[2]).not.toHaveProperty('who');
    expect(seen[2]).not.toHaveProperty('claimed');
  });

  it('logs refusals to whom it is told, and explains itself if asked to', async () => {
    const entries: LogEntry[] = [];
    const guard = standInGuard(ada, { log: (entry) => entries.push(entry), explain: true });
    const refused = await refusalOf(guard.require(request(), scopes('Orders.Write'), { handler: 'list' }));
    expect(entries).toMatchObject([{ event: 'refused', code: 'scope_missing', handler: 'list' }]);
    expect(guard.toHttp(refused).body.hint).toBe(refused.hint);
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    await refusalOf(standInGuard(ada).require(request(), scopes('Orders.Write')));
    expect(warn).toHaveBeenCalled();
  });

  it('takes a caller from a validator, whichever copy of the package made it', async () => {
    const real = await createValidator(contoso()).validate(signed(userClaims()));
    expect(await quiet(real).authenticate(request())).toBe(real);
    vi.resetModules();
    const copy = await import('../../src/testing/index.js');
    const foreign = copy.testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    expect(foreign).not.toBeInstanceOf(AuthContext);
    expect(await quiet(foreign).require(request(), read)).toBe(foreign);
    expect(evaluate(read, foreign)).toEqual({ granted: true });
    await expect(authorize(read, foreign)).resolves.toBeUndefined();
    await expect(authorize(read, { ...foreign })).rejects.toThrow('a copy of a caller');
    await expect(authorize(read, Object.create(foreign))).rejects.toThrow('a copy of a caller');
  });

  it('is there where a test environment hides what Node has, as jsdom does', async () => {
    onTestFinished(() => void vi.unstubAllGlobals());
    const { setTimeout } = globalThis;
    vi.stubGlobal('TextDecoder', undefined);
    vi.stubGlobal('setTimeout', (...of: Parameters<typeof setTimeout>) => Number(setTimeout(...of)));
    vi.resetModules();
    const core = await import('../../src/index.js');
    const { standInGuard, testAuth } = await import('../../src/testing/index.js');
    const guard = standInGuard(testAuth({ kind: 'user', scopes: ['Orders.Read'] }), { log: false });
    const auth = await guard.require(request(), core.scopes('Orders.Read'));
    expect(structuredClone(auth.scopes)).toEqual(['Orders.Read']);
    const validator = core.createValidator({ ...contoso(), isRevoked: () => false });
    expect((await validator.validate(signed(userClaims()))).scopes.has('Orders.Read')).toBe(true);
  });

  it('waits for no timer, so that fake ones hold nothing up', async () => {
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance'] });
    const slow = allOf(
      read,
      check('own', async () => true),
    );
    const auth = await quiet(ada).require(request(), slow);
    await authorize(slow, auth);
    const validator = createValidator({ ...contoso(), isRevoked: async () => false });
    expect((await validator.validate(signed(userClaims()))).scopes).toContain('Orders.Read');
  });

  it('has a validator that is ready, needs no keys, and outlives what is closed', async () => {
    const guard = quiet(ada);
    const { validator } = guard;
    await validator.ready();
    expect(await validator.health()).toMatchObject({ status: 'up', parts: [] });
    await guard.close();
    expect(validator.state()).toEqual({ sources: [], keyIds: [], closed: false });
    expect(validator.snapshot()).toEqual({ version: 1, documents: [] });
    expect(await validator.authorizationServer()).toEqual({
      applicationIdUri: validator.applicationIdUri,
      authorizationUrl: expect.stringMatching(/^https:\/\/login\.entra-guard\.invalid\/.*\/authorize$/),
      tokenUrl: expect.stringMatching(/\/token$/),
    });
  });
});

describe('a stand-in is refused', () => {
  it('in production: when it is made, and at each request that it would decide about', async () => {
    const guard = quiet(ada);
    vi.stubEnv('NODE_ENV', 'production');
    const caller = { kind: 'production' };
    expect(configurationSentence(() => standInGuard(ada))).toMatch(/standInGuard.*"production"/);
    expect(configurationSentence(() => standInGuard(null))).toMatch(/standInGuard.*"production"/);
    expect(configurationSentence(() => standInCaller(`${caller.kind}(...)`, ada))).toMatch(/^production/);
    const refused = await refusalOf(guard.require(request(), read));
    expect(refused).toBeInstanceOf(ConfigurationError);
    expect(guard.toHttp(refused).status).toBe(500);
  });

  it.each<[string, unknown]>([
    ['a description', { kind: 'user', scopes: ['Orders.Read'] }],
    ['a copy', { ...ada }],
    ['a token', 'eyJ0eXAiOiJKV1QifQ'],
    ['true', true],
    ['false', false],
  ])('for %s in the place of a caller', async (_, caller) => {
    expect(configurationSentence(() => quiet(caller as AuthContext))).toMatch(
      /instead of a caller.*testAuth/,
    );
    const late = quiet((() => caller) as () => AuthContext);
    expect(await refusalOf(late.require(request(), read))).toBeInstanceOf(ConfigurationError);
  });

  it('for a function that gives a promise, which would have to be waited for', async () => {
    const guard = quiet((async () => ada) as never);
    expect((await refusalOf(guard.require(request(), read))).message).toMatch(
      /returns one of them without a promise/,
    );
  });

  it.each<[string, object, RegExp]>([
    ['an unknown setting', { tenantId: 'x' }, /setting of a stand-in called 'tenantId'/],
    ['a log that is none', { log: true }, /log is true/],
    ['a clock that is none', { now: 5 }, /now is 5/],
    ['claims that are not a list', { auditClaims: 'uti' }, /auditClaims/],
  ])('for %s', (_, settings, sentence) => {
    expect(configurationSentence(() => standInGuard(ada, settings as StandInSettings))).toMatch(sentence);
  });

  it('for what is not a requirement, like any guard', () => {
    expect(() => quiet(ada).declare('Orders.Read' as unknown as Grant)).toThrow(ConfigurationError);
  });
});
