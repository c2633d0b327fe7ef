import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcessEntra, type IssuedToken, startEntra, type WrongTokenName } from '../src/index.js';
import { claimsOf, headerOf, isSignedByOneOf, keysOf, namesOf, production } from './read-token.js';

const now = 1_790_000_000_000;
let entra: InProcessEntra;
let keys: Awaited<ReturnType<typeof keysOf>>;
beforeAll(async () => {
  entra = await startEntra({ now: () => now });
  keys = await keysOf(entra.fetch, `${production}/common/discovery/v2.0/keys`);
});
afterAll(async () => entra.close());

const volatile = new Set(['aio', 'rh', 'uti']);

/** Lists the names of the claims in which two tokens differ. */
function differences(one: IssuedToken, other: IssuedToken): readonly string[] {
  const names = new Set([...Object.keys(one.claims), ...Object.keys(other.claims)]);
  return [...names].filter(
    (name) => !volatile.has(name) && JSON.stringify(one.claims[name]) !== JSON.stringify(other.claims[name]),
  );
}

/** Each fault with the claims it changes. The signature of all of them is valid. */
const inTheClaims: readonly (readonly [WrongTokenName, readonly string[]])[] = [
  ['expired', ['iat', 'nbf', 'exp']],
  ['notYetValid', ['nbf', 'exp']],
  ['noExpiry', ['exp']],
  ['audience', ['aud']],
  ['graphAudience', ['aud']],
  ['tenant', ['iss', 'tid']],
  ['tenantMismatch', ['tid']],
  ['issuer', ['iss']],
  ['keyBound', ['cnf']],
  ['tooLarge', ['xms_padding']],
];

describe('a wrong token', () => {
  it.each(inTheClaims)('%s differs from a valid one in these claims only: %s', (name, touched) => {
    const wrong = entra.wrong[name]();
    expect(new Set(differences(wrong, entra.user('ada')))).toEqual(new Set(touched));
    expect(isSignedByOneOf(keys, wrong.token)).toBe(true);
  });

  const inTheHeader: readonly WrongTokenName[] = [
    'stranger',
    'unknownKid',
    'signature',
    'algNone',
    'algHs256',
    'noKid',
  ];
  it.each(inTheHeader)('%s has the claims of a valid one, and an invalid signature', (name) => {
    const wrong = entra.wrong[name]();
    expect(differences(wrong, entra.user('ada'))).toEqual([]);
    expect(claimsOf(wrong.token)).toEqual(wrong.claims);
    expect(isSignedByOneOf(keys, wrong.token)).toBe(false);
  });

  it('expired and notYetValid are outside of the lifetime by more than any tolerance', () => {
    expect(entra.wrong.expired().claims.exp).toBeLessThan(now / 1000 - 300);
    expect(entra.wrong.notYetValid().claims.nbf).toBeGreaterThan(now / 1000 + 300);
  });

  it('tenant is one that Entra would sign for another tenant: iss and tid agree', () => {
    const { iss, tid } = entra.wrong.tenant().claims;
    expect(tid).not.toBe(entra.tenantId);
    expect(iss).toBe(`${production}/${tid}/v2.0`);
  });

  it('stranger has the kid of a published key, unknownKid that of the key it was signed with', () => {
    expect(entra.keys).toContain(headerOf(entra.wrong.stranger().token).kid);
    expect(entra.keys).not.toContain(headerOf(entra.wrong.unknownKid().token).kid);
  });

  it('algNone has an empty signature, algHs256 a signature made with the public key as secret', () => {
    expect(entra.wrong.algNone().token.endsWith('.')).toBe(true);
    const { token } = entra.wrong.algHs256();
    const [header, payload, signature] = token.split('.');
    const [jwk] = keys;
    const pem = createPublicKey({ key: { kty: 'RSA', n: jwk.n, e: jwk.e }, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    expect(createHmac('sha256', pem).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
  });

  it('noKid names no key, and unknownCrit demands an extension under a valid signature', () => {
    expect(headerOf(entra.wrong.noKid().token)).toEqual({ typ: 'JWT', alg: 'RS256' });
    const { token } = entra.wrong.unknownCrit();
    expect(headerOf(token).crit).toEqual(['urn:example:unknown']);
    expect(isSignedByOneOf(keys, token)).toBe(true);
  });

  it('graphAudience has the nonce header that Graph’s tokens have', () => {
    expect(entra.wrong.graphAudience().claims.aud).toBe('00000003-0000-0000-c000-000000000000');
    expect(headerOf(entra.wrong.graphAudience().token).nonce).toEqual(expect.any(String));
  });

  it('idToken has the audience of the API, and neither scope nor authorized party', () => {
    const { claims, token } = entra.wrong.idToken();
    expect(claims).toMatchObject({ aud: entra.options().clientId, nonce: expect.any(String), ver: '2.0' });
    expect(['azp', 'appid', 'scp', 'roles'].filter((name) => name in claims)).toEqual([]);
    expect(isSignedByOneOf(keys, token)).toBe(true);
  });

  it('withoutPermissions is a valid app-only token without roles', () => {
    const { claims, token } = entra.wrong.withoutPermissions();
    expect(['scp', 'roles'].filter((name) => name in claims)).toEqual([]);
    expect(claims.sub).toBe(claims.oid);
    expect(isSignedByOneOf(keys, token)).toBe(true);
  });

  it('fivePart looks encrypted, notAJwt has no parts, tooLarge has more than 16 KiB', () => {
    expect(entra.wrong.fivePart().token.split('.')).toHaveLength(5);
    expect(entra.wrong.notAJwt().token).not.toContain('.');
    expect(entra.wrong.tooLarge().token.length).toBeGreaterThan(16 * 1024);
  });

  it('takes other claims, of version 1 too', () => {
    const { claims } = entra.wrong.expired({ ver: '1.0', scp: 'Orders.Read' });
    expect(claims).toMatchObject({
      ver: '1.0',
      scp: 'Orders.Read',
      iss: `https://sts.windows.net/${entra.tenantId}/`,
    });
    expect(headerOf(entra.wrong.unknownKid({ ver: '1.0' }).token)).toHaveProperty('x5t');
    const tid = entra.wrong.tenant({ ver: '1.0' }).claims.tid;
    expect(entra.wrong.tenant({ ver: '1.0' }).claims.iss).toBe(`https://sts.windows.net/${tid}/`);
  });

  it('is listed once by its name, for a table of tests', () => {
    const names = entra.wrong.all.map(([name]) => name);
    expect(new Set([...names, 'all'])).toEqual(namesOf(entra.wrong));
    expect(new Set(names).size).toBe(names.length);
    for (const [, make] of entra.wrong.all) expect(make().headers.authorization).toMatch(/^Bearer \S+$/);
  });

  it('can be made for an API that has app roles and no scopes', async () => {
    const told = await startEntra({ apps: { orders: { appRoles: { 'Orders.Read.All': ['Application'] } } } });
    for (const [, make] of told.wrong.all) expect(make().token).toEqual(expect.any(String));
    await told.close();
  });
});

it('sign signs exactly the given claims, under the given header', () => {
  const { token, claims } = entra.sign({ hello: 'world' }, { typ: 'at+jwt', extra: 1 });
  expect(claimsOf(token)).toEqual({ hello: 'world' });
  expect(claims).toEqual({ hello: 'world' });
  expect(headerOf(token)).toEqual({ typ: 'at+jwt', alg: 'RS256', kid: entra.keys[0], extra: 1 });
  expect(isSignedByOneOf(keys, token)).toBe(true);
  expect(headerOf(entra.sign({}, { alg: 'PS256' }).token).alg).toBe('PS256');
});
