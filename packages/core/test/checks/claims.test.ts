import { describe, expect, it } from 'vitest';
import {
  API,
  appClaims,
  DAEMON,
  ISSUED,
  type Json,
  KEY,
  NOW,
  OTHER_TENANT,
  SPA,
  signed,
  TENANT,
  userClaims,
  v1Claims,
  v1Issuer,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();
const outcome = (claims: unknown): ReturnType<typeof outcomeOf> => outcomeOf(validator, signed(claims));
const seconds = NOW / 1000;

describe('issuer and tenant (facts 2.3 to 2.5; design invariant 4)', () => {
  it.each([
    ['v2 issuer', userClaims(), 'accepted'],
    ['v1 issuer', v1Claims(), 'accepted'],
    ['no issuer', userClaims({ iss: undefined }), 'issuer_not_accepted'],
    ['an issuer that is a list', userClaims({ iss: [v2Issuer(TENANT)] }), 'issuer_not_accepted'],
    ['an empty issuer', userClaims({ iss: '' }), 'issuer_not_accepted'],
    ['an issuer that is no URL', userClaims({ iss: TENANT }), 'issuer_not_accepted'],
    ['another host', userClaims({ iss: `https://evil.example/${TENANT}/v2.0` }), 'issuer_not_accepted'],
    [
      'a host that ends like ours',
      userClaims({ iss: `https://xlogin.microsoftonline.com/${TENANT}/v2.0` }),
      'issuer_not_accepted',
    ],
    ['http', userClaims({ iss: `http://login.microsoftonline.com/${TENANT}/v2.0` }), 'issuer_not_accepted'],
    [
      'a trailing slash behind the v2 issuer',
      userClaims({ iss: `${v2Issuer(TENANT)}/` }),
      'issuer_not_accepted',
    ],
    [
      'no trailing slash behind the v1 issuer',
      v1Claims({ iss: v1Issuer(TENANT).slice(0, -1) }),
      'issuer_not_accepted',
    ],
    [
      'the host in capitals',
      userClaims({ iss: v2Issuer(TENANT).replace('login', 'LOGIN') }),
      'issuer_not_accepted',
    ],
    ['a query behind the issuer', userClaims({ iss: `${v2Issuer(TENANT)}?x=1` }), 'issuer_not_accepted'],
    [
      'a user name in the issuer',
      userClaims({ iss: v2Issuer(TENANT).replace('//', '//x@') }),
      'issuer_not_accepted',
    ],
    [
      'a port in the issuer',
      userClaims({ iss: v2Issuer(TENANT).replace('.com', '.com:444') }),
      'issuer_not_accepted',
    ],
    ['the template itself', userClaims({ iss: v2Issuer('{tenantid}') }), 'issuer_not_accepted'],
    ['the alias common', userClaims({ iss: v2Issuer('common') }), 'issuer_not_accepted'],
    [
      "another tenant's issuer and tid",
      userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    [
      "another tenant's v1 issuer and tid",
      v1Claims({ iss: v1Issuer(OTHER_TENANT), tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    ['our issuer, another tid', userClaims({ tid: OTHER_TENANT }), 'tenant_not_accepted'],
    ['another issuer, our tid', userClaims({ iss: v2Issuer(OTHER_TENANT) }), 'tenant_not_accepted'],
    ['no tid', userClaims({ tid: undefined }), 'tenant_not_accepted'],
    ['an empty tid', userClaims({ tid: '' }), 'tenant_not_accepted'],
    ['a tid that is a list', userClaims({ tid: [TENANT] }), 'token_malformed'],
    ['a tid that is an object', userClaims({ tid: { toString: TENANT } }), 'token_malformed'],
    ['a tid in capitals', userClaims({ tid: TENANT.toUpperCase() }), 'accepted'],
    [
      "an issuer with the tenant in another tenant's path",
      userClaims({ iss: `https://login.microsoftonline.com/${OTHER_TENANT}/${TENANT}/v2.0` }),
      'tenant_not_accepted',
    ],
    [
      'US Government',
      userClaims({ iss: `https://login.microsoftonline.us/${TENANT}/v2.0` }),
      'issuer_not_accepted',
    ],
  ])('%s', async (_, claims, expected) => {
    expect(await outcome(claims)).toBe(expected);
  });
});

describe('audience (facts 2.2; design invariant 5)', () => {
  const uri = 'https://api.contoso.example/orders';
  const withAudience = singleTenant({ audience: uri });

  it.each([
    ['the client ID', API, 'accepted'],
    ['the client ID in capitals', API.toUpperCase(), 'accepted'],
    ['the client ID with a trailing slash, which only URIs have', `${API}/`, 'audience_not_accepted'],
    ['the default application ID URI', `api://${API}`, 'accepted'],
    ['the same with a trailing slash', `api://${API}/`, 'accepted'],
    ['a configured audience', uri, 'accepted'],
    ['a configured audience with a trailing slash', `${uri}/`, 'accepted'],
    ['two trailing slashes', `${uri}//`, 'audience_not_accepted'],
    ['a path below', `${uri}/more`, 'audience_not_accepted'],
    ['the same in capitals', uri.toUpperCase(), 'audience_not_accepted'],
    ['Microsoft Graph', '00000003-0000-0000-c000-000000000000', 'audience_not_accepted'],
    ['Microsoft Graph by URL', 'https://graph.microsoft.com', 'audience_not_accepted'],
    ['another API', DAEMON, 'audience_not_accepted'],
    ['the client itself', SPA, 'audience_not_accepted'],
    ['workload identity federation', 'api://AzureADTokenExchange', 'audience_not_accepted'],
    ['a list that holds ours', [API], 'audience_not_accepted'],
    ['none', undefined, 'audience_not_accepted'],
    ['null', null, 'audience_not_accepted'],
    ['an empty string', '', 'audience_not_accepted'],
    ['an object', { aud: API }, 'audience_not_accepted'],
    ['a number', 1, 'audience_not_accepted'],
    ['ours with a space', `${API} `, 'audience_not_accepted'],
  ])('%s', async (_, aud, expected) => {
    expect(await outcomeOf(withAudience, signed(userClaims({ aud })))).toBe(expected);
  });

  it('an audience that was not configured is refused', async () => {
    expect(await outcome(userClaims({ aud: uri }))).toBe('audience_not_accepted');
  });

  it('applicationIdUri takes the place of api://{clientId}', async () => {
    const own = singleTenant({ applicationIdUri: 'api://orders' });
    expect(await outcomeOf(own, signed(userClaims({ aud: 'api://orders' })))).toBe('accepted');
    expect(await outcomeOf(own, signed(userClaims({ aud: `api://${API}` })))).toBe('audience_not_accepted');
  });
});

describe('times, with 60 s of tolerance (RFC 7519 section 4.1; design invariant 5)', () => {
  const huge = (name: string): unknown =>
    JSON.stringify(userClaims({ [name]: 0 })).replace(`"${name}":0`, `"${name}":1e400`);
  it.each([
    ['no exp', { exp: undefined }, 'token_malformed'],
    ['exp null', { exp: null }, 'token_malformed'],
    ['exp as text', { exp: String(seconds + 60) }, 'token_malformed'],
    ['exp with a fraction', { exp: seconds + 60.5 }, 'token_malformed'],
    ['exp negative', { exp: -1, iat: undefined, nbf: undefined }, 'token_malformed'],
    ['exp beyond all time', { exp: 9e15 }, 'token_malformed'],
    ['exp at the end of ECMAScript time', { exp: 8.64e12 }, 'accepted'],
    ['exp true', { exp: true }, 'token_malformed'],
    ['exp as a list', { exp: [seconds + 60] }, 'token_malformed'],
    ['exp one second ahead', { exp: seconds + 1 }, 'accepted'],
    ['expired 59 s ago', { exp: seconds - 59, iat: undefined, nbf: undefined }, 'accepted'],
    ['expired exactly 60 s ago', { exp: seconds - 60, iat: undefined, nbf: undefined }, 'token_expired'],
    ['expired an hour ago', { exp: seconds - 3600, iat: undefined, nbf: undefined }, 'token_expired'],
    // As people make them by hand: what is expired and odd has expired.
    ['expired before it was issued', { exp: seconds - 3600 }, 'token_expired'],
    ['expired before it began', { exp: seconds - 3600, iat: undefined }, 'token_expired'],
    ['expired, with iat as text', { exp: seconds - 3600, iat: 'yesterday', nbf: undefined }, 'token_expired'],
    ['expired, with nbf null', { exp: seconds - 3600, iat: undefined, nbf: null }, 'token_expired'],
    ['expired by a fraction', { exp: seconds - 60.5, iat: undefined, nbf: undefined }, 'token_expired'],
    [
      'an odd exp within the tolerance',
      { exp: seconds - 59.5, iat: undefined, nbf: undefined },
      'token_malformed',
    ],
    ['not expired, before it was issued', { exp: seconds + 60, iat: seconds + 61 }, 'token_malformed'],
    ['exp 0', { exp: 0, iat: undefined, nbf: undefined }, 'token_expired'],
    ['no nbf', { nbf: undefined }, 'accepted'],
    ['no iat', { iat: undefined }, 'accepted'],
    ['nbf 60 s ahead', { nbf: seconds + 60 }, 'accepted'],
    ['nbf 61 s ahead', { nbf: seconds + 61 }, 'token_not_yet_valid'],
    ['iat 60 s ahead', { iat: seconds + 60 }, 'accepted'],
    ['iat 61 s ahead', { iat: seconds + 61 }, 'token_not_yet_valid'],
    ['nbf as text', { nbf: String(ISSUED) }, 'token_malformed'],
    ['iat as text', { iat: String(ISSUED) }, 'token_malformed'],
    ['nbf null', { nbf: null }, 'token_malformed'],
    ['nbf at exp, which is to come', { nbf: ISSUED + 3900 }, 'token_not_yet_valid'],
    ['nbf behind exp', { nbf: ISSUED + 5000 }, 'token_malformed'],
    ['iat behind exp', { iat: ISSUED + 5000 }, 'token_malformed'],
    ['nbf with a fraction', { nbf: ISSUED + 0.5 }, 'token_malformed'],
  ])('%s', async (_, changes, expected) => {
    expect(await outcome(userClaims(changes))).toBe(expected);
  });

  it.each(['exp', 'iat', 'nbf'])('%s that overflows to infinity is refused', async (name) => {
    expect(await outcome(huge(name))).toBe('token_malformed');
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    ['1790000000000' as unknown as number],
  ])('a clock that gives %s decides nothing (503)', async (broken) => {
    expect(await outcomeOf(singleTenant({ now: () => broken }), signed(userClaims()))).toBe('hook_failed');
  });

  it('the tolerance is an option', async () => {
    const strict = singleTenant({ clockTolerance: 0 });
    const expired = userClaims({ exp: seconds, iat: undefined, nbf: undefined });
    expect(await outcomeOf(strict, signed(expired))).toBe('token_expired');
    const lax = singleTenant({ clockTolerance: 300 });
    expect(
      await outcomeOf(lax, signed(userClaims({ exp: seconds - 299, iat: undefined, nbf: undefined }))),
    ).toBe('accepted');
    expect(
      await outcomeOf(lax, signed(userClaims({ exp: seconds - 300, iat: undefined, nbf: undefined }))),
    ).toBe('token_expired');
  });
});

describe('kind of token (facts 2.7; design invariant 6)', () => {
  const idToken: Json = {
    ...userClaims({ nonce: 'n-0S6', azp: undefined, azpacr: undefined, scp: undefined }),
    name: 'Ada',
  };

  it.each([
    ['a delegated token', userClaims(), 'accepted'],
    ['an app-only token', appClaims(), 'accepted'],
    ['a v1 delegated token', v1Claims(), 'accepted'],
    ['an ID token of the same app', idToken, 'not_an_access_token'],
    ['an ID token with roles', { ...idToken, roles: ['Orders.Admin'] }, 'not_an_access_token'],
    ['no authorized party', userClaims({ azp: undefined }), 'not_an_access_token'],
    ['an empty authorized party', userClaims({ azp: '' }), 'not_an_access_token'],
    ['an authorized party that is a list', userClaims({ azp: [SPA] }), 'token_malformed'],
    ['no scope, sub unequal oid', userClaims({ scp: undefined }), 'token_kind_unknown'],
    ['an empty scope, sub unequal oid', userClaims({ scp: '' }), 'token_kind_unknown'],
    ['the scope "/", sub unequal oid', userClaims({ scp: '/' }), 'token_kind_unknown'],
    ['only spaces for a scope', userClaims({ scp: '   ' }), 'token_kind_unknown'],
    [
      'roles without a scope, sub unequal oid',
      userClaims({ scp: undefined, roles: ['Orders.Admin'] }),
      'token_kind_unknown',
    ],
    ['scp as a list', userClaims({ scp: ['Orders.Read'] }), 'token_malformed'],
    ['scp null', userClaims({ scp: null }), 'token_malformed'],
    ['roles as text', appClaims({ roles: 'Orders.Read.All' }), 'token_malformed'],
    ['roles with a number', appClaims({ roles: [1] }), 'token_malformed'],
    ['groups as an object', userClaims({ groups: { length: 1 } }), 'token_malformed'],
    ['idtyp user with a scope', userClaims({ idtyp: 'user' }), 'accepted'],
    ['idtyp user without a scope', userClaims({ idtyp: 'user', scp: undefined }), 'token_kind_unknown'],
    ['idtyp user without a scope, sub equal oid', appClaims({ idtyp: 'user' }), 'token_kind_unknown'],
    ['idtyp app', appClaims({ idtyp: 'app' }), 'accepted'],
    ['idtyp app with the scope "/", as agents have it', appClaims({ idtyp: 'app', scp: '/' }), 'accepted'],
    ['idtyp app with an empty scope', appClaims({ idtyp: 'app', scp: '' }), 'accepted'],
    ['idtyp app with a real scope', appClaims({ idtyp: 'app', scp: 'Orders.Read' }), 'token_kind_unknown'],
    ['idtyp app, sub unequal oid', appClaims({ idtyp: 'app', sub: 'other' }), 'accepted'],
    ['idtyp device', userClaims({ idtyp: 'device' }), 'token_kind_unknown'],
    ['idtyp in capitals', appClaims({ idtyp: 'APP' }), 'token_kind_unknown'],
    ['idtyp empty', appClaims({ idtyp: '' }), 'token_kind_unknown'],
    ['idtyp as a list', appClaims({ idtyp: ['app'] }), 'token_malformed'],
    ['app-only without oid', appClaims({ idtyp: 'app', oid: undefined }), 'token_kind_unknown'],
    ['app-only with an empty oid', appClaims({ idtyp: 'app', oid: '' }), 'token_kind_unknown'],
    ['neither sub nor oid', appClaims({ sub: undefined, oid: undefined }), 'token_kind_unknown'],
    ['sub and oid both empty', appClaims({ sub: '', oid: '' }), 'token_kind_unknown'],
    ['bound to a key', userClaims({ cnf: { kid: 'thumbprint' } }), 'key_bound_token'],
    ['bound to a certificate', userClaims({ cnf: { 'x5t#S256': 'thumbprint' } }), 'key_bound_token'],
    ['cnf null', userClaims({ cnf: null }), 'key_bound_token'],
    ['unknown claims', userClaims({ xms_ftd: 'x', aio: 'y', future: { deep: [1] } }), 'accepted'],
    [
      'a lone surrogate in a scope',
      JSON.stringify(userClaims()).replace('Orders.Read', '\\ud800'),
      'token_malformed',
    ],
    [
      'a lone surrogate in a claim that nobody reads',
      JSON.stringify(userClaims({ name: 'X' })).replace('"X"', '"\\udfff"'),
      'token_malformed',
    ],
    [
      'nesting deeper than 32 levels',
      JSON.stringify(userClaims({ deep: 0 })).replace(
        '"deep":0',
        `"deep":${'['.repeat(40)}${']'.repeat(40)}`,
      ),
      'token_malformed',
    ],
    [
      'nesting of a thousand levels',
      JSON.stringify(userClaims({ deep: 0 })).replace(
        '"deep":0',
        `"deep":${'['.repeat(1000)}${']'.repeat(1000)}`,
      ),
      'token_malformed',
    ],
  ])('%s', async (_, claims, expected) => {
    expect(await outcome(claims)).toBe(expected);
  });

  it('members called __proto__ and constructor are data, and reach nobody', async () => {
    const text = JSON.stringify(userClaims()).replace(
      '{',
      '{"__proto__":{"scp":"Orders.Admin"},"constructor":{"prototype":1},',
    );
    const auth = await validator.validate(signed(text));
    expect(auth.scopes.toArray()).toEqual(['Orders.Read']);
    expect(Object.hasOwn(auth.claims, '__proto__')).toBe(true);
    expect(Object.hasOwn(auth.claims, 'constructor')).toBe(true);
    expect(auth.claims.scp).toBe('Orders.Read');
    expect(({} as Json).scp).toBeUndefined();
  });

  it('the client of a v1 token is its appid, of a v2 token its azp', async () => {
    const both = { azp: SPA, appid: DAEMON };
    expect((await validator.validate(signed(userClaims(both)))).clientId).toBe(SPA);
    expect((await validator.validate(signed(v1Claims(both)))).clientId).toBe(DAEMON);
  });
});

describe('what a refusal says', () => {
  it('names what was found, what was expected and the likely cause, for a Graph token', async () => {
    const error = await refusalOf(
      validator,
      signed(userClaims({ aud: '00000003-0000-0000-c000-000000000000' })),
    );
    expect(error).toMatchObject({
      name: 'TokenError',
      code: 'audience_not_accepted',
      status: 401,
      found: '"00000003-0000-0000-c000-000000000000"',
      expected: `"${API}" or "api://${API}"`,
      verified: false,
    });
    expect(error.hint).toContain('Microsoft Graph');
    expect(error.hint).toContain(`api://${API}/<scope>`);
  });

  it('names times as people read them', async () => {
    const iso = (time: number): string => new Date(time * 1000).toISOString();
    const expired = { exp: seconds - 1000, iat: undefined, nbf: undefined };
    expect(await refusalOf(validator, signed(userClaims(expired)))).toMatchObject({
      found: `${iso(seconds - 1000)}, 1000 s ago`,
      expected: `a time after ${iso(seconds)}, with 60 s of tolerance`,
    });
    expect(await refusalOf(validator, signed(userClaims({ nbf: seconds + 100 })))).toMatchObject({
      found: `${iso(seconds + 100)}, 100 s from now`,
      expected: `at most ${iso(seconds)}, with 60 s of tolerance`,
    });
  });

  it.each([
    ['an ID token', signed({ ...userClaims({ azp: undefined }), nonce: 'x' }), 'ID token'],
    ['a five-part token', 'a.b.c.d.e', 'tokenEncryptionKeyId'],
    ['the word undefined', 'undefined', 'variable'],
    [
      'another cloud',
      signed(userClaims({ iss: `https://login.microsoftonline.us/${TENANT}/v2.0` })),
      'usgov cloud',
    ],
    [
      'External ID',
      signed(userClaims({ iss: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0` })),
      'ciamlogin.com',
    ],
    ['B2C', signed(userClaims({ iss: `https://contoso.b2clogin.com/${TENANT}/v2.0/` })), 'B2C'],
    [
      'another tenant',
      signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT })),
      'another tenant',
    ],
    [
      'personal accounts',
      signed(
        userClaims({
          iss: v2Issuer('9188040d-6c67-4c5b-b112-36a304b66dad'),
          tid: '9188040d-6c67-4c5b-b112-36a304b66dad',
        }),
      ),
      'personal Microsoft accounts',
    ],
    ['an expired token', signed(userClaims({ exp: ISSUED - 100, iat: undefined, nbf: undefined })), 'clock'],
    ['a token from the future', signed(userClaims({ nbf: ISSUED + 900 })), 'NTP'],
    ['another App ID URI', signed(userClaims({ aud: 'api://other' })), 'App ID URI'],
    ['a key-bound token', signed(userClaims({ cnf: {} })), 'proof-of-possession'],
    [
      'a Graph nonce in the header',
      `${signed(userClaims(), { nonce: 'x', kid: KEY.kid }).slice(0, -4)}AAAA`,
      'Graph',
    ],
    ['only openid scopes', signed(userClaims({ scp: undefined })), 'openid'],
  ])('hints at the cause: %s', async (_, token, words) => {
    expect((await refusalOf(validator, token)).hint).toContain(words);
  });

  it('what a token says is bounded and escaped before anybody reads it', async () => {
    const aud = `evil\r\n\u2028\u202e${'x'.repeat(1000)}`;
    const error = await refusalOf(validator, signed(userClaims({ aud })));
    expect(error.message).toContain('evil\\u000d\\u000a\\u2028\\u202e');
    expect(error.message.length).toBeLessThan(600);
    expect(error.message).not.toMatch(/[\r\n\u2028\u202e]/);
  });
});
