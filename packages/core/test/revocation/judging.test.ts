import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  ADA,
  API,
  appClaims,
  fetchFromMemory,
  forged,
  ISSUED,
  type Json,
  NOW,
  OTHER_API,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import { parsedBySample } from '../../../../test/support/microsoft-sample.js';
import { outcomeOf } from '../../../../test/support/outcome.js';
import {
  createGuard,
  createValidator,
  type DecisionEvent,
  entryLine,
  type GuardOptions,
  type LogEntry,
  memoryRevocations,
  onEvent,
  type Revocations,
  scopes,
  toHttp,
  UnavailableError,
  type Validator,
  type ValidatorOptions,
} from '../../src/index.js';
import { createMigrationGuard } from '../../src/migration.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const because = 'left the company, HR-1234';
const ada = { user: ADA, tenantId: TENANT } as const;
const read = scopes('Orders.Read');
const token = signed(userClaims());
const bearing = (text = token) => ({ headers: { authorization: `Bearer ${text}` } });
const store = (options: object = {}) => memoryRevocations({ now: () => NOW, ...options });

/** A store that the application has written. */
const ownStore = (members: object): Revocations => {
  const store = {
    ...{ longestToken: 100_800, shared: true },
    find: () => undefined,
    revoke: () => Promise.reject(new Error('not here')),
    lift: () => Promise.reject(new Error('not here')),
    list: () => [],
    onChange: () => () => {},
    ready: async () => {},
    health: () => ({ part: 'revocations', status: 'up', message: 'fine' }) as const,
    close: async () => {},
  };
  return Object.defineProperties(store, Object.getOwnPropertyDescriptors(members));
};

function validating(revocations: Revocations, changes: Partial<ValidatorOptions> = {}): Validator {
  const validator = createValidator({ ...contoso(), ...changes } as ValidatorOptions, { revocations });
  onTestFinished(() => validator.close());
  return validator;
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('a validator with revocations', () => {
  it('refuses a revoked caller at once, and accepts her again once the record is lifted', async () => {
    const revocations = store();
    const validator = validating(revocations);
    // Also once the token is cached.
    for (let use = 0; use < 3; use++) expect(await outcomeOf(validator, token)).toBe('accepted');
    const { id } = await revocations.revoke(ada, { because });
    for (let use = 0; use < 2; use++) expect(await outcomeOf(validator, token)).toBe('token_revoked');
    expect(await outcomeOf(validator, signed(appClaims()))).toBe('accepted');
    await revocations.lift(id, { because });
    expect(await outcomeOf(validator, token)).toBe('accepted');
  });

  it('judges only verified tokens', async () => {
    const find = vi.fn(() => undefined);
    const validator = validating(ownStore({ find }));
    expect(await outcomeOf(validator, forged(userClaims()))).toBe('signature_invalid');
    expect(find).not.toHaveBeenCalled();
  });

  it('looks a cached token up once for each version', async () => {
    const revocations = store();
    const find = vi.spyOn(revocations, 'find');
    const guard = createGuard({ ...contoso(), revocations });
    onTestFinished(() => guard.close());
    for (let use = 0; use < 5; use++) await guard.require(bearing(), read);
    const before = find.mock.calls.length;
    expect(before).toBeLessThanOrEqual(2);
    for (let use = 0; use < 5; use++) await guard.require(bearing(), read);
    expect(find).toHaveBeenCalledTimes(before);
    await revocations.revoke({ tenant: API }, { because });
    for (let use = 0; use < 5; use++) await guard.require(bearing(), read);
    expect(find).toHaveBeenCalledTimes(before + 1);
  });

  it('looks every use up in a store that has no version, or has none at the moment', async () => {
    for (const version of [undefined, Number.NaN]) {
      const find = vi.fn(() => undefined);
      const validator = validating(ownStore({ find, ...(version === undefined ? {} : { version }) }));
      for (let use = 0; use < 4; use++) await validator.validate(token);
      expect(find).toHaveBeenCalledTimes(4);
    }
  });

  it.each<[string, object]>([
    [
      'throws',
      {
        find: () => {
          throw new Error('own store');
        },
      },
    ],
    ['gives a promise', { find: async () => undefined }],
    ['gives a promise that rejects', { find: () => Promise.reject(new Error('own store')) }],
    ['gives null', { find: () => null }],
    ['gives false', { find: () => false }],
    ['gives text', { find: () => 'not-revoked' }],
    ['gives an object without an ID', { find: () => ({}) }],
    [
      'has a version that throws, and throws',
      {
        get version() {
          throw new Error('own store');
        },
        find: () => {
          throw new Error('own store');
        },
      },
    ],
  ])('a store that %s is a 503, and never lets in', async (_, members) => {
    const validator = validating(ownStore(members));
    const error = await refusalOf(validator.validate(token));
    expect(error).toMatchObject({
      status: 503,
      code: 'revocations_unavailable',
      part: 'revocations',
      retryAfter: 5,
    });
    expect(error.message).not.toContain('not-revoked');
  });

  it('hands on what a store says of when to try again', async () => {
    const stale = new UnavailableError({
      part: 'revocations',
      message: 'Stale.',
      hint: 'Look.',
      retryAfter: 17,
    });
    const validator = validating(
      ownStore({
        find: () => {
          throw stale;
        },
      }),
    );
    expect(await refusalOf(validator.validate(token))).toBe(stale);
  });

  it('becomes unavailable for a cached token as soon as its store has no version', async () => {
    let stale = false;
    const revocations = ownStore({
      get version() {
        return stale ? undefined : 1;
      },
      find: () => {
        if (stale) throw new Error('own store');
      },
    });
    const guard = createGuard({ ...contoso(), revocations });
    for (let use = 0; use < 3; use++) await guard.require(bearing(), read);
    stale = true;
    expect(await refusalOf(guard.require(bearing(), read))).toMatchObject({
      code: 'revocations_unavailable',
    });
    stale = false;
    await guard.require(bearing(), read);
  });

  it('asks before the functions of the application, and again after a record came while they took their time', async () => {
    const revocations = store();
    let answer: (revoked: boolean) => void = () => {};
    const isRevoked = vi.fn(
      () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
    );
    const validator = validating(revocations, { isRevoked });
    const outcome = outcomeOf(validator, token);
    await vi.waitFor(() => expect(isRevoked).toHaveBeenCalledTimes(1));
    await revocations.revoke(ada, { because });
    answer(false);
    expect(await outcome).toBe('token_revoked');
    expect(await outcomeOf(validator, token)).toBe('token_revoked');
    expect(isRevoked).toHaveBeenCalledTimes(1);
  });

  it('looks a cached token up once for each version, with functions of the application, too', async () => {
    const revocations = store();
    const find = vi.spyOn(revocations, 'find');
    const validator = validating(revocations, { isRevoked: () => false });
    for (let use = 0; use < 3; use++) await validator.validate(token);
    const before = find.mock.calls.length;
    for (let use = 0; use < 3; use++) await validator.validate(token);
    expect(find).toHaveBeenCalledTimes(before);
  });
});

describe('the lifetime of tokens is enforced, so that no token outlives a record', () => {
  it.each<[string, Json, object, string]>([
    ['28 hours and what Entra dates back', { iat: ISSUED, exp: ISSUED + 101_100 }, {}, 'accepted'],
    ['a second more', { iat: ISSUED, exp: ISSUED + 101_101 }, {}, 'token_lifetime_not_accepted'],
    ['by nbf, without iat', { iat: undefined, exp: ISSUED + 101_101 }, {}, 'token_lifetime_not_accepted'],
    ['by nbf, within', { iat: undefined, exp: ISSUED + 101_100 }, {}, 'accepted'],
    ['neither', { iat: undefined, nbf: undefined }, {}, 'token_lifetime_not_accepted'],
    ['two hours', { exp: ISSUED + 7500 }, { longestToken: '2h' }, 'accepted'],
    ['two hours and a second', { exp: ISSUED + 7501 }, { longestToken: '2h' }, 'token_lifetime_not_accepted'],
  ])('%s', async (_, claims, options, outcome) => {
    const validator = validating(store(options));
    expect(await outcomeOf(validator, signed(userClaims(claims)))).toBe(outcome);
    // Without revocations, lifetimes are Entra's business.
    expect(await outcomeOf(createValidator(contoso()), signed(userClaims(claims)))).toBe('accepted');
  });

  it('says what was found and what to change', async () => {
    const error = await refusalOf(validating(store({ longestToken: 3000 })).validate(token));
    expect(error).toMatchObject({ found: '3900 s', verified: true, status: 401 });
    expect(error.hint).toContain('Raise longestToken');
    const neither = signed(userClaims({ iat: undefined, nbf: undefined }));
    expect(await refusalOf(validating(store()).validate(neither))).toMatchObject({
      found: 'neither iat nor nbf',
    });
  });
});

describe('every part that has the revocations judges by them', () => {
  const other = (): ValidatorOptions => contoso({ clientId: OTHER_API });
  it.each<[string, (revocations: Revocations) => GuardOptions]>([
    ['next to the options of one authority', (revocations) => ({ ...contoso(), revocations })],
    ['next to `authorities`', (revocations) => ({ authorities: [contoso(), other()], revocations })],
    [
      'inside all of several, the very same',
      (revocations) =>
        ({
          authorities: [
            { ...contoso(), revocations },
            { ...other(), revocations },
          ],
        }) as GuardOptions,
    ],
    [
      'next to a validator without',
      (revocations) => ({ validator: createValidator(contoso()), revocations }),
    ],
    [
      'next to a validator with others',
      (revocations) => ({ validator: createValidator(contoso(), { revocations: store() }), revocations }),
    ],
    ['in a validator', (revocations) => ({ validator: createValidator(contoso(), { revocations }) })],
    [
      'next to a validator of another maker',
      (revocations) => {
        const own = createValidator(contoso());
        return {
          validator: { ...own, validate: (text: string) => own.validate(text), close() {} } as Validator,
          revocations,
        };
      },
    ],
  ])('given %s', async (_, options) => {
    const revocations = store();
    const guard = createGuard(options(revocations));
    expect(guard.revocations).toBe(revocations);
    for (let use = 0; use < 3; use++) await guard.require(bearing(), read);
    await revocations.revoke(ada, { because });
    expect(await refusalOf(guard.require(bearing(), read))).toMatchObject({ code: 'token_revoked' });
    expect(await refusalOf(guard.authenticate(bearing(), { optional: true }))).toMatchObject({
      code: 'token_revoked',
    });
  });

  it('a guard of a migration', async () => {
    const revocations = store();
    const guard = createMigrationGuard(contoso(), {}, { revocations });
    await revocations.revoke(ada, { because });
    expect(await refusalOf(guard.require(bearing(), read))).toMatchObject({ code: 'token_revoked' });
    await expect(guard.validator.validate(token)).rejects.toMatchObject({ code: 'token_revoked' });
  });

  it('a guard of stand-ins, whose callers have no lifetime', async () => {
    const revocations = store();
    const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
    const guard = standInGuard(auth, { revocations, log: false });
    await guard.require({ headers: {} }, read);
    await revocations.revoke({ user: auth.objectId as string, tenantId: auth.tenantId }, { because });
    expect(await refusalOf(guard.require({ headers: {} }, read))).toMatchObject({ code: 'token_revoked' });
  });

  it('the lifetime is judged by a guard, too, where its validator does not', async () => {
    const guard = createGuard({
      validator: createValidator(contoso()),
      revocations: store({ longestToken: 3000 }),
    });
    expect(await refusalOf(guard.require(bearing(), read))).toMatchObject({
      code: 'token_lifetime_not_accepted',
    });
  });

  it('other revocations inside some or each of several authorities are refused', () => {
    for (const [one, two] of [
      [store(), store()],
      [store(), undefined],
    ]) {
      const authorities = [
        { ...contoso(), revocations: one },
        { ...other(), ...(two ? { revocations: two } : {}) },
      ];
      expect(configurationSentence(() => createGuard({ authorities } as GuardOptions))).toContain(
        'Authority 1 has revocations, which is not an option of one authority',
      );
    }
  });

  it.each<[unknown, string]>([
    [null, 'revocations is null without the method find. Pass a store: memoryRevocations()'],
    ['redis', 'revocations is redis without the method find.'],
    [{ find: () => undefined }, 'without the method onChange'],
    [ownStore({ longestToken: undefined }), 'longestToken of the revocations is undefined.'],
    [ownStore({ longestToken: Number.POSITIVE_INFINITY }), 'longestToken of the revocations is Infinity.'],
    [ownStore({ longestToken: 0 }), 'longestToken of the revocations is 0.'],
  ])('what is not a store is refused: %o', (given, sentence) => {
    const revocations = given as Revocations;
    expect(configurationSentence(() => createValidator(contoso(), { revocations }))).toContain(sentence);
    const validator = createValidator(contoso());
    expect(configurationSentence(() => createGuard({ validator, revocations }))).toContain(sentence);
  });
});

describe('the answer', () => {
  const challenged = async (claims: object, change: object, now: number, options: object = {}) => {
    const revocations = store(options);
    await revocations.revoke(ada, { because, source: 'hr-feed', ...change });
    const validator = validating(revocations, { now: () => now, fetch: fetchFromMemory });
    return toHttp(await refusalOf(validator.validate(signed(userClaims({ xms_cc: ['CP1'], ...claims })))), {
      explain: true,
    });
  };
  const cutoff = ISSUED * 1000 + 400;
  const fresh = (ISSUED + 1 + 360) * 1000;

  it('asks for a fresh token as soon as that would be accepted', async () => {
    const { status, headers, body } = await challenged({}, { issuedBefore: cutoff }, fresh);
    expect([status, body.code]).toEqual([401, 'token_revoked']);
    const header = headers['WWW-Authenticate'] ?? '';
    expect(header).toBe(
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzkwMDAwMDAyIn19fQ=="',
    );
    expect(parsedBySample(header)).toEqual({
      realm: '',
      authorization_uri: 'https://login.microsoftonline.com/common/oauth2/authorize',
      error: 'insufficient_claims',
      claims: expect.any(String) as string,
    });
    expect(JSON.parse(atob(parsedBySample(header).claims ?? ''))).toEqual({
      access_token: { nbf: { essential: true, value: String(ISSUED + 2) } },
    });
  });

  it.each<[string, object, object, number, object]>([
    ['a millisecond earlier', {}, { issuedBefore: cutoff }, fresh - 1, {}],
    ['a margin later', {}, { issuedBefore: cutoff }, fresh, { margin: 1 }],
    ['of a ban', {}, {}, fresh, {}],
    ['of a client that can not', { xms_cc: ['other'] }, { issuedBefore: cutoff }, fresh, {}],
    ['of a client that does not say', { xms_cc: undefined }, { issuedBefore: cutoff }, fresh, {}],
  ])('is a plain refusal %s', async (_, claims, change, now, options) => {
    const { headers } = await challenged(claims, change, now, options);
    expect(headers['WWW-Authenticate']).toBe(
      'Bearer realm="", error="invalid_token", error_description="The access token has been revoked."',
    );
  });

  it('asks a margin later for a token that is a margin younger', async () => {
    const { headers } = await challenged({}, { issuedBefore: cutoff }, fresh + 1000, { margin: 1 });
    const { claims = '' } = parsedBySample(headers['WWW-Authenticate'] ?? '');
    expect(atob(claims)).toContain(`"${ISSUED + 3}"`);
  });

  it('never tells the record, its reason or its source, even if it explains', async () => {
    const texts = [await challenged({}, {}, NOW), await challenged({}, { issuedBefore: cutoff }, fresh)];
    for (const text of texts.map((answer) => JSON.stringify(answer))) {
      expect(text).not.toMatch(/HR-1234|hr-feed|left the company/);
      expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
      expect(text).toContain('explanation');
    }
  });

  it('is plain for a caller whom no validator has made', async () => {
    const revocations = store();
    const auth = testAuth({ kind: 'user', scopes: ['Orders.Read'], claims: { xms_cc: ['cp1'] } });
    await revocations.revoke('everyone', { because, issuedBefore: NOW });
    const guard = standInGuard(auth, { revocations, log: false, now: () => NOW + 86_400_000 });
    expect(guard.toHttp(await refusalOf(guard.authenticate({ headers: {} }))).headers).toMatchObject({
      'WWW-Authenticate': expect.stringContaining('insufficient_claims') as string,
    });
  });
});

describe('for the operator', () => {
  it('event and log tell the record, with the caller', async () => {
    const revocations = store();
    const log: LogEntry[] = [];
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    const guard = createGuard({ ...contoso({ log: (entry) => log.push(entry) }), revocations });
    const { id } = await revocations.revoke(ada, { because: `${because}\n`, source: 'hr-feed' });
    await refusalOf(guard.require(bearing(), read));
    const facts = { id, because: `${because}\n`, source: 'hr-feed' };
    expect(events).toMatchObject([
      { code: 'token_revoked', who: { objectId: ADA }, revocation: { ...facts, target: ada } },
    ]);
    expect(log).toMatchObject([
      {
        code: 'token_revoked',
        who: { tenantId: TENANT },
        revocation: { ...facts, because: `${because}\\u000a` },
      },
    ]);
    expect(entryLine(log[0] as LogEntry)).toContain(`revocation: ${id} (${because}\\u000a), source: hr-feed`);
  });

  it('without a source, and without anything for another refusal', async () => {
    const revocations = store();
    const log: LogEntry[] = [];
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    const guard = createGuard({ ...contoso({ log: (entry) => log.push(entry) }), revocations });
    await refusalOf(guard.require(bearing(), scopes('Orders.Write')));
    const { id } = await revocations.revoke({ tenant: TENANT }, { because });
    await refusalOf(guard.require(bearing(), read));
    expect(events.map(({ revocation }) => revocation)).toEqual([
      undefined,
      { id, because, target: { tenant: TENANT } },
    ]);
    expect(log.map(({ revocation }) => revocation)).toEqual([undefined, { id, because }]);
    expect(entryLine(log[1] as LogEntry)).toContain(`revocation: ${id} (${because})`);
  });

  it('health says how full the store is, and what a store of the application says', async () => {
    const guard = createGuard({ ...contoso(), revocations: store({ maxEntries: 1 }) });
    expect(await guard.health()).toMatchObject({
      status: 'up',
      message: 'Signing keys are loaded and fresh.',
    });
    await guard.revocations?.revoke(ada, { because });
    const health = await guard.health();
    expect(health).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('1 of at most 1') as string,
    });
    expect(health.parts.filter(({ part }) => part === 'revocations')).toMatchObject([
      { shared: false, entries: 1, unreadable: 0, staleMs: 0 },
    ]);
  });

  it.each<[string, object, string]>([
    ['is down', { health: () => ({ part: 'revocations', status: 'down', message: 'Stale.' }) }, 'Stale.'],
    [
      'throws',
      {
        health: () => {
          throw new Error('own store');
        },
      },
      'do not tell their health',
    ],
    ['gives nothing', { health: () => undefined }, 'do not tell their health'],
    ['gives another word', { health: () => ({ status: 'fine' }) }, 'do not tell their health'],
  ])('health of a store that %s is down', async (_, members, message) => {
    for (const options of [
      { ...contoso(), revocations: ownStore(members) },
      { validator: createValidator(contoso()), revocations: ownStore(members) },
    ]) {
      const health = await createGuard(options).health();
      expect(health).toMatchObject({ status: 'down', message: expect.stringContaining(message) as string });
    }
  });

  it('health is no better than that of the keys', async () => {
    const revocations = ownStore({
      health: () => ({ part: 'revocations', status: 'degraded', message: 'Soon.' }),
    });
    const guard = createGuard({
      ...contoso({ fetch: () => Promise.reject(new Error('no network')) }),
      revocations,
    });
    expect(await guard.health()).toMatchObject({
      status: 'down',
      message: expect.stringMatching(/keys can't be read.* Soon\.$/) as string,
    });
  });

  it('ready waits for the store, and close ends it, whatever it says', async () => {
    const calls: string[] = [];
    const revocations = ownStore({
      ready: async () => void calls.push('ready'),
      close: async () => void calls.push('close'),
    });
    const guard = createGuard({ ...contoso(), revocations });
    await guard.ready();
    await guard.close();
    expect(calls.slice(0, 2)).toContain('ready');
    expect(calls).toContain('close');
    const failing = validating(ownStore({ close: () => Promise.reject(new Error('own store')) }));
    failing.close();
    const late = createGuard({
      ...contoso(),
      revocations: ownStore({ ready: () => Promise.reject(new Error('late')) }),
    });
    await expect(late.ready()).rejects.toThrow('late');
  });

  it.each<[string, object, number]>([
    ['in memory', {}, 1],
    ['of one process', { oneProcess: true }, 0],
    ['that are shared', { shared: true }, 0],
  ])('in production, revocations %s are warned of %o times', async (_, members, times) => {
    vi.stubEnv('NODE_ENV', 'production');
    const log: LogEntry[] = [];
    const revocations = ownStore({ shared: false, ...members });
    const options = contoso({ log: (entry) => log.push(entry) });
    createGuard({ ...options, revocations });
    createGuard({ ...options, revocations });
    createGuard({ validator: createValidator(options), revocations });
    expect(log.filter(({ event }) => event === 'configuration')).toHaveLength(times);
    if (times > 0) expect(log[0]?.message).toContain('others go on accepting');
  });

  it('a guard that adds revocations to a validator warns, too; by default on the console', () => {
    vi.stubEnv('NODE_ENV', 'production');
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { log: _, ...options } = contoso();
    createGuard({ validator: createValidator(options), revocations: memoryRevocations() });
    createGuard({ ...options, revocations: memoryRevocations() });
    vi.stubEnv('NODE_ENV', 'test');
    createGuard({ ...options, revocations: memoryRevocations() });
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
