import { describe, expect, it } from 'vitest';
import { contoso } from '../../../test/support/contoso.js';
import {
  API,
  appClaims,
  fetchFromMemory,
  type Json,
  OTHER_API,
  OTHER_TENANT,
  ofTenant,
  signed,
  TENANT,
  userClaims,
} from '../../../test/support/forger.js';
import { createGuard, type ErrorCode, onEvent } from '../src/index.js';
import { createMigrationGuard, type MigrationTerms, readHeaderOrBodyToken } from '../src/migration.js';
import { configurationSentence, refusalOf } from './refusals.js';

const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const request = (claims: Json) => ({ headers: { authorization: `Bearer ${signed(claims)}` } });

/** What the terms make of a token: the code of a refusal, or the caller. */
async function outcome(claims: Json, terms: MigrationTerms) {
  const guard = createMigrationGuard(contoso(), terms);
  return guard.authenticate(request(claims)).catch((error: { readonly code: ErrorCode }) => error.code);
}

const { azp: _azp, scp: _scp, ...idToken } = userClaims({ nonce: 'FAKE-nonce' });

describe('the terms of a migration', () => {
  it('change nothing while there are none', async () => {
    expect(await outcome(userClaims(), {})).toMatchObject({ kind: 'user' });
    expect(await outcome(idToken, {})).toBe('not_an_access_token');
    expect(await outcome(userClaims({ aud: OTHER_API }), {})).toBe('audience_not_accepted');
  });

  it.each(['allowIdTokens', 'readBodyTokens', 'allowOtherPolicies', 'audiences', 'issuers', 'version'])(
    'are not taken from the prototype of all objects: %s',
    async (name) => {
      const value = name.startsWith('a') && name !== 'audiences' ? true : [OTHER_API];
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
      try {
        expect(await outcome(idToken, {})).toBe('not_an_access_token');
        expect(await outcome(userClaims({ aud: OTHER_API }), {})).toBe('audience_not_accepted');
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
    },
  );

  it('hold for each of several authorities', async () => {
    const both = [contoso(), contoso({ tenantId: OTHER_TENANT })];
    const guard = createMigrationGuard(both, { audiences: ['api://orders'] });
    for (const tenant of [TENANT, OTHER_TENANT]) {
      const claims = ofTenant(tenant, userClaims({ aud: 'api://orders' }));
      await expect(guard.authenticate(request(claims))).resolves.toMatchObject({ tenantId: tenant });
      await expect(guard.authenticate(request({ ...claims, aud: API }))).rejects.toMatchObject({
        code: 'audience_not_accepted',
      });
    }
  });

  it('name the audiences exactly: the client ID alone is not one of them', async () => {
    const terms = { audiences: ['api://orders'] };
    expect(await outcome(userClaims({ aud: 'api://orders' }), terms)).toMatchObject({ kind: 'user' });
    expect(await outcome(userClaims({ aud: API }), terms)).toBe('audience_not_accepted');
    expect(await outcome(userClaims({ aud: `api://${API}` }), terms)).toBe('audience_not_accepted');
  });

  it('narrow the issuers to those in a list', async () => {
    expect(await outcome(userClaims(), { issuers: [V2] })).toMatchObject({ kind: 'user' });
    expect(await outcome(userClaims(), { issuers: [`https://sts.windows.net/${TENANT}/`] })).toBe(
      'issuer_not_accepted',
    );
  });

  it('never add an issuer that the authority does not have', async () => {
    const iss = `https://evil.example/${TENANT}/v2.0`;
    expect(await outcome(userClaims({ iss }), { issuers: [iss] })).toBe('issuer_not_accepted');
  });

  it('narrow the versions to one', async () => {
    expect(await outcome(userClaims(), { version: 'v2' })).toMatchObject({ kind: 'user' });
    expect(await outcome(userClaims(), { version: 'v1' })).toBe('issuer_not_accepted');
  });

  it('let ID tokens in as users with the scope openid, when told to', async () => {
    const terms = { allowIdTokens: true };
    const caller = await outcome(idToken, terms);
    expect(caller).toMatchObject({ kind: 'user', clientId: API });
    expect([...(caller as { readonly scopes: Iterable<string> }).scopes]).toEqual(['openid']);
    expect(await outcome({ ...idToken, scp: 'Orders.Read' }, terms)).toMatchObject({ clientId: API });
    expect(await outcome(userClaims(), terms)).toMatchObject({ kind: 'user' });
    expect(await outcome(appClaims(), terms)).toMatchObject({ kind: 'app' });
  });

  it('let nothing else in with them', async () => {
    const terms = { allowIdTokens: true };
    expect(await outcome({ ...idToken, idtyp: 'app' }, terms)).toBe('not_an_access_token');
    expect(await outcome({ ...idToken, aud: OTHER_API }, terms)).toBe('audience_not_accepted');
    expect(await outcome({ ...idToken, sub: undefined, oid: undefined }, terms)).toBe('token_kind_unknown');
    expect(await outcome({ ...idToken, cnf: { kid: 'FAKE' } }, terms)).toBe('key_bound_token');
  });

  it('let B2C tokens of every policy in, when told to', async () => {
    const authority = 'https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_SignIn/v2.0';
    const iss = `https://contoso.b2clogin.com/${TENANT}/v2.0/`;
    const fetch: typeof globalThis.fetch = async (input) => {
      const url = String(input);
      if (url.includes('openid-configuration'))
        return Response.json({ issuer: iss, jwks_uri: `${authority}/keys` });
      const found = await fetchFromMemory(`https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`);
      const { keys } = (await found.json()) as { readonly keys: readonly object[] };
      return Response.json({ keys: keys.map((key) => ({ ...key, issuer: undefined })) });
    };
    const judged = async (tfp: string, terms: MigrationTerms) => {
      const { tenantId: _tenantId, ...rest } = contoso({ fetch });
      const guard = createMigrationGuard({ ...rest, authority }, terms);
      const decision = guard.authenticate(request(userClaims({ iss, tid: undefined, tfp })));
      return decision.then(
        () => 'accepted',
        ({ code }: { readonly code: string }) => code,
      );
    };
    expect(await judged('B2C_1_SignIn', {})).toBe('accepted');
    expect(await judged('B2C_1_Edit', {})).toBe('policy_not_accepted');
    expect(await judged('B2C_1_Edit', { allowOtherPolicies: true })).toBe('accepted');
  });

  it('are not options of a guard', () => {
    for (const name of [
      'allowIdTokens',
      'allowOtherPolicies',
      'audiences',
      'concessions',
      'readBodyTokens',
    ]) {
      const options = { ...contoso(), [name]: true };
      expect(configurationSentence(() => createGuard(options))).toContain(name);
    }
  });

  it.each([
    [{ allowIdToken: true }, "There is no term of a migration called 'allowIdToken'."],
    [{ allowIdTokens: 'true' }, 'allowIdTokens is true.'],
    [{ allowOtherPolicies: 1 }, 'allowOtherPolicies is 1.'],
    [{ readBodyTokens: 'yes' }, 'readBodyTokens is yes.'],
    [{ audiences: ['undefined'] }, 'audience holds undefined.'],
  ])('are refused where they are invalid: %o', (terms, sentence) => {
    expect(configurationSentence(() => createMigrationGuard(contoso(), terms as MigrationTerms))).toContain(
      sentence,
    );
  });

  it('refuse settings of the guard that are not read', () => {
    const settings = { auditClaim: ['uti'] };
    expect(configurationSentence(() => createMigrationGuard(contoso(), {}, settings as object))).toContain(
      "There is no setting of a guard called 'auditClaim'. Did you mean 'auditClaims'?",
    );
  });
});

describe('a token in the body', () => {
  const token = signed(userClaims());
  const header = { authorization: `Bearer ${token}` };
  const post = (parts: object) => ({ method: 'POST', headers: {}, ...parts });
  const codeOf = (given: object): string => {
    try {
      return readHeaderOrBodyToken(post(given));
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  };

  it.each([
    ['the header alone', { headers: header }, token],
    ['the body alone', { body: { access_token: token } }, token],
    ['a body without one', { headers: header, body: { other: 1 } }, token],
    ['a body that is not an object', { headers: header, body: 'access_token' }, token],
    [
      'another scheme and the body',
      { headers: { authorization: 'Basic eA==' }, body: { access_token: token } },
      token,
    ],
    ['nothing', {}, 'credentials_missing'],
    ['an empty one', { body: { access_token: '' } }, 'credentials_missing'],
    [
      'GET, where a body means nothing',
      { method: 'GET', body: { access_token: token } },
      'credentials_missing',
    ],
    ['HEAD', { method: 'head', body: { access_token: token } }, 'credentials_missing'],
    ['no method', { method: undefined, body: { access_token: token } }, 'credentials_missing'],
    ['the header and the body', { headers: header, body: { access_token: token } }, 'credentials_malformed'],
    [
      'both, with GET',
      { method: 'GET', headers: header, body: { access_token: 'x' } },
      'credentials_malformed',
    ],
    [
      'a broken header and the body',
      { headers: { authorization: 'Bearer a b' }, body: { access_token: token } },
      'credentials_malformed',
    ],
    ['a list', { body: { access_token: [token] } }, 'credentials_malformed'],
    ['two in one', { body: { access_token: `${token} ${token}` } }, 'credentials_malformed'],
    ['the query', { query: { access_token: token } }, 'credentials_malformed'],
    ['the header and the query', { headers: header, query: { access_token: 'x' } }, 'credentials_malformed'],
    ['a body that is null', { headers: header, body: null }, token],
    ['an empty query parameter', { headers: header, query: { access_token: '' } }, token],
  ])('is read from: %s', (_, given, expected) => {
    expect(codeOf(given)).toBe(expected);
  });

  it('is read only on terms that say so', async () => {
    const given = post({ body: { access_token: token } });
    const plain = createMigrationGuard(contoso(), {});
    expect((await refusalOf(plain.authenticate(given))).code).toBe('credentials_missing');
    const reading = createMigrationGuard(contoso(), { readBodyTokens: true });
    expect(await reading.authenticate(given)).toMatchObject({ kind: 'user' });
  });

  it('is seen next to one in the header that was accepted before', async () => {
    const guard = createMigrationGuard(contoso(), { readBodyTokens: true });
    for (let use = 0; use < 3; use++) await guard.authenticate(post({ headers: header }));
    for (const more of [{ body: { access_token: token } }, { query: { access_token: token } }]) {
      const refusal = await refusalOf(guard.authenticate(post({ headers: header, ...more })));
      expect(refusal.code).toBe('credentials_malformed');
    }
  });

  it('shows in audit events as what it claimed, where it was refused', async () => {
    const events: unknown[] = [];
    const end = onEvent((event) => events.push(event), { types: ['decision'] });
    const guard = createMigrationGuard(contoso(), { readBodyTokens: true });
    const wrong = post({ body: { access_token: signed(userClaims({ aud: OTHER_API })) } });
    await refusalOf(guard.authenticate(wrong));
    end();
    expect(events).toMatchObject([{ outcome: 'deny', claimed: { audience: OTHER_API } }]);
  });
});
