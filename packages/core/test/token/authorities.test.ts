import {
  allOf,
  authContext,
  createGuard,
  createValidator,
  scopes,
  type TenantPredicate,
  TokenError,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  Answer,
  API,
  appClaims,
  CONSUMERS,
  DAEMON,
  type Documents,
  documents,
  type Json,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  OTHER_TENANT,
  SPA,
  STRANGER,
  sharedPages,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v1Claims,
  v1Issuer,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const base = (docs: Documents) => ({ clientId: API, fetch: docs.fetch, now: () => NOW, log: false }) as const;
const multi = (
  tenants: string[] | ((tid: string) => boolean | Promise<boolean>) | 'any-organization',
  docs: Documents,
): Validator => createValidator({ ...base(docs), tenants });
const of = (tenant: string, changes: Json = {}): string =>
  signed(userClaims({ iss: v2Issuer(tenant), tid: tenant, ...changes }));
const v1Of = (tenant: string): string => signed(v1Claims({ iss: v1Issuer(tenant), tid: tenant }));
const CONSUMER_KEY = makeKey('consumers');

describe('a list of tenants', () => {
  const docs = documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) });
  const validator = multi([TENANT, OTHER_TENANT.toUpperCase()], docs);

  it.each([
    ['a listed tenant', of(TENANT), 'accepted'],
    ['another listed tenant, listed in capitals', of(OTHER_TENANT), 'accepted'],
    ['a listed tenant, v1', v1Of(TENANT), 'accepted'],
    ['a tenant that is not listed', of('cccccccc-0000-0000-0000-000000000000'), 'tenant_not_accepted'],
    ['personal accounts, which are not listed', of(CONSUMERS), 'tenant_not_accepted'],
    ["one listed tenant's issuer, the other's tid", of(TENANT, { tid: OTHER_TENANT }), 'tenant_not_accepted'],
    ['no tid', of(TENANT, { tid: undefined }), 'tenant_not_accepted'],
    [
      'another issuer',
      signed(userClaims({ iss: `https://evil.example/${TENANT}/v2.0` })),
      'issuer_not_accepted',
    ],
  ])('%s', async (_, token, expected) => {
    expect(await outcomeOf(validator, token)).toBe(expected);
  });

  it("reads each tenant's own metadata", () => {
    expect(docs.asked).toContain(`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`);
    expect(docs.asked).toContain(`${LOGIN}/${OTHER_TENANT}/v2.0${WELL_KNOWN}`);
    expect(
      docs.asked.filter((url) => url.includes('/common/v2.0') || url.includes('/organizations/')),
    ).toEqual([]);
  });

  it('never asks about a tenant that is not listed', async () => {
    const quiet = documents({});
    await outcomeOf(multi([TENANT, OTHER_TENANT], quiet), of(CONSUMERS));
    expect(quiet.asked).toEqual([]);
  });

  it('personal accounts are accepted when they are named', async () => {
    const named = multi(
      [TENANT, CONSUMERS],
      documents({ ...tenantPages(), ...tenantPages(CONSUMERS, [CONSUMER_KEY]) }),
    );
    const token = signed(userClaims({ iss: v2Issuer(CONSUMERS), tid: CONSUMERS }), {}, { key: CONSUMER_KEY });
    expect(await outcomeOf(named, token)).toBe('accepted');
  });
});

describe('any organisation, and a function', () => {
  const docs = documents(sharedPages([KEY], [CONSUMER_KEY]));
  const consumerToken = signed(
    userClaims({ iss: v2Issuer(CONSUMERS), tid: CONSUMERS }),
    {},
    { key: CONSUMER_KEY },
  );

  it.each([
    ['any organisation, v2', of(OTHER_TENANT), 'accepted'],
    ['any organisation, v1, by a key that the v2 set vouches for', v1Of(OTHER_TENANT), 'accepted'],
    ['personal accounts', consumerToken, 'tenant_not_accepted'],
    [
      'the issuer of one tenant with the tid of another',
      of(TENANT, { tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    [
      "an organisation's token signed by the consumers' key",
      signed(userClaims(), {}, { key: CONSUMER_KEY }),
      'signing_key_not_found',
    ],
    [
      "an organisation's v1 token signed by the consumers' key",
      signed(v1Claims(), {}, { key: CONSUMER_KEY }),
      'signing_key_not_found',
    ],
  ])("'any-organization': %s", async (_, token, expected) => {
    expect(await outcomeOf(multi('any-organization', docs), token)).toBe(expected);
  });

  it.each<[string, TenantPredicate, string]>([
    ['true accepts', () => true, 'accepted'],
    ['a promise of true accepts', async () => true, 'accepted'],
    ['false refuses', () => false, 'tenant_not_accepted'],
    ['a truthy value that is not true refuses', () => 'yes' as unknown as boolean, 'tenant_not_accepted'],
    ['1 refuses', () => 1 as unknown as boolean, 'tenant_not_accepted'],
    ['undefined refuses', () => undefined as unknown as boolean, 'tenant_not_accepted'],
    [
      'a throw decides nothing (503)',
      () => {
        throw new Error('database down');
      },
      'hook_failed',
    ],
    ['a rejection decides nothing (503)', () => Promise.reject(new Error('database down')), 'hook_failed'],
  ])('a function: %s', async (_, accepts, expected) => {
    expect(await outcomeOf(multi(accepts, docs), of(OTHER_TENANT))).toBe(expected);
  });

  it('a function is asked only after the signature held, and with the tenant in lower case', async () => {
    const asked: string[] = [];
    const validator = multi((tid) => asked.push(tid) > 0, docs);
    await outcomeOf(validator, signed(userClaims(), { kid: KEY.kid }, { key: STRANGER }));
    expect(asked).toEqual([]);
    const token = of(OTHER_TENANT, { tid: OTHER_TENANT.toUpperCase() });
    expect(await outcomeOf(validator, token)).toBe('accepted');
    expect(asked).toEqual([OTHER_TENANT]);
  });

  it('an answer is remembered for a minute, a failure for five seconds', async () => {
    let now = NOW;
    let calls = 0;
    let broken = true;
    const validator = createValidator({
      ...base(docs),
      now: () => now,
      tenants: () => {
        calls++;
        if (broken) throw new Error('down');
        return true;
      },
    });
    expect(await outcomeOf(validator, of(TENANT))).toBe('hook_failed');
    broken = false;
    expect(await outcomeOf(validator, of(TENANT))).toBe('hook_failed');
    expect(calls).toBe(1);
    now += 5000;
    expect(await outcomeOf(validator, of(TENANT))).toBe('accepted');
    expect(await outcomeOf(validator, of(TENANT))).toBe('accepted');
    expect(calls).toBe(2);
    now += 60_000;
    expect(await outcomeOf(validator, of(TENANT))).toBe('accepted');
    expect(calls).toBe(3);
  });

  it('a function that says so lets personal accounts in', async () => {
    expect(
      await outcomeOf(
        multi((tid) => tid === CONSUMERS, docs),
        consumerToken,
      ),
    ).toBe('accepted');
  });

  it('shared metadata with one tenant as its issuer is refused: nothing is decided by it', async () => {
    const odd = documents(sharedPages());
    odd.pages.set(`${LOGIN}/organizations/v2.0${WELL_KNOWN}`, {
      issuer: v2Issuer(TENANT),
      jwks_uri: `${LOGIN}/common/discovery/v2.0/keys`,
    });
    expect(await outcomeOf(multi('any-organization', odd), of(TENANT))).toBe('keys_unavailable');
  });
});

describe('keys that name an issuer (facts 2.5; design invariant 3)', () => {
  const withIssuer = (issuer: string | undefined): Documents => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [{ ...KEY.jwk, issuer }] });
    return docs;
  };

  it.each([
    ['the template', `${LOGIN}/{tenantid}/v2.0`, 'accepted'],
    ['the template in other letters', `${LOGIN}/{TenantId}/v2.0`, 'accepted'],
    ['this very issuer', v2Issuer(TENANT), 'accepted'],
    ['no issuer, in metadata of this tenant alone', undefined, 'accepted'],
    ['another tenant', v2Issuer(OTHER_TENANT), 'signing_key_not_found'],
    ['the consumer tenant', v2Issuer(CONSUMERS), 'signing_key_not_found'],
    ['another host', `https://evil.example/{tenantid}/v2.0`, 'signing_key_not_found'],
    ['the v1 issuer for a v2 token', 'https://sts.windows.net/{tenantid}/', 'signing_key_not_found'],
    ['an empty text', '', 'signing_key_not_found'],
  ])('a v2 token by a key that names %s', async (_, issuer, expected) => {
    expect(await outcomeOf(singleTenant({}, withIssuer(issuer)), signed(userClaims()))).toBe(expected);
  });

  it.each([
    ['the v2 issuer of the same tenant', `${LOGIN}/{tenantid}/v2.0`, 'accepted'],
    ['the v1 issuer itself', v1Issuer(TENANT), 'accepted'],
    ['the v2 issuer of another tenant', v2Issuer(OTHER_TENANT), 'signing_key_not_found'],
  ])('a v1 token by a key that names %s', async (_, issuer, expected) => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/common/discovery/keys`, { keys: [{ ...KEY.jwk, issuer }] });
    expect(await outcomeOf(singleTenant({}, docs), signed(v1Claims()))).toBe(expected);
  });

  it.each([
    ['holds another key of that ID', [{ ...STRANGER.jwk, kid: KEY.kid, issuer: `${LOGIN}/{tenantid}/v2.0` }]],
    ['holds the key for another tenant', [{ ...KEY.jwk, issuer: v2Issuer(CONSUMERS) }]],
    ['holds the key without an issuer', [KEY.jwk]],
    ['does not hold the key', [STRANGER.jwk]],
  ])('a v1 token by a shared key is refused when the v2 set %s', async (_, keys) => {
    const docs = documents(sharedPages());
    docs.pages.set(`${LOGIN}/organizations/discovery/v2.0/keys`, { keys });
    docs.pages.set(`${LOGIN}/common/discovery/v2.0/keys`, { keys });
    expect(await outcomeOf(multi('any-organization', docs), v1Of(TENANT))).toBe('signing_key_not_found');
  });

  it('a shared v2 key without an issuer is refused', async () => {
    const docs = documents(sharedPages());
    docs.pages.set(`${LOGIN}/organizations/discovery/v2.0/keys`, { keys: [KEY.jwk] });
    expect(await outcomeOf(multi('any-organization', docs), of(TENANT))).toBe('signing_key_not_found');
  });

  it('of two keys of one ID the one that serves the issuer is used', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, {
      keys: [
        { ...STRANGER.jwk, kid: KEY.kid, issuer: v2Issuer(CONSUMERS) },
        { ...KEY.jwk, issuer: v2Issuer(TENANT) },
      ],
    });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('accepted');
    expect(
      await outcomeOf(singleTenant({}, docs), signed(userClaims(), { kid: KEY.kid }, { key: STRANGER })),
    ).toBe('signature_invalid');
  });
});

describe('which published keys are used at all', () => {
  const small = makeKey('small', 1024);
  it.each([
    ['an RSA key as Entra publishes it', KEY.jwk, 'accepted'],
    ['alg RS256', { ...KEY.jwk, alg: 'RS256' }, 'accepted'],
    ['no use', { ...KEY.jwk, use: undefined }, 'accepted'],
    ['key_ops verify', { ...KEY.jwk, key_ops: ['verify'] }, 'accepted'],
    ['use enc', { ...KEY.jwk, use: 'enc' }, 'keys_unavailable'],
    ['key_ops encrypt', { ...KEY.jwk, key_ops: ['encrypt'] }, 'keys_unavailable'],
    ['alg PS256 for a token of RS256', { ...KEY.jwk, alg: 'PS256' }, 'signing_key_not_found'],
    ['alg RS512', { ...KEY.jwk, alg: 'RS512' }, 'keys_unavailable'],
    ['an elliptic curve', { kty: 'EC', kid: KEY.kid, crv: 'P-256', x: 'x', y: 'y' }, 'keys_unavailable'],
    ['a shared secret', { kty: 'oct', kid: KEY.kid, k: 'AAAA' }, 'keys_unavailable'],
    ['no kid', { ...KEY.jwk, kid: undefined }, 'keys_unavailable'],
    ['no modulus', { ...KEY.jwk, n: undefined }, 'keys_unavailable'],
    ['a modulus that is a number', { ...KEY.jwk, n: 5 }, 'keys_unavailable'],
    ['an exponent of 1, with which anybody can sign', { ...KEY.jwk, e: 'AQ' }, 'keys_unavailable'],
    ['an even exponent', { ...KEY.jwk, e: 'AQAA' }, 'keys_unavailable'],
    ['an empty exponent', { ...KEY.jwk, e: '' }, 'keys_unavailable'],
    ['an exponent that would keep the processor busy', { ...KEY.jwk, e: 'A'.repeat(12) }, 'keys_unavailable'],
    ['a modulus that would keep the processor busy', { ...KEY.jwk, n: 'A'.repeat(2732) }, 'keys_unavailable'],
    ['an issuer that is a number', { ...KEY.jwk, issuer: 5 }, 'keys_unavailable'],
    ['null in the place of a key', null, 'keys_unavailable'],
  ])('%s', async (_, jwk, expected) => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe(expected);
  });

  it('1024 bits are too few', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [small.jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims(), {}, { key: small }))).toBe(
      'keys_unavailable',
    );
  });

  it('a bad key among good ones is passed over, and reported', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [small.jwk, { kty: 'EC' }, KEY.jwk] });
    const log: string[] = [];
    const validator = singleTenant({ log: (entry) => log.push(entry.message) }, docs);
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    expect(log.join()).toContain('key 1: 1024 bits');
    expect(log.join()).toContain('key 2: type EC');
  });

  it('more than a thousand keys are refused', async () => {
    const docs = documents(tenantPages());
    const keys = Array.from({ length: 1001 }, (_, index) => ({ ...KEY.jwk, kid: `k${index}` }));
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('keys_unavailable');
  });
});

describe('metadata that is not what it should be decides nothing (503)', () => {
  const url = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
  const good = { issuer: v2Issuer(TENANT), jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys` };
  it.each([
    ['no issuer', { ...good, issuer: undefined }],
    ['an issuer that is no URL', { ...good, issuer: 'x' }],
    ['an issuer on http', { ...good, issuer: good.issuer.replace('https', 'http') }],
    ['the issuer of another tenant', { ...good, issuer: v2Issuer(OTHER_TENANT) }],
    ['an issuer for every tenant', { ...good, issuer: v2Issuer('{tenantid}') }],
    ['an issuer without a tenant', { ...good, issuer: `${LOGIN}/v2.0` }],
    ['an issuer on a foreign host', { ...good, issuer: `https://evil.example/${TENANT}/v2.0` }],
    ['no jwks_uri', { ...good, jwks_uri: undefined }],
    ['a jwks_uri on http', { ...good, jwks_uri: good.jwks_uri.replace('https', 'http') }],
    ['a jwks_uri on a foreign host', { ...good, jwks_uri: 'https://evil.example/keys' }],
    [
      'a jwks_uri on a host that ends like ours',
      { ...good, jwks_uri: 'https://evillogin.microsoftonline.com.example/keys' },
    ],
    ['a jwks_uri on loopback', { ...good, jwks_uri: 'http://localhost/keys' }],
    ['a jwks_uri that is a file', { ...good, jwks_uri: 'file:///etc/passwd' }],
    ['a jwks_uri of another cloud', { ...good, jwks_uri: 'https://login.microsoftonline.us/keys' }],
    ['a list', [good]],
  ])('%s', async (_, page) => {
    const docs = documents({ ...tenantPages(), [url]: page });
    docs.pages.set('https://evil.example/keys', { keys: [KEY.jwk] });
    docs.pages.set('http://localhost/keys', { keys: [KEY.jwk] });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('keys_unavailable');
    expect(docs.asked).toEqual([url]);
  });
});

describe('a tenant given by its domain', () => {
  const domain = 'contoso.onmicrosoft.com';
  const pages = (tenant: string): Record<string, unknown> => ({
    ...tenantPages(tenant),
    [`${LOGIN}/${domain}/v2.0${WELL_KNOWN}`]: {
      issuer: v2Issuer(tenant),
      jwks_uri: `${LOGIN}/${tenant}/discovery/v2.0/keys`,
    },
    [`${LOGIN}/${domain}${WELL_KNOWN}`]: {
      issuer: v1Issuer(tenant),
      jwks_uri: `${LOGIN}/common/discovery/keys`,
    },
  });

  it.each([
    ['its v2 tokens', of(TENANT), 'accepted'],
    ['its v1 tokens', v1Of(TENANT), 'accepted'],
    ['tokens of another tenant', of(OTHER_TENANT), 'tenant_not_accepted'],
    ['v1 tokens of another tenant', v1Of(OTHER_TENANT), 'tenant_not_accepted'],
  ])('%s', async (_, token, expected) => {
    const validator = createValidator({ ...base(documents(pages(TENANT))), tenantId: domain });
    expect(await outcomeOf(validator, token)).toBe(expected);
  });

  it('v1 tokens are undecided (503), not refused, while their metadata can not be had', async () => {
    const docs = documents(pages(TENANT));
    docs.pages.delete(`${LOGIN}/${domain}${WELL_KNOWN}`);
    const validator = createValidator({ ...base(docs), tenantId: domain });
    expect(await outcomeOf(validator, v1Of(TENANT))).toBe('keys_unavailable');
    expect(await outcomeOf(validator, of(TENANT))).toBe('accepted');
  });

  it('is pinned to the GUID it first resolved to: a domain that changes hands opens nothing', async () => {
    let now = NOW;
    const docs = documents(pages(TENANT));
    const validator = createValidator({
      ...base(docs),
      now: () => now,
      tenantId: domain,
      keys: { hardAge: 0 },
    });
    expect(await outcomeOf(validator, of(TENANT))).toBe('accepted');
    for (const [url, page] of Object.entries(pages(OTHER_TENANT))) docs.pages.set(url, page);
    now += 3_600_000;
    const later = { iat: undefined, nbf: undefined, exp: now / 1000 + 600 };
    expect(await outcomeOf(validator, of(OTHER_TENANT, later))).toBe('tenant_not_accepted');
    expect(await refusalOf(validator, of(TENANT, later))).toMatchObject({
      code: 'keys_unavailable',
      message: expect.stringContaining(
        `names tenant ${OTHER_TENANT}, and the authority named ${TENANT} before`,
      ),
      retryAfter: 60,
    });
  });
});

describe('national clouds', () => {
  const pages = (login: string, v1: string): Record<string, unknown> => ({
    [`${login}/${TENANT}/v2.0${WELL_KNOWN}`]: {
      issuer: `${login}/${TENANT}/v2.0`,
      jwks_uri: `${login}/keys`,
    },
    [`${login}/${TENANT}${WELL_KNOWN}`]: { issuer: v1, jwks_uri: `${login}/keys` },
    [`${login}/keys`]: { keys: [KEY.jwk] },
  });
  const us = 'https://login.microsoftonline.us';
  const cn = 'https://login.partner.microsoftonline.cn';

  it.each([
    ['usgov', us, v1Issuer(TENANT), `${us}/${TENANT}/v2.0`],
    ['china', cn, `https://sts.chinacloudapi.cn/${TENANT}/`, `${cn}/${TENANT}/v2.0`],
  ] as const)('%s: v1 and v2 tokens of that cloud, none of the public one', async (cloud, login, v1, v2) => {
    const validator = createValidator({ ...base(documents(pages(login, v1))), tenantId: TENANT, cloud });
    expect(await outcomeOf(validator, signed(userClaims({ iss: v2 })))).toBe('accepted');
    expect(await outcomeOf(validator, signed(v1Claims({ iss: v1 })))).toBe('accepted');
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('issuer_not_accepted');
  });
});

describe('Azure AD B2C', () => {
  const tenant = 'ddddeeee-3333-ffff-4444-aaaa5555bbbb';
  const host = 'https://contosob2c.b2clogin.com';
  const at = (policy: string): string => `${host}/contosob2c.onmicrosoft.com/${policy}/v2.0`;
  const page = (issuer: string, keys = `${host}/keys`): unknown => ({ issuer, jwks_uri: keys });
  const issuer = `${host}/${tenant}/v2.0/`;
  const tfpIssuer = `${host}/tfp/${tenant}/b2c_1a_strong/v2.0/`;
  const docs = documents({
    [`${at('B2C_1_signin')}${WELL_KNOWN}`]: page(issuer),
    [`${at('B2C_1A_strong')}${WELL_KNOWN}`]: page(tfpIssuer, `${host}/strong-keys`),
    [`${at('B2C_1_signin').replace('/B2C_1_signin', '')}${WELL_KNOWN}?p=B2C_1_signin`]: page(issuer),
    [`${host}/keys`]: { keys: [KEY.jwk] },
    [`${host}/strong-keys`]: { keys: [STRANGER.jwk] },
  });
  const b2c = (changes: Partial<ValidatorOptions> = {}) =>
    createValidator({ ...base(docs), authority: at('B2C_1_signin'), ...changes } as ValidatorOptions);
  const claims = (changes: Json = {}): Json => ({
    iss: issuer,
    exp: NOW / 1000 + 3600,
    aud: API,
    sub: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
    tfp: 'B2C_1_signin',
    scp: 'Orders.Read',
    azp: SPA,
    ver: '1.0',
    ...changes,
  });

  it.each([
    ['a user flow', claims(), 'accepted'],
    ['the policy in capitals', claims({ tfp: 'B2C_1_SIGNIN' }), 'accepted'],
    ['the policy in acr, as old tokens have it', claims({ tfp: undefined, acr: 'b2c_1_signin' }), 'accepted'],
    ['another policy of the same tenant', claims({ tfp: 'B2C_1_profile' }), 'policy_not_accepted'],
    [
      'another policy in tfp, ours in acr',
      claims({ tfp: 'B2C_1_profile', acr: 'B2C_1_signin' }),
      'policy_not_accepted',
    ],
    ['no policy', claims({ tfp: undefined }), 'policy_not_accepted'],
    ['a tid that agrees', claims({ tid: tenant }), 'accepted'],
    ['a tid that disagrees', claims({ tid: TENANT }), 'tenant_not_accepted'],
    ['another tenant', claims({ iss: issuer.replace(tenant, TENANT) }), 'issuer_not_accepted'],
    ['no scope', claims({ scp: undefined }), 'token_kind_unknown'],
    [
      'no scope, sub equal oid: not app-only in B2C',
      claims({ scp: undefined, oid: claims().sub }),
      'token_kind_unknown',
    ],
    ['an ID token', claims({ azp: undefined, scp: undefined }), 'not_an_access_token'],
    ["a workforce tenant's issuer", claims({ iss: v2Issuer(TENANT), tid: TENANT }), 'issuer_not_accepted'],
  ])('%s', async (_, payload, expected) => {
    expect(await outcomeOf(b2c(), signed(payload))).toBe(expected);
  });

  it('each accepted policy has metadata, issuer and keys of its own', async () => {
    const both = b2c({ policies: ['B2C_1_signin', 'B2C_1A_strong'] });
    const strong = claims({ iss: tfpIssuer, tfp: 'B2C_1A_strong' });
    expect(await outcomeOf(both, signed(claims()))).toBe('accepted');
    expect(await outcomeOf(both, signed(strong, {}, { key: STRANGER }))).toBe('accepted');
    expect(await outcomeOf(both, signed(claims(), { kid: STRANGER.kid }, { key: STRANGER }))).toBe(
      'signing_key_not_found',
    );
    expect(await outcomeOf(both, signed({ ...strong, tfp: 'B2C_1_signin' }))).toBe('issuer_not_accepted');
  });

  it('a policy whose metadata can not be had is undecided (503)', async () => {
    const policies = ['B2C_1_signin', 'B2C_1_gone'];
    const token = signed(claims({ tfp: 'B2C_1_gone' }));
    expect(await outcomeOf(b2c({ policies }), token)).toBe('keys_unavailable');
  });

  it('takes the whole metadata URL with its query', async () => {
    const authority = `${host}/contosob2c.onmicrosoft.com/v2.0${WELL_KNOWN}?p=B2C_1_signin`;
    expect(await outcomeOf(b2c({ authority } as Partial<ValidatorOptions>), signed(claims()))).toBe(
      'accepted',
    );
  });

  it("a daemon's permissions stand in scp, and only daemons that are named are daemons", async () => {
    const daemon = signed(claims({ azp: DAEMON, scp: 'Orders.Read.All' }));
    const auth = await b2c({ appClients: [DAEMON.toUpperCase()] }).validate(daemon);
    expect(auth).toMatchObject({ kind: 'app', clientId: DAEMON });
    expect(auth.roles.toArray()).toEqual(['Orders.Read.All']);
    expect(auth.scopes.toArray()).toEqual([]);
    expect((await b2c().validate(daemon)).kind).toBe('user');
  });

  it('users without oid are told apart by tenant and subject', async () => {
    const auth = await b2c().validate(signed(claims()));
    expect(auth.objectId).toBeUndefined();
    expect(auth.tenantId).toBe(tenant);
    expect(auth.subjectKey).toBe(`${tenant}/sub/aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb`);
  });
});

describe('External ID and other authorities', () => {
  const tenant = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
  const issuer = `https://${tenant}.ciamlogin.com/${tenant}/v2.0`;
  const metadata = { issuer, jwks_uri: `https://${tenant}.ciamlogin.com/keys` };
  const keys = { [`https://${tenant}.ciamlogin.com/keys`]: { keys: [KEY.jwk] } };
  const token = signed(userClaims({ iss: issuer, tid: tenant }));

  it.each([
    [
      'by tenant ID',
      `https://contoso.ciamlogin.com/${tenant}/v2.0`,
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
    ],
    [
      'by its host alone, as it is documented',
      'https://contoso.ciamlogin.com/',
      `https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0${WELL_KNOWN}`,
    ],
    [
      'by a custom domain',
      `https://login.contoso.example/${tenant}/v2.0`,
      `https://login.contoso.example/${tenant}/v2.0${WELL_KNOWN}`,
    ],
    [
      'by the whole metadata URL',
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
    ],
    [
      'with a trailing slash',
      `https://contoso.ciamlogin.com/${tenant}/v2.0/`,
      `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`,
    ],
  ])('%s', async (_, authority, url) => {
    const docs = documents({ [url]: metadata, ...keys });
    const validator = createValidator({ ...base(docs), authority });
    expect(await outcomeOf(validator, token)).toBe('accepted');
    expect(await outcomeOf(validator, of(TENANT))).toBe('tenant_not_accepted');
  });

  it('v1 tokens are refused, not undecided, where the authority has no v1 metadata', async () => {
    const docs = documents({
      [`https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`]: metadata,
      ...keys,
    });
    const validator = createValidator({
      ...base(docs),
      authority: `https://contoso.ciamlogin.com/${tenant}/v2.0`,
    });
    expect(await outcomeOf(validator, v1Of(tenant))).toBe('issuer_not_accepted');
  });

  it('and undecided (503) where it can not be asked whether it has', async () => {
    const docs = documents({
      [`https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`]: metadata,
      ...keys,
    });
    docs.pages.set(
      `https://contoso.ciamlogin.com/${tenant}${WELL_KNOWN}`,
      new Answer(() => new Response('', { status: 503 })),
    );
    const authority = `https://contoso.ciamlogin.com/${tenant}/v2.0`;
    expect(await outcomeOf(createValidator({ ...base(docs), authority }), v1Of(tenant))).toBe(
      'keys_unavailable',
    );
  });

  it('its own metadata that has vanished decides nothing (503)', async () => {
    let now = NOW;
    const url = `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`;
    const docs = documents({ [url]: metadata, ...keys });
    const options = { ...base(docs), now: () => now, keys: { hardAge: 0 }, authority: url };
    const validator = createValidator(options);
    expect(await outcomeOf(validator, token)).toBe('accepted');
    docs.pages.delete(url);
    now += 3_600_000;
    const later = userClaims({ iss: issuer, tid: tenant, exp: now / 1000 + 600 });
    expect(await outcomeOf(validator, signed(later))).toBe('keys_unavailable');
  });

  it('daemons are told from users as in a workforce tenant, and not as in B2C', async () => {
    const url = `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`;
    const docs = documents({ [url]: metadata, ...keys });
    const validator = createValidator({ ...base(docs), authority: url });
    const auth = await validator.validate(signed(appClaims({ iss: issuer, tid: tenant })));
    expect(auth).toMatchObject({ kind: 'app', clientId: DAEMON });
  });

  it.each<[string, { readonly authorization_endpoint?: string }]>([
    ['where its metadata says', { authorization_endpoint: 'https://contoso.ciamlogin.com/authorize' }],
    ['to its issuer, where its metadata does not say', {}],
  ])('a step-up sends users %s, and names the tenant', async (_, more) => {
    const url = `https://contoso.ciamlogin.com/${tenant}/v2.0${WELL_KNOWN}`;
    const docs = documents({ [url]: { ...metadata, ...more }, ...keys });
    const guard = createGuard({ ...base(docs), authority: url });
    const request = { headers: { authorization: `Bearer ${token}` } };
    const error = await guard
      .require(request, allOf(scopes('Orders.Read'), authContext('c1')))
      .catch((reason: unknown) => reason);
    expect(guard.toHttp(error).headers['WWW-Authenticate']).toContain(
      `realm="${tenant}", authorization_uri="${more.authorization_endpoint ?? issuer}"`,
    );
  });

  it('apps with signing keys of their own are read with ?appid=', async () => {
    const docs = documents({
      [`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}?appid=${API}`]: {
        issuer: v2Issuer(TENANT),
        jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys?appid=${API}`,
      },
      [`${LOGIN}/${TENANT}/discovery/v2.0/keys?appid=${API}`]: { keys: [KEY.jwk] },
    });
    expect(await outcomeOf(singleTenant({ customSigningKeys: true }, docs), signed(userClaims()))).toBe(
      'accepted',
    );
    expect(docs.asked.every((url) => url.endsWith(`?appid=${API}`))).toBe(true);
  });
});

describe('several authorities on one API', () => {
  const external = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
  const EXTERNAL_API = '99999999-aaaa-2222-bbbb-3333cccc4444';
  const externalIssuer = `https://${external}.ciamlogin.com/${external}/v2.0`;
  const docs = documents({
    ...tenantPages(),
    [`https://contoso.ciamlogin.com/${external}/v2.0${WELL_KNOWN}`]: {
      issuer: externalIssuer,
      jwks_uri: `https://${external}.ciamlogin.com/keys`,
    },
    [`https://${external}.ciamlogin.com/keys`]: { keys: [STRANGER.jwk] },
  });
  const validator = createValidator([
    { ...base(docs), tenantId: TENANT },
    { ...base(docs), clientId: EXTERNAL_API, authority: `https://contoso.ciamlogin.com/${external}/v2.0` },
  ]);
  const customer = (changes: Json = {}): Json =>
    userClaims({ iss: externalIssuer, tid: external, aud: EXTERNAL_API, ...changes });

  it.each([
    ["an employee's token", signed(userClaims()), 'accepted'],
    ["a customer's token", signed(customer(), {}, { key: STRANGER }), 'accepted'],
    [
      "a customer's token for the employees' audience",
      signed(customer({ aud: API }), {}, { key: STRANGER }),
      'audience_not_accepted',
    ],
    [
      "an employee's token for the customers' audience",
      signed(userClaims({ aud: EXTERNAL_API })),
      'audience_not_accepted',
    ],
    ["a customer's issuer by the employees' key", signed(customer()), 'signing_key_not_found'],
    [
      "an employee's issuer by the customers' key",
      signed(userClaims(), {}, { key: STRANGER }),
      'signing_key_not_found',
    ],
    [
      'an issuer of neither',
      signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT })),
      'tenant_not_accepted',
    ],
  ])('%s', async (_, token, expected) => {
    expect(await outcomeOf(validator, token)).toBe(expected);
  });

  it('one that is down does not answer for the other', async () => {
    const half = documents(tenantPages());
    const pair = createValidator([
      { ...base(half), clientId: EXTERNAL_API, authority: `https://contoso.ciamlogin.com/${external}/v2.0` },
      { ...base(half), tenantId: TENANT },
    ]);
    expect(await outcomeOf(pair, signed(userClaims()))).toBe('accepted');
    expect(await outcomeOf(pair, signed(customer(), {}, { key: STRANGER }))).toBe('keys_unavailable');
  });
});

describe('what callers may learn where several tenants are accepted', () => {
  const docs = documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) });
  const validator = multi([TENANT, OTHER_TENANT], docs);

  it.each([
    ['an unknown tenant', of('cccccccc-0000-0000-0000-000000000000')],
    ['a known tenant, a forged signature', signed(userClaims(), { kid: KEY.kid }, { key: STRANGER })],
    ['a known tenant, another audience', of(TENANT, { aud: DAEMON })],
    ['an expired token', of(TENANT, { exp: NOW / 1000 - 600, iat: undefined, nbf: undefined })],
  ])('refusals before the signature all look alike: %s', async (_, token) => {
    const error = await refusalOf(validator, token);
    expect(TokenError.is(error) && error.concealed && !error.verified).toBe(true);
  });

  it('with one tenant the refusal says what is wrong', async () => {
    const error = await refusalOf(singleTenant(), of(OTHER_TENANT));
    expect(TokenError.is(error) && error.concealed).toBe(false);
  });
});

describe('revocation', () => {
  const docs = documents(tenantPages());
  const thenable = (value: unknown) => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library.
    then: (resolve: (value: unknown) => void) => resolve(value),
  });
  const asking = (isRevoked: () => unknown) => singleTenant({ isRevoked: isRevoked as () => boolean }, docs);

  it.each([
    ['false goes on', () => false, 'accepted'],
    ['a promise of false goes on', async () => false, 'accepted'],
    ['true refuses', () => true, 'token_revoked'],
    ['a thenable of true refuses', () => thenable(true), 'token_revoked'],
    ['a thenable of false goes on', () => thenable(false), 'accepted'],
    ['nothing decides nothing (503)', () => undefined, 'hook_failed'],
    ['null decides nothing', () => null, 'hook_failed'],
    ['0 decides nothing', () => 0, 'hook_failed'],
    ['an empty string decides nothing', () => '', 'hook_failed'],
    ['a string decides nothing', () => 'false', 'hook_failed'],
    ['an object decides nothing', async () => ({ revoked: false }), 'hook_failed'],
    ['a thenable of nothing decides nothing', () => thenable(undefined), 'hook_failed'],
    [
      'a throw decides nothing (503)',
      () => {
        throw new Error('redis down');
      },
      'hook_failed',
    ],
  ])('%s', async (_, isRevoked, expected) => {
    expect(await outcomeOf(asking(isRevoked), signed(userClaims()))).toBe(expected);
  });

  it('is asked each time, after the signature, and told who calls', async () => {
    const seen: string[] = [];
    const validator = singleTenant({ isRevoked: (auth) => seen.push(auth.tokenId ?? '') < 0 }, docs);
    await outcomeOf(validator, signed(userClaims(), { kid: KEY.kid }, { key: STRANGER }));
    expect(seen).toEqual([]);
    await outcomeOf(validator, signed(userClaims()));
    await outcomeOf(validator, signed(appClaims()));
    await outcomeOf(validator, signed(userClaims()));
    expect(seen).toHaveLength(3);
  });
});
