import {
  type AuthContext,
  allOf,
  type CacheOptions,
  createGuard,
  createValidator,
  EntraGuardError,
  evaluate,
  scopes,
  signedInWithin,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  Answer,
  API,
  type Documents,
  documents,
  ISSUED,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  OTHER_TENANT,
  sharedPages,
  signed,
  TENANT,
  type TestKey,
  tenantPages,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../../test/support/forger.js';
import { outcomeOf } from '../../../../../test/support/outcome.js';
import { recall } from '../../../src/token/validator.js';

const verified = vi.hoisted(() => ({ signatures: 0 }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const verify = (...given: Parameters<typeof crypto.verify>) => {
    verified.signatures++;
    return crypto.verify(...given);
  };
  return { ...crypto, verify };
});

const METADATA = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const NEXT = makeKey('next');

let now: number;
let docs: Documents;

beforeEach(() => {
  now = NOW;
  docs = documents(tenantPages());
  verified.signatures = 0;
});

type Changes = Partial<Omit<ValidatorOptions, 'tenantId' | 'tenants' | 'authority'>>;

function create(changes: Changes = {}, of: object = { tenantId: TENANT }): Validator {
  const options = {
    clientId: API,
    fetch: docs.fetch,
    now: () => now,
    log: false as const,
    ...changes,
    ...of,
  };
  return createValidator(options as ValidatorOptions);
}

/** A token that lasts for two days, so that it does not end before what a test is about. */
function lasting(changes: Record<string, unknown> = {}, key: TestKey = KEY): string {
  return signed(userClaims({ exp: ISSUED + 172_800, ...changes }), {}, { key });
}

/** Comes twice: from now on it is remembered. */
async function settle(validator: Validator, token: string): Promise<AuthContext> {
  await validator.validate(token);
  return validator.validate(token);
}

/** Whether the token is still remembered: then nothing is made anew for it. */
async function isRemembered(validator: Validator, token: string, auth: AuthContext): Promise<boolean> {
  return (await validator.validate(token)) === auth;
}

const publish = (...keys: TestKey[]): void => {
  docs.pages.set(KEYS, { keys: keys.map(({ jwk }) => jwk) });
};

/** The keys are due; asks for them as the next request would, and waits for them. */
async function refreshKeys(validator: Validator): Promise<void> {
  now += HOUR;
  await validator.validate(lasting({ uti: 'another' })).catch(() => {});
  await validator.ready();
}

describe('a token that was verified', () => {
  it('is verified twice and then no more, and everybody who brings it gets the same caller', async () => {
    const validator = create();
    const token = lasting();
    const first = await validator.validate(token);
    const second = await validator.validate(token);
    expect(verified.signatures).toBe(2);
    const others = await Promise.all(Array.from({ length: 50 }, () => validator.validate(token)));
    expect(new Set(others)).toEqual(new Set([second]));
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(verified.signatures).toBe(2);
  });

  it('hands each caller a promise of their own, which others can neither see nor make lead elsewhere', async () => {
    const validator = create();
    const token = lasting();
    const auth = await settle(validator, token);
    const promises = Array.from({ length: 5 }, () => validator.validate(token));
    expect(new Set(promises).size).toBe(5);
    // What waits may write to the promise that it waits for, as async_hooks does.
    expect(promises.map((promise) => Object.isExtensible(promise))).toEqual([true, true, true, true, true]);
    const elsewhere = (resolve: (value: string) => void): void => resolve('Mallory');
    Object.assign(promises[0] as object, Object.fromEntries([['then', elsewhere]]));
    expect(await Promise.all(promises.slice(1))).toEqual([auth, auth, auth, auth]);
  });

  it('is verified at each use with cache: false', async () => {
    const validator = create({ cache: false });
    const token = lasting();
    for (let use = 0; use < 5; use++) await validator.validate(token);
    expect(verified.signatures).toBe(5);
  });

  it('is remembered by one validator and no other', async () => {
    const token = lasting();
    await settle(create(), token);
    await create().validate(token);
    expect(verified.signatures).toBe(3);
  });

  it.each([
    [
      'one character of its signature',
      (token: string) => token.replace(/.{20}$/, (end) => `${end[0] === 'A' ? 'B' : 'A'}${end.slice(1)}`),
    ],
    [
      'its claims',
      (token: string) =>
        token.replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify(userClaims({ scp: 'Orders.Admin' }))).toString('base64url')}.`,
        ),
    ],
    [
      'its header',
      (token: string) =>
        token.replace(
          /^[^.]+/,
          Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: KEY.kid })).toString('base64url'),
        ),
    ],
  ])('opens nothing for another that differs in %s', async (_, change) => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    const forged = change(token);
    expect(forged).not.toBe(token);
    expect(forged.slice(-12)).toBe(token.slice(-12));
    expect(await outcomeOf(validator, forged)).toBe('signature_invalid');
    expect(await outcomeOf(validator, `${token}.`)).toBe('token_malformed');
  });

  it.each<[string, CacheOptions]>([
    ['count', { maxEntries: 2 }],
    ['bytes', { maxBytes: 5000 }],
  ])('leaves by %s when it is the least recently used', async (_, cache) => {
    const validator = create({ cache });
    const [a, b, c] = [lasting({ uti: 'a' }), lasting({ uti: 'b' }), lasting({ uti: 'c' })];
    const auths = [await settle(validator, a), await settle(validator, b)];
    expect(await isRemembered(validator, a, auths[0] as AuthContext)).toBe(true);
    const auth = await settle(validator, c);
    expect(await isRemembered(validator, c, auth)).toBe(true);
    expect(await isRemembered(validator, a, auths[0] as AuthContext)).toBe(true);
    expect(await isRemembered(validator, b, auths[1] as AuthContext)).toBe(false);
  });
});

describe('at each use', () => {
  it('the time is judged: a token ends with its expiry and the tolerance', async () => {
    const validator = create({ clockTolerance: 30 });
    const token = signed(userClaims({ exp: ISSUED + 600 }));
    await settle(validator, token);
    now = (ISSUED + 630) * SECOND - 1;
    expect(await outcomeOf(validator, token)).toBe('accepted');
    now += 1;
    expect(await outcomeOf(validator, token)).toBe('token_expired');
  });

  it('the time is judged: a clock that was set back makes a token one of the future', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    now = (ISSUED - 61) * SECOND;
    expect(await outcomeOf(validator, token)).toBe('token_not_yet_valid');
  });

  it('a broken clock lets no request pass', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    now = Number.NaN;
    expect(await outcomeOf(validator, token)).toBe('hook_failed');
  });

  it("no authority's clock may be broken, whosever the token is", async () => {
    const common = { clientId: API, fetch: docs.fetch, log: false } as const;
    let other = NOW;
    const validator = createValidator([
      { ...common, tenantId: TENANT, now: () => now },
      { ...common, tenantId: OTHER_TENANT, now: () => other },
    ]);
    const token = lasting();
    const auth = await settle(validator, token);
    expect(await isRemembered(validator, token, auth)).toBe(true);
    other = Number.NaN;
    expect(await outcomeOf(validator, token)).toBe('hook_failed');
  });

  it('the requirement is judged, and what it asks of the time', async () => {
    const validator = create();
    const auth = await settle(validator, lasting({ auth_time: ISSUED }));
    const recent = allOf(scopes('Orders.Read'), signedInWithin('15m'));
    expect(evaluate(scopes('Orders.Write'), auth)).toMatchObject({ granted: false });
    expect(evaluate(recent, auth, { now })).toEqual({ granted: true });
    expect(evaluate(recent, auth, { now: now + HOUR })).toMatchObject({ code: 'sign_in_too_old' });
  });

  it('revocation is asked, and a revoked token is forgotten', async () => {
    let revoked = false;
    const asked: AuthContext[] = [];
    const isRevoked = (auth: AuthContext): boolean => {
      asked.push(auth);
      return revoked;
    };
    const validator = create({ isRevoked });
    const token = lasting();
    const auth = await settle(validator, token);
    await validator.validate(token);
    expect(asked).toHaveLength(3);
    revoked = true;
    expect(await outcomeOf(validator, token)).toBe('token_revoked');
    revoked = false;
    expect(await isRemembered(validator, token, auth)).toBe(false);
    expect(asked).toHaveLength(5);
  });

  it('a revocation that fails lets no request pass', async () => {
    let fails = false;
    const isRevoked = (): boolean => {
      if (fails) throw new Error('the database is down');
      return false;
    };
    const validator = create({ isRevoked });
    const token = lasting();
    await settle(validator, token);
    fails = true;
    expect(await outcomeOf(validator, token)).toBe('hook_failed');
  });

  it("the tenants function's answer counts, as long as such answers are remembered", async () => {
    docs = documents(sharedPages());
    let accepted = true;
    const validator = create({}, { tenants: () => accepted });
    const token = lasting();
    const auth = await settle(validator, token);
    accepted = false;
    now += 59 * SECOND;
    expect(await isRemembered(validator, token, auth)).toBe(true);
    now += SECOND;
    expect(await outcomeOf(validator, token)).toBe('tenant_not_accepted');
    accepted = true;
    now += 60 * SECOND;
    expect(await isRemembered(validator, token, auth)).toBe(false);
  });

  it('a closed validator accepts nothing', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    validator.close();
    expect(await outcomeOf(validator, token)).toBe('keys_unavailable');
    await expect(validator.validate(token)).rejects.toThrow('The validator was closed');
  });
});

describe('the key that verified it', () => {
  it('may be read again each hour: no signature is verified anew', async () => {
    const validator = create();
    const tokens = Array.from({ length: 20 }, (_, index) => lasting({ uti: `token-${index}` }));
    for (const token of tokens) await settle(validator, token);
    await refreshKeys(validator);
    verified.signatures = 0;
    for (const token of tokens) await settle(validator, token);
    expect(verified.signatures).toBe(0);
  });

  it('is told by its material, not by its ID: one that was replaced ends the token at once', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    publish({ ...NEXT, kid: KEY.kid, jwk: { ...NEXT.jwk, kid: KEY.kid } });
    await refreshKeys(validator);
    expect(await outcomeOf(validator, token)).toBe('signature_invalid');
  });

  it('when it is published no more, the token ends at once', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    publish(NEXT);
    await refreshKeys(validator);
    expect(await outcomeOf(validator, token)).toBe('signing_key_not_found');
  });

  it('is forgotten with the token: when it comes back, the signature is verified anew', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    publish(NEXT);
    await refreshKeys(validator);
    expect(await outcomeOf(validator, token)).not.toBe('accepted');
    publish(NEXT, KEY);
    await refreshKeys(validator);
    verified.signatures = 0;
    expect(await outcomeOf(validator, token)).toBe('accepted');
    expect(verified.signatures).toBe(1);
  });

  it('must serve the issuer still', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    docs.pages.set(KEYS, { keys: [{ ...KEY.jwk, issuer: v2Issuer(OTHER_TENANT) }] });
    await refreshKeys(validator);
    expect(await outcomeOf(validator, token)).toBe('signing_key_not_found');
  });

  it('must be meant for the algorithm still', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    docs.pages.set(KEYS, { keys: [{ ...KEY.jwk, alg: 'PS256' }] });
    await refreshKeys(validator);
    expect(await outcomeOf(validator, token)).toBe('signing_key_not_found');
  });

  it('is too old at the hard age: 503, and never a remembered 200', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    for (const url of [METADATA, KEYS])
      docs.pages.set(url, new Answer(() => new Response('', { status: 503 })));
    now += 24 * HOUR - 1;
    expect(await outcomeOf(validator, token)).toBe('accepted');
    now += 1;
    expect(await outcomeOf(validator, token)).toBe('keys_unavailable');
  });

  it('is refreshed in the background, though no new token comes', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    docs.asked.length = 0;
    now += HOUR - 1;
    await validator.validate(token);
    expect(docs.asked).toEqual([]);
    now += 1;
    await validator.validate(token);
    expect(docs.asked).toEqual([METADATA, KEYS]);
  });

  it('and the issuer must be stated by the metadata still', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    docs.pages.set(METADATA, { issuer: `https://login.windows.net/${TENANT}/v2.0`, jwks_uri: KEYS });
    await refreshKeys(validator);
    expect(await outcomeOf(validator, token)).toBe('issuer_not_accepted');
  });
});

describe('maxAge', () => {
  it('is the longest time for which a signature is not verified anew, in seconds, refreshes or not', async () => {
    const validator = create({ cache: { maxAge: 7000 } });
    const token = lasting();
    await settle(validator, token);
    await refreshKeys(validator);
    now = NOW + 7000 * SECOND - 1;
    verified.signatures = 0;
    await settle(validator, token);
    expect(verified.signatures).toBe(0);
    now += 1;
    await settle(validator, token);
    expect(verified.signatures).toBe(1);
    now += 7000 * SECOND - 1;
    await validator.validate(token);
    expect(verified.signatures).toBe(1);
  });

  it('is not made longer by a clock that is set back', async () => {
    const validator = create();
    const token = lasting();
    await settle(validator, token);
    now -= SECOND;
    verified.signatures = 0;
    await validator.validate(token);
    expect(verified.signatures).toBe(1);
  });
});

describe('a remembered token', () => {
  it('is remembered again after it was judged anew, though its mark is long gone', async () => {
    const validator = create({ cache: { maxEntries: 1, maxAge: 7000 } });
    const token = lasting();
    await settle(validator, token);
    for (let other = 0; other < 3; other++) await validator.validate(lasting({ uti: `other-${other}` }));
    now += 7000 * SECOND;
    const auth = await validator.validate(token);
    expect(await isRemembered(validator, token, auth)).toBe(true);
  });

  it('makes no room for others while the tolerance lets it pass', async () => {
    const validator = create({ clockTolerance: 300 });
    const token = signed(userClaims({ exp: ISSUED + 3600 }));
    const auth = await settle(validator, token);
    now = (ISSUED + 3700) * SECOND;
    await settle(validator, lasting({ uti: 'another' }));
    const before = verified.signatures;
    expect(await validator.validate(token)).toEqual(auth);
    expect(verified.signatures).toBe(before);
  });
});

describe('the caller of a remembered token, without a promise', () => {
  it('is there while nothing has changed, and not after the token has expired', async () => {
    const validator = create();
    const token = signed(userClaims({ exp: ISSUED + 3600 }));
    expect(recall(validator, token)).toBeUndefined();
    const auth = await settle(validator, token);
    expect(recall(validator, token)).toBe(auth);
    now = (ISSUED + 3700) * SECOND;
    expect(recall(validator, token)).toBeUndefined();
    await expect(validator.validate(token)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('is not there where the application is asked at each use, nor once the validator is closed', async () => {
    const asking = create({ isRevoked: () => false });
    const plain = create();
    const token = lasting();
    await settle(asking, token);
    await settle(plain, token);
    expect(recall(asking, token)).toBeUndefined();
    expect(recall(plain, token)).toBeDefined();
    plain.close();
    expect(recall(plain, token)).toBeUndefined();
  });
});

describe('claims in text with escapes', () => {
  it('are looked at more closely, and pass where they are fit', async () => {
    const auth = await create().validate(lasting({ name: 'Ada\u0007' }));
    expect(auth.claims.name).toBe('Ada\u0007');
  });

  it('are refused where they are not, before the signature is verified', async () => {
    const refused = { code: 'token_malformed', verified: false };
    await expect(create().validate(lasting({ name: 'Ada\ud800' }))).rejects.toMatchObject(refused);
    expect(verified.signatures).toBe(0);
  });
});

describe('of a refused token nothing is remembered', () => {
  it.each<[string, () => { token: string; changes?: Changes }]>([
    ['a forged one', () => ({ token: `${lasting().slice(0, -20)}${'A'.repeat(20)}` })],
    ['one that was revoked', () => ({ token: lasting(), changes: { isRevoked: () => true } })],
    ['one for another API', () => ({ token: lasting({ aud: OTHER_TENANT }) })],
  ])('%s', async (_, make) => {
    const { token, changes } = make();
    const validator = create(changes);
    const codes = [];
    for (let use = 0; use < 4; use++) codes.push(await outcomeOf(validator, token));
    expect(new Set(codes).size).toBe(1);
    expect(codes[0]).not.toBe('accepted');
    expect(verified.signatures % 4).toBe(0);
  });
});

describe('several authorities', () => {
  const common = (): object => ({ clientId: API, fetch: docs.fetch, now: () => now, log: false });
  const both = (first: object, second: object): Validator =>
    createValidator([
      { ...common(), tenantId: TENANT, ...first },
      { ...common(), tenantId: TENANT, ...second },
    ] as ValidatorOptions[]);

  it('each has a memory of its own', async () => {
    docs = documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) });
    const validator = both({ cache: false }, { tenantId: OTHER_TENANT });
    const forgotten = lasting();
    const remembered = lasting({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT });
    for (const token of [forgotten, remembered]) await settle(validator, token);
    verified.signatures = 0;
    await validator.validate(remembered);
    expect(verified.signatures).toBe(0);
    await validator.validate(forgotten);
    expect(verified.signatures).toBe(1);
  });

  it('two that turn out to own one token are told of, also after one has accepted it', async () => {
    const own = documents(tenantPages());
    const validator = both({ tenantId: 'contoso.com', isRevoked: () => true }, { fetch: own.fetch });
    const token = lasting();
    await settle(validator, token);
    // The first is down: it does not answer for the other.
    expect(await outcomeOf(validator, token)).toBe('accepted');
    const { [METADATA]: page } = tenantPages();
    docs.pages.set(METADATA.replace(TENANT, 'contoso.com'), page);
    now += 60 * SECOND;
    expect(await outcomeOf(validator, token)).toBe('configuration_invalid');
    expect(await outcomeOf(validator, token)).toBe('configuration_invalid');
  });
});

it('the guard challenges the caller of a remembered token like any other', async () => {
  const guard = createGuard({ validator: create() });
  const request = () => ({ headers: { authorization: `Bearer ${token}` } });
  const token = lasting();
  const refusals = [];
  for (let use = 0; use < 3; use++) {
    refusals.push(
      await guard.require(request(), scopes('Orders.Write')).catch((error: unknown) => guard.toHttp(error)),
    );
  }
  expect(EntraGuardError.is(refusals[0])).toBe(false);
  expect(refusals[2]).toEqual(refusals[0]);
  expect(JSON.stringify(refusals[2])).toContain(`api://${API}/Orders.Write`);
});
