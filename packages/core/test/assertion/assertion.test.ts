import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, appClaims, type Json, NOW, signed, userClaims } from '../../../../test/support/forger.js';
import { assertionValidator } from '../../src/assertion/assertion-validator.js';
import { parseVerifyingKeys, VERIFYING_KEYS } from '../../src/assertion/verifying-keys.js';
import { type AssertionSigner, assertionSigner } from '../../src/assertion.js';
import { callerTokenOf } from '../../src/downstream.js';
import {
  type AcceptedAssertions,
  type AuthContext,
  allOf,
  anonymous,
  authContext,
  authenticated,
  createGuard,
  createValidator,
  type DecisionEvent,
  evaluate,
  type Grant,
  type Guard,
  type GuardOptions,
  inGroups,
  keyRing,
  memoryRevocations,
  noAgents,
  onEvent,
  openCaller,
  scopes,
  sealCaller,
  userRoles,
} from '../../src/index.js';
import { resolveAssertion } from '../../src/options/assertion.js';
import { user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const GATE = 'https://gate.contoso.example';
const SECONDS = Math.floor(NOW / 1000);
const read = scopes('Orders.Read');
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const to = { audience: 'orders', rule: 'GET /orders/{id}' };

const front = createGuard(contoso());
const callerOf = (claims: Json = {}, make = userClaims): Promise<AuthContext> =>
  front.authenticate({
    headers: { authorization: `Bearer ${signed(make({ scp: 'Orders.Read', ...claims }))}` },
  });

function signing(
  changes: { now?: () => number; issuer?: string; claims?: string[]; keys?: KeyObject[] } = {},
) {
  return assertionSigner({ issuer: GATE, keys: [key], now: () => NOW, ...changes });
}
const signer: AssertionSigner = signing();
const jwks = signer.jwks.keys as NonNullable<AcceptedAssertions['keys']>;

function behind(changes: object = {}, now: () => number = () => NOW): Guard {
  const guard = createGuard({
    assertion: { issuer: GATE, audience: 'orders', keys: jwks },
    now,
    log: false,
    ...changes,
  } as GuardOptions);
  onTestFinished(() => guard.close());
  return guard;
}

const bringing = (assertion: string, further: Record<string, string> = {}) => ({
  headers: { 'x-entra-assertion': assertion, ...further },
});

const codeOf = async (promise: Promise<unknown>): Promise<string> => (await refusalOf(promise)).code;

describe('behind the service a caller is who it was in front', () => {
  it.each<[string, Json, typeof userClaims]>([
    ['a user', {}, userClaims],
    [
      'a user with roles, contexts and agents',
      { roles: ['A', 'B'], acrs: ['C1'], xms_act_fct: '11', xms_sub_fct: '1', xms_par_app_azp: ADA },
      userClaims,
    ],
    ['a guest', { acct: 1, auth_time: SECONDS - 60, sid: 'S', xms_cc: ['cp1'] }, userClaims],
    ['a member of groups', { groups: [ADA] }, userClaims],
    ['a member of too many', { hasgroups: true }, userClaims],
    ['a daemon', { scp: undefined, roles: ['Orders.Read.All'] }, appClaims],
  ])('%s', async (_, claims, make) => {
    const auth = await callerOf(claims, make);
    const seen = await behind().authenticate(bringing(signer.sign(auth, to)));
    const facts = ({ claims: _claims, ...rest }: AuthContext) => ({
      ...rest,
      scopes: [...rest.scopes],
      roles: [...rest.roles],
      groups: rest.groups === 'overage' ? 'overage' : [...rest.groups],
      authenticationContexts: [...rest.authenticationContexts],
    });
    expect(facts(seen)).toEqual(facts(auth));
    for (const requirement of [read, userRoles('A'), authContext('c1'), noAgents(), inGroups(ADA)]) {
      const decided = (whose: AuthContext) =>
        evaluate(
          requirement instanceof Object && requirement.role === 'narrowing'
            ? allOf(authenticated(), requirement as never)
            : (requirement as Grant),
          whose,
          { now: NOW },
        );
      expect(decided(seen)).toEqual(decided(auth));
    }
    // It is a caller, and not only like one.
    const ring = keyRing([{ id: 'a', secret: Buffer.alloc(32, 1).toString('base64') }]);
    const sealed = sealCaller(seen, ring, { validFor: '1m', now: NOW });
    expect(openCaller(sealed, ring, { now: NOW }).subjectKey).toBe(auth.subjectKey);
  });

  it('with the same audit event, and a challenge that names the full scope', async () => {
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
    const auth = await callerOf({ uti: 'print' });
    const guard = behind();
    await guard.require(bringing(signer.sign(auth, to)), read, { handler: 'GET /orders/:id' });
    await front.require(
      { headers: { authorization: `Bearer ${signed(userClaims({ scp: 'Orders.Read', uti: 'print' }))}` } },
      read,
      { handler: 'GET /orders/:id' },
    );
    const [seen, before] = events.slice(-2);
    expect({ ...seen, time: 0 }).toEqual({ ...before, time: 0 });
    const error = await refusalOf(guard.require(bringing(signer.sign(auth, to)), scopes('Orders.Write')));
    expect(guard.toHttp(error).headers['WWW-Authenticate']).toContain('scope="api://');
  });

  it('tells no names and no mail addresses, unless the service is asked to', async () => {
    const auth = await callerOf({ preferred_username: 'ada@contoso.example', name: 'Ada' });
    const payload = (text: string) => Buffer.from(text.split('.')[1] as string, 'base64url').toString();
    expect(payload(signer.sign(auth, to))).not.toMatch(/ada@contoso|"name"/);
    const telling = signing({ claims: ['preferred_username', 'constructor', 'none'] });
    expect(payload(telling.sign(auth, to))).toContain('ada@contoso.example');
    expect(payload(telling.sign(auth, to))).not.toContain('constructor');
  });

  it('has its groups asked for, where there are more than fit into a header', async () => {
    const groups = Array.from(
      { length: 41 },
      (_, n) => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`,
    );
    const auth = await callerOf({ groups });
    const text = signer.sign(auth, to);
    expect(text.length).toBeLessThan(3000);
    const guard = behind({ groupsOf: async () => groups });
    await guard.require(bringing(text), allOf(read, inGroups(groups[40] as string)));
    expect(await codeOf(behind().require(bringing(text), allOf(read, inGroups(groups[40] as string))))).toBe(
      'groups_overage',
    );
  });

  it('is refused once access was revoked, also an assertion that was accepted before', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    const guard = behind({ revocations });
    const auth = await callerOf();
    const text = signer.sign(auth, to);
    expect((await guard.require(bringing(text), read)).subjectKey).toBe(auth.subjectKey);
    await revocations.revoke({ user: ADA, tenantId: auth.tenantId }, { because: 'left' });
    expect(await codeOf(guard.require(bringing(text), read))).toBe('token_revoked');
    expect(await codeOf(guard.require(bringing(text), anonymous()))).toBe('token_revoked');
    const short = memoryRevocations({ now: () => NOW, longestToken: 600 });
    expect(await codeOf(behind({ revocations: short }).require(bringing(text), read))).toBe(
      'token_lifetime_not_accepted',
    );
  });
});

describe('a caller of whom less is known', () => {
  it('is the same behind: without an object ID, and without an authority', async () => {
    const auth = user({ oid: undefined, sub: 'subject of Ada', scp: 'Orders.Read' });
    const guard = behind();
    const seen = await guard.require(bringing(signer.sign(auth, to)), read);
    expect([seen.objectId, seen.subjectKey]).toEqual([undefined, auth.subjectKey]);
    const error = await refusalOf(guard.require(bringing(signer.sign(auth, to)), scopes('Orders.Write')));
    expect(guard.toHttp(error).headers['WWW-Authenticate']).toContain('scope="Orders.Write"');
  });

  it('tells on the console what is wrong, by default', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubEnv('NODE_ENV', 'production');
    onTestFinished(() => {
      warned.mockRestore();
      vi.unstubAllEnvs();
    });
    const assertion = { issuer: GATE, audience: 'orders', jwksUri: 'http://127.0.0.1:4181/jwks.json' };
    const fetch = async () => new Response('', { status: 500 });
    const guard = createGuard({ assertion, fetch, revocations: memoryRevocations() });
    onTestFinished(() => guard.close());
    expect(await guard.health()).toMatchObject({ status: 'down' });
    expect(warned.mock.calls.flat().join()).toMatch(/revocations are in the memory of this process/);
  });
});

describe('each handler needs a valid assertion', () => {
  let text: string;
  beforeAll(async () => {
    text = signer.sign(await callerOf(), to);
  });

  it('an open one, too, and one for which a caller is optional', async () => {
    const guard = behind();
    const open = anonymous();
    const nothing = { headers: {} };
    expect(await codeOf((async () => guard.decide(nothing, open))())).toBe('credentials_missing');
    expect(await codeOf(guard.require(nothing, open))).toBe('credentials_missing');
    expect(await codeOf(guard.authenticate(nothing, { optional: true }))).toBe('credentials_missing');
    expect(await codeOf(guard.require(nothing, read))).toBe('credentials_missing');
    const forged = `${text.slice(0, -4)}AAAA`;
    expect(await codeOf(guard.require(bringing(forged), open))).toBe('signature_invalid');
    expect(await codeOf(guard.authenticate(bringing(forged), { optional: true }))).toBe('signature_invalid');
    expect(await guard.require(bringing(text), open)).toBeUndefined();
  });

  it('of kind anonymous it names no caller', async () => {
    const guard = behind();
    const none = signer.sign(undefined, to);
    expect(await guard.require(bringing(none), anonymous())).toBeUndefined();
    expect(await guard.authenticate(bringing(none), { optional: true })).toBeUndefined();
    const error = await refusalOf(guard.require(bringing(none), authenticated({ unassignedApps: true })));
    expect(error).toMatchObject({ code: 'credentials_missing', status: 401 });
    expect(guard.authOf(bringing(none))).toBeUndefined();
  });

  it('is read once, and nothing else is', async () => {
    const guard = behind();
    const token = signed(userClaims({ scp: 'Orders.Read' }));
    expect(await codeOf(guard.require({ headers: { authorization: `Bearer ${token}` } }, read))).toBe(
      'credentials_missing',
    );
    expect(await codeOf(guard.require(bringing(token), read))).toBe('not_an_access_token');
    expect(await guard.require(bringing(text, { authorization: 'Bearer garbage' }), read)).toBeDefined();
    const raw = (...rawHeaders: string[]) => ({ headers: { 'x-entra-assertion': text }, rawHeaders });
    expect(await guard.require(raw('X-Entra-Assertion', text), read)).toBeDefined();
    for (const second of ['X-Entra-Assertion', 'X_Entra_Assertion', 'x-entra_assertion']) {
      expect(await codeOf(guard.require(raw('X-Entra-Assertion', text, second, text), read))).toBe(
        'credentials_malformed',
      );
    }
    expect(await codeOf(guard.require({ headers: { 'x-entra-assertion': [text, text] } }, read))).toBe(
      'credentials_malformed',
    );
    expect(
      await codeOf(
        guard.require({ headers: { 'x-entra-assertion': text, 'X-Entra-Assertion': text } }, read),
      ),
    ).toBe('credentials_malformed');
    expect(await guard.require({ headers: { 'x-entra-assertion': [text] } }, read)).toBeDefined();
    const web = new Request('https://orders.contoso.example/', { headers: { 'X-Entra-Assertion': text } });
    expect(await guard.require(web, read)).toBeDefined();
    for (const odd of [`${text}, ${text}`, `Bearer ${text}`, `${text} `, 'a.b', '']) {
      expect(await codeOf(guard.require(bringing(odd), read))).toMatch(/^credentials_/);
    }
  });

  it('is not accepted as an access token in front', async () => {
    const error = await codeOf(front.require({ headers: { authorization: `Bearer ${text}` } }, read));
    expect(error).toBe('algorithm_not_allowed');
  });

  it('can not be exchanged for a token of another API', async () => {
    const guard = behind();
    const request = bringing(text);
    await guard.require(request, read);
    expect(configurationSentence(() => callerTokenOf(guard, request))).toContain(
      'The guard reads assertions, and has no access token',
    );
  });
});

describe('what is not exactly an assertion for this application is refused', () => {
  const forge = (header: object, payload: object, by: KeyObject = key): string => {
    const encoded = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    const text = encoded.join('.');
    return `${text}.${sign('sha256', Buffer.from(text), { key: by, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const kid = jwks[0]?.kid as string;
  const HEADER = { alg: 'ES256', typ: 'entra-assertion+jwt', kid };
  let payload: Json;
  beforeAll(async () => {
    const text = signer.sign(await callerOf(), to);
    payload = JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString()) as Json;
  });

  it('accepts what is forged by the right key, so that each row below differs in one thing', async () => {
    expect(await behind().require(bringing(forge(HEADER, payload)), read)).toBeDefined();
  });

  it.each<[string, object, (payload: Json) => object, string]>([
    ['another type', { typ: 'JWT' }, (p) => p, 'not_an_access_token'],
    ['no type', { typ: undefined }, (p) => p, 'not_an_access_token'],
    ['another algorithm', { alg: 'RS256' }, (p) => p, 'algorithm_not_allowed'],
    ['no algorithm', { alg: 'none' }, (p) => p, 'algorithm_not_allowed'],
    ['a symmetric algorithm', { alg: 'HS256' }, (p) => p, 'algorithm_not_allowed'],
    ['a critical parameter', { crit: ['x'] }, (p) => p, 'token_malformed'],
    ['its own key', { jwk: jwks[0] }, (p) => p, 'token_malformed'],
    ['an address of keys', { jku: 'https://evil.example' }, (p) => p, 'token_malformed'],
    ['no key ID', { kid: undefined }, (p) => p, 'token_malformed'],
    ['an unknown key', { kid: 'other' }, (p) => p, 'signing_key_not_found'],
    ['the key ID of a member of every object', { kid: '__proto__' }, (p) => p, 'signing_key_not_found'],
    ['another issuer', {}, (p) => ({ ...p, iss: 'https://gate.contoso.example/' }), 'issuer_not_accepted'],
    ['another application', {}, (p) => ({ ...p, aud: 'stock' }), 'audience_not_accepted'],
    ['several applications', {}, (p) => ({ ...p, aud: ['orders'] }), 'audience_not_accepted'],
    ['no version', {}, (p) => ({ ...p, v: undefined }), 'token_malformed'],
    ['a later version', {}, (p) => ({ ...p, v: 2 }), 'token_malformed'],
    ['no rule', {}, (p) => ({ ...p, rule: undefined }), 'token_malformed'],
    ['no times', {}, (p) => ({ ...p, exp: undefined }), 'token_malformed'],
    ['times in text', {}, (p) => ({ ...p, iat: String(p.iat) }), 'token_malformed'],
    [
      'a life of more than 120 s',
      {},
      (p) => ({ ...p, exp: Number(p.iat) + 121 }),
      'token_lifetime_not_accepted',
    ],
    ['a life of nothing', {}, (p) => ({ ...p, exp: p.iat }), 'token_lifetime_not_accepted'],
    ['a time long ago', {}, () => ({ ...payload, iat: SECONDS - 91, exp: SECONDS - 31 }), 'token_expired'],
    ['a time far away', {}, () => ({ ...payload, iat: 9e15, exp: 9e15 + 60 }), 'token_not_yet_valid'],
    ['the future', {}, () => ({ ...payload, iat: SECONDS + 32, exp: SECONDS + 90 }), 'token_not_yet_valid'],
    ['another subject', {}, (p) => ({ ...p, sub: `${p.tid}/bob` }), 'token_malformed'],
    ['another kind of caller', {}, (p) => ({ ...p, kind: 'admin' }), 'token_malformed'],
    ['no scopes', {}, (p) => ({ ...p, scopes: undefined }), 'token_malformed'],
    ['roles that are not texts', {}, (p) => ({ ...p, roles: [1] }), 'token_malformed'],
    ['no client', {}, (p) => ({ ...p, azp: '' }), 'token_malformed'],
    ['no facts of the token', {}, (p) => ({ ...p, token: [] }), 'token_malformed'],
    ['a token without a subject', {}, (p) => ({ ...p, token: { iss: 'x', exp: 1 } }), 'token_malformed'],
    [
      'a token with odd groups',
      {},
      (p) => ({ ...p, token: { ...(p.token as object), groups: 'all' } }),
      'token_malformed',
    ],
    [
      'a token with odd contexts',
      {},
      (p) => ({ ...p, token: { ...(p.token as object), acrs: 'c1' } }),
      'token_malformed',
    ],
    [
      'a token without an end',
      {},
      (p) => ({ ...p, token: { ...(p.token as object), exp: '1' } }),
      'token_malformed',
    ],
    ['half an authority', {}, (p) => ({ ...p, authority: { realm: '' } }), 'token_malformed'],
    ['an odd authority', {}, (p) => ({ ...p, authority: 'contoso' }), 'token_malformed'],
    ['half a character', {}, (p) => ({ ...p, note: '\ud800' }), 'token_malformed'],
  ])('%s', async (_, header, change, code) => {
    const text = forge({ ...HEADER, ...header }, change(payload));
    expect(await codeOf(behind().require(bringing(text), read))).toBe(code);
    expect(await codeOf(behind().require(bringing(text), anonymous()))).toBe(code);
  });

  it.each([
    ['cut', (text: string) => text.slice(0, -2)],
    [
      'in DER',
      (text: string) => {
        const [head, body] = text.split('.') as [string, string];
        return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url')}`;
      },
    ],
    [
      'of another key',
      (text: string) => {
        const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
        const [, body] = text.split('.') as [string, string];
        return forge(HEADER, JSON.parse(Buffer.from(body, 'base64url').toString()) as object, other);
      },
    ],
    [
      'of zeros',
      (text: string) => `${text.slice(0, text.lastIndexOf('.'))}.${Buffer.alloc(64).toString('base64url')}`,
    ],
    [
      'of another assertion',
      (text: string) => `${text.slice(0, text.lastIndexOf('.'))}.${signer.sign(undefined, to).split('.')[2]}`,
    ],
  ])('a signature that is %s', async (_, change) => {
    const text = change(signer.sign(await callerOf(), to));
    expect(await codeOf(behind().require(bringing(text), read))).toBe('signature_invalid');
  });

  it('what is not a JWT, and what is too large', async () => {
    expect(await codeOf(behind().require(bringing('a.b.c'), read))).toBe('token_malformed');
    expect(await codeOf(behind().require(bringing(`${'a'.repeat(20_000)}.b.c`), read))).toBe(
      'token_too_large',
    );
  });

  it('an assertion after its time, although it was accepted before', async () => {
    let now = NOW;
    const guard = behind({}, () => now);
    const text = signer.sign(await callerOf(), to);
    await guard.require(bringing(text), read);
    now += 89_000;
    await guard.require(bringing(text), read);
    now += 1000;
    expect(await codeOf(guard.require(bringing(text), read))).toBe('token_expired');
    now -= 121_000;
    expect(await codeOf(guard.require(bringing(text), read))).toBe('token_not_yet_valid');
    now = Number.NaN;
    expect(await codeOf(guard.require(bringing(text), read))).toBe('hook_failed');
  });
});

describe('what signs', () => {
  it('uses an assertion for 30 seconds again, for the same caller, application and rule', async () => {
    let now = NOW;
    const clocked = signing({ now: () => now });
    const [ada, bob] = [await callerOf(), await callerOf({ oid: ADA.replace('a', 'b') })];
    const first = clocked.sign(ada, to);
    now += 29_999;
    expect(clocked.sign(ada, to)).toBe(first);
    const others = [
      clocked.sign(bob, to),
      clocked.sign(ada, { ...to, audience: 'stock' }),
      clocked.sign(ada, { ...to, rule: 'GET /' }),
      clocked.sign(undefined, to),
    ];
    expect(new Set([first, ...others]).size).toBe(5);
    expect(clocked.sign(undefined, to)).toBe(others[3]);
    now += 1;
    expect(clocked.sign(ada, to)).not.toBe(first);
    now -= 100_000;
    expect(clocked.sign(ada, to)).not.toBe(first);
  });

  it('keeps a bounded number of them', async () => {
    const ada = await callerOf();
    const one = signing();
    const first = one.sign(ada, to);
    for (let n = 0; n < 100; n += 1) one.sign(ada, { ...to, rule: String(n) });
    // Signed anew: ECDSA signatures differ each time.
    expect(one.sign(ada, to)).not.toBe(first);
  });

  it('publishes public keys only, by their thumbprint', () => {
    const [first, second] = signing({
      keys: [key, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    }).jwks.keys;
    expect(first).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: expect.any(String),
      y: expect.any(String),
      kid: expect.stringMatching(/^[\w-]{43}$/),
      use: 'sig',
      alg: 'ES256',
    });
    expect(second).not.toHaveProperty('d');
    expect(first?.kid).not.toBe(second?.kid);
  });

  it('takes keys in PEM, and makes one without any', async () => {
    const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string;
    expect(
      assertionSigner({
        issuer: GATE,
        keys: [pem, createPrivateKey(key.export({ type: 'sec1', format: 'pem' }) as string)],
      }).jwks.keys[0],
    ).toEqual(jwks[0]);
    const made = assertionSigner({ issuer: GATE });
    const guard = behind({
      assertion: { issuer: GATE, audience: 'orders', keys: made.jwks.keys },
      now: undefined,
    });
    expect(await codeOf(guard.require(bringing(made.sign(await callerOf(), to)), scopes('Other')))).toBe(
      'scope_missing',
    );
  });

  it.each<[string, object, string]>([
    [
      'an issuer with a path',
      { issuer: `${GATE}/` },
      'issuer of assertionSigner(...) is https://gate.contoso.example/, which is not an origin.',
    ],
    ['no issuer', { issuer: undefined }, 'which is not an origin'],
    ['no keys', { keys: [] }, 'keys of assertionSigner(...) is not a list of keys.'],
    [
      'a key that is not one',
      { keys: ['secret'] },
      'Key 1 of assertionSigner(...) is not a private key on P-256.',
    ],
    ['a public key', { keys: [key, jwks[0]] }, 'Key 2 of assertionSigner(...)'],
    [
      'a key on another curve',
      { keys: [generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey] },
      'Key 1',
    ],
    ['odd claims', { claims: 'name' }, 'claims of assertionSigner(...) is name.'],
    ['an unknown option', { lifetime: 60 }, "no option of assertionSigner(...) called 'lifetime'"],
  ])('refuses %s', (_, changes, expected) => {
    const sentence = configurationSentence(() => assertionSigner({ issuer: GATE, ...changes } as never));
    expect(sentence).toContain(expected);
    expect(sentence).not.toContain('secret');
  });

  it('signs for callers only, and by a sound clock', async () => {
    expect(configurationSentence(() => signer.sign({} as never, to))).toContain('sign(...)');
    expect(configurationSentence(() => signing({ now: () => Number.NaN }).sign(undefined, to))).toContain(
      'gave no number',
    );
  });
});

describe('keys that the service publishes', () => {
  function publishing(...sets: unknown[]) {
    const asked: string[] = [];
    const fetch = async (url: unknown) => {
      asked.push(String(url));
      const set = sets[Math.min(asked.length, sets.length) - 1];
      return typeof set === 'number' ? new Response('', { status: set }) : new Response(JSON.stringify(set));
    };
    let now = NOW;
    const guard = behind(
      { assertion: { issuer: GATE, audience: 'orders', jwksUri: 'http://127.0.0.1:4181/jwks.json' }, fetch },
      () => now,
    );
    const pass = (ms: number): void => {
      now += ms;
    };
    return { guard, asked, pass };
  }
  const second = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  it('are read once, and again for a new one, or when they are old', async () => {
    const rotated = signing({ keys: [second, key] });
    const { guard, asked, pass } = publishing({ keys: jwks }, rotated.jwks);
    await guard.ready();
    const ada = await callerOf();
    await guard.require(bringing(signer.sign(ada, to)), read);
    await guard.require(bringing(signer.sign(undefined, to)), anonymous());
    expect(asked).toEqual(['http://127.0.0.1:4181/jwks.json']);
    pass(10_000);
    await guard.require(bringing(rotated.sign(ada, to)), read);
    expect(asked).toHaveLength(2);
    // The old one is still published.
    await guard.require(bringing(signer.sign(ada, to)), read);
    expect(guard.validator.state()).toMatchObject({
      keyIds: [rotated.jwks.keys[0]?.kid, jwks[0]?.kid],
      sources: [{ document: 'keys' }],
    });
  });

  it('that are gone end what they have signed', async () => {
    const { guard, pass } = publishing({ keys: jwks }, signing({ keys: [second] }).jwks);
    const ada = await callerOf();
    const text = signer.sign(ada, to);
    await guard.require(bringing(text), read);
    pass(31_000);
    expect(await codeOf(guard.require(bringing(signing({ keys: [second] }).sign(undefined, to)), read))).toBe(
      'credentials_missing',
    );
    expect(await codeOf(guard.require(bringing(text), read))).toBe('keys_unavailable');
    pass(31_000);
    expect(await codeOf(guard.require(bringing(text), read))).toBe('signing_key_not_found');
  });

  it('that are not known are asked for once in a while, and then answered 503', async () => {
    const { guard, asked } = publishing({ keys: jwks });
    const stranger = signing({ keys: [second] }).sign(undefined, to);
    for (let n = 0; n < 2; n += 1) {
      expect(await codeOf(guard.require(bringing(stranger), read))).toBe('signing_key_not_found');
    }
    const error = await refusalOf(guard.require(bringing(stranger), read));
    expect(error).toMatchObject({ code: 'keys_unavailable', status: 503 });
    expect(asked).toHaveLength(2);
  });

  it('that can not be read are a 503, and the health says so', async () => {
    const { guard } = publishing(500);
    expect(await codeOf(guard.require(bringing(signer.sign(undefined, to)), anonymous()))).toBe(
      'keys_unavailable',
    );
    expect(await guard.health()).toMatchObject({ status: 'down' });
    expect(await codeOf(guard.ready())).toBe('keys_unavailable');
  });

  it('are up when they were read, or given', async () => {
    const { guard } = publishing({ keys: jwks });
    expect(await guard.health()).toMatchObject({ status: 'up' });
    const given = behind();
    await given.ready();
    expect(await given.health()).toMatchObject({ status: 'up', parts: [] });
    expect(given.validator.state()).toMatchObject({ keyIds: [jwks[0]?.kid], sources: [], closed: false });
    await given.close();
    expect(await given.health()).toMatchObject({ status: 'down' });
    expect(await codeOf(given.ready())).toBe('keys_unavailable');
    expect(await codeOf(given.require(bringing(signer.sign(undefined, to)), anonymous()))).toBe(
      'keys_unavailable',
    );
    expect(await codeOf(given.require(bringing(signer.sign(await callerOf(), to)), read))).toBe(
      'keys_unavailable',
    );
  });

  it('are asked for by the global fetch, and may be without an ID', async () => {
    const keys = jwks.map(({ kty, crv, x, y }) => ({ kty, crv, x, y }));
    vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ keys })));
    onTestFinished(() => void vi.unstubAllGlobals());
    const revocations = memoryRevocations();
    vi.spyOn(revocations, 'close').mockRejectedValue(new Error('late'));
    const guard = behind({
      assertion: { issuer: GATE, audience: 'orders', jwksUri: 'https://gate.contoso.example/jwks.json' },
      revocations,
    });
    await guard.require(bringing(signer.sign(undefined, to)), anonymous());
    expect(guard.validator.state().keyIds).toEqual([jwks[0]?.kid]);
    guard.validator.close();
    vi.restoreAllMocks();
    expect(guard.validator.state().closed).toBe(true);
  });

  it('are written as they were read', () => {
    const keys = parseVerifyingKeys({ keys: jwks });
    expect(VERIFYING_KEYS.format(keys)).toEqual({ keys: jwks });
  });

  it.each<[string, unknown[], string]>([
    ['none', [], 'the key set has no list of keys'],
    ['too many', Array.from({ length: 21 }, () => jwks[0]), 'the key set holds 21 keys, more than 20'],
    ['the same one twice', [jwks[0], jwks[0]], 'two keys of the key set have the same kid'],
    ['no object', ['key'], 'key 1 of the key set is not an object'],
    ['a private key', [{ ...jwks[0], d: 'AAAA' }], 'is a private key, which has to stay with the service'],
    ['an RSA key', [{ kty: 'RSA', n: 'x', e: 'AQAB' }], 'is not on the curve P-256'],
    ['a key for encryption', [{ ...jwks[0], use: 'enc' }], 'is not for signatures by ES256'],
    ['a key for another algorithm', [{ ...jwks[0], alg: 'ES384' }], 'is not for signatures by ES256'],
    ['half a key', [{ ...jwks[0], y: undefined }], 'has no coordinates'],
    [
      'a point that is not on the curve',
      [{ ...jwks[0], kid: undefined, x: jwks[0]?.y }],
      'has coordinates that make no key',
    ],
    ['a key by the name of another', [{ ...jwks[0], kid: 'a' }], 'has a kid that is not its thumbprint'],
  ])('are refused if there is %s', (_, keys, expected) => {
    const make = () => createGuard({ assertion: { issuer: GATE, audience: 'orders', keys } } as never);
    expect(configurationSentence(make)).toContain(expected);
  });
});

describe('options', () => {
  const good = { issuer: GATE, audience: 'orders', keys: jwks };
  it.each<[string, object, string]>([
    ['an authority next to it', { assertion: good, tenantId: ADA }, 'tenantId is set next to assertion.'],
    ['a client ID next to it', { assertion: good, clientId: ADA }, 'clientId is set next to assertion.'],
    ['no object', { assertion: 'https://gate' }, 'assertion is https://gate.'],
    ['no issuer', { assertion: { ...good, issuer: undefined } }, 'assertion.issuer is undefined.'],
    ['an issuer with a path', { assertion: { ...good, issuer: `${GATE}/x` } }, 'which is not an origin'],
    ['no audience', { assertion: { ...good, audience: '' } }, "assertion.audience is ''."],
    ['an audience with a space', { assertion: { ...good, audience: 'orders ' } }, 'assertion.audience is'],
    [
      'neither keys nor their address',
      { assertion: { ...good, keys: undefined } },
      'assertion has neither jwksUri nor keys.',
    ],
    [
      'both',
      { assertion: { ...good, jwksUri: `${GATE}/jwks.json` } },
      'assertion has both jwksUri and keys.',
    ],
    [
      'keys over a plain connection',
      { assertion: { ...good, keys: undefined, jwksUri: 'http://gate/jwks.json' } },
      'which is not https, nor on this machine.',
    ],
    [
      'keys with a password',
      { assertion: { ...good, keys: undefined, jwksUri: 'https://a:hidden@gate/jwks.json' } },
      'which is not https',
    ],
    [
      'keys at no address',
      { assertion: { ...good, keys: undefined, jwksUri: 'gate' } },
      'assertion.jwksUri is gate',
    ],
    ['keys that are not a list', { assertion: { ...good, keys: { keys: jwks } } }, 'assertion.keys is'],
    [
      'an unknown one',
      { assertion: { ...good, audiences: ['orders'] } },
      "no option in assertion called 'audiences'. Did you mean 'audience'?",
    ],
    [
      'several authorities',
      { authorities: [{ assertion: good }, { tenantId: ADA, clientId: ADA }] },
      'assertion is set where an authority is expected.',
    ],
  ])('%s is refused', (_, options, expected) => {
    const sentence = configurationSentence(() => createGuard(options as never));
    expect(sentence).toContain(expected);
    expect(sentence).not.toContain('hidden');
  });

  it('may be in a list of one, and the settings next to them or after them', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    await revocations.revoke({ user: ADA, tenantId: (await callerOf()).tenantId }, { because: 'left' });
    const text = signer.sign(await callerOf(), to);
    const options = { assertion: good, now: () => NOW, log: false } as const;
    for (const validator of [
      createValidator([{ ...options, revocations }]),
      createValidator(options, { revocations }),
    ]) {
      expect(await codeOf(validator.validate(text))).toBe('token_revoked');
      // A guard over such a validator reads assertions, too.
      expect(await codeOf(createGuard({ validator }).require(bringing(text), read))).toBe('token_revoked');
      validator.close();
    }
    const guard = createGuard({ validator: createValidator(options), revocations });
    expect(await codeOf(guard.require(bringing(text), read))).toBe('token_revoked');
    expect(await guard.require(bringing(signer.sign(undefined, to)), anonymous())).toBeUndefined();
    expect(await codeOf(guard.require({ headers: {} }, anonymous()))).toBe('credentials_missing');
  });

  it('describe a validator without an authority', async () => {
    const { validator } = behind({ owner: { team: 'Orders' } });
    expect(validator.applicationIdUri).toBe('orders');
    expect(validator.snapshot()).toEqual({ version: 1, documents: [] });
    expect(await codeOf(validator.authorizationServer())).toBe('configuration_invalid');
  });

  it('keep a bounded number of assertions in mind, the latest', async () => {
    const settings = resolveAssertion({ assertion: good, now: () => NOW, log: false });
    const reader = assertionValidator(settings, {}, 2);
    const texts = await Promise.all(
      ['a', 'b', 'c'].map(async (rule) => signer.sign(await callerOf(), { ...to, rule })),
    );
    for (const text of texts) await reader.open(text);
    expect(texts.map((text) => reader.recall(text) !== undefined)).toEqual([false, true, true]);
    expect(await reader.open(texts[0] as string)).toBeDefined();
    expect(texts.map((text) => reader.recall(text) !== undefined)).toEqual([true, false, true]);
  });
});
