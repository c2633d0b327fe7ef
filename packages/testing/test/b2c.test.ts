import { createValidator } from '@entra-guard/core';
import { type LocalEntra, type StartEntraOptions, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './client.js';
import { claimsOf, isSignedByOneOf, keysOf, namesOf } from './read-token.js';

const SIGN_IN = 'B2C_1_signin';
const options: StartEntraOptions = {
  apps: {
    orders: {
      scopes: ['Orders.Read', 'Orders.Write'],
      appRoles: { 'Orders.Read.All': ['Application'] },
      accessTokenLifetime: 900,
    },
    job: { secret: 'secret' },
  },
  tenants: ['contoso'],
  policies: [SIGN_IN, { name: 'B2C_1A_legacy', claim: 'acr', issuer: 'policy' }],
};

let inProcess: LocalEntra;
let onPort: LocalEntra;
beforeAll(async () => {
  [inProcess, onPort] = await Promise.all([startEntra(options), startEntra({ ...options, port: 0 })]);
});
afterAll(async () => {
  await Promise.all([inProcess.close(), onPort.close()]);
});

const places: readonly [string, () => LocalEntra, () => string][] = [
  ['in process', () => inProcess, () => 'https://contoso.b2clogin.com'],
  ['on a port', () => onPort, () => onPort.origin],
];

describe.each(places)('a policy of Azure AD B2C %s', (_, entraOf, originOf) => {
  const read = async (path: string): Promise<Answer> => {
    const answer = await entraOf().fetch(`${originOf()}${path}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Answer;
  };

  it.each([
    ['/contoso.onmicrosoft.com/B2C_1_signin', 'contoso.onmicrosoft.com/b2c_1_signin', ''],
    ['/contoso.onmicrosoft.com/b2c_1_SIGNIN', 'contoso.onmicrosoft.com/b2c_1_signin', ''],
    ['/tfp/contoso.onmicrosoft.com/b2c_1_signin', 'contoso.onmicrosoft.com/b2c_1_signin', ''],
    ['/contoso.onmicrosoft.com', 'contoso.onmicrosoft.com/b2c_1_signin', '?p=b2c_1_signin'],
  ])('has metadata at %s, by the tenant’s GUID and with a slash', async (path, base, query) => {
    const { tenantId } = entraOf();
    expect(await read(`${path}/v2.0/.well-known/openid-configuration${query}`)).toMatchObject({
      issuer: `${originOf()}/${tenantId}/v2.0/`,
      jwks_uri: `${originOf()}/${base}/discovery/v2.0/keys`,
      token_endpoint: `${originOf()}/${base}/oauth2/v2.0/token`,
    });
  });

  it('is found by the tenant’s GUID too, and names itself in the issuer if it is told to', async () => {
    const { tenantId } = entraOf();
    const { issuer } = await read(`/${tenantId}/b2c_1a_legacy/v2.0/.well-known/openid-configuration`);
    expect(issuer).toBe(`${originOf()}/tfp/${tenantId}/b2c_1a_legacy/v2.0/`);
  });

  it.each([
    '/contoso.onmicrosoft.com/b2c_1_other/v2.0/.well-known/openid-configuration',
    '/fabrikam.onmicrosoft.com/b2c_1_signin/v2.0/.well-known/openid-configuration',
    '/contoso.onmicrosoft.com/b2c_1_other/discovery/v2.0/keys',
  ])('is not found at %s', async (path) => {
    expect((await entraOf().fetch(originOf() + path)).status).toBe(404);
  });

  it('mints tokens of users with its name, without a tenant', async () => {
    const entra = entraOf();
    const { token, claims } = entra.user('ada', { policy: 'b2c_1_signin', scp: 'Orders.Read' });
    expect(claims).toMatchObject({
      iss: `${originOf()}/${entra.tenantId}/v2.0/`,
      aud: entra.clientIdOf('orders'),
      azp: entra.clientIdOf('spa'),
      sub: entra.objectIdOf('ada'),
      oid: entra.objectIdOf('ada'),
      tfp: SIGN_IN,
      scp: 'Orders.Read',
      ver: '1.0',
      name: 'Ada Example',
      emails: ['ada@contoso.onmicrosoft.com'],
    });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(900);
    expect(namesOf(claims)).not.toContain('tid');
    expect(namesOf(claims)).not.toContain('acr');
    const keys = await keysOf(
      entra.fetch,
      `${originOf()}/contoso.onmicrosoft.com/b2c_1_signin/discovery/v2.0/keys`,
    );
    expect(isSignedByOneOf(keys, token)).toBe(true);
    expect(namesOf(keys[0])).not.toContain('issuer');
  });

  it('mints tokens in the older form, with acr', () => {
    const { claims } = entraOf().user('ada', { policy: 'B2C_1A_LEGACY' });
    expect(claims).toMatchObject({ acr: 'B2C_1A_legacy', scp: 'Orders.Read' });
    expect(namesOf(claims)).not.toContain('tfp');
  });

  it.each([SIGN_IN, 'b2c_1a_legacy'])('is what an API trusts with the options for it: %s', async (policy) => {
    const entra = entraOf();
    const validator = createValidator(entra.options('orders', { policy }));
    try {
      const auth = await validator.validate(entra.user('ada', { policy, scp: 'Orders.Write' }).token);
      expect(auth).toMatchObject({
        kind: 'user',
        objectId: entra.objectIdOf('ada'),
        scopes: ['Orders.Write'],
      });
      expect(auth.tenantId).toBe(entra.tenantId);
      const refused = async (token: string) =>
        validator.validate(token).then(
          () => 'accepted',
          (error: { readonly code: string }) => error.code,
        );
      const other = policy === SIGN_IN ? 'b2c_1a_legacy' : SIGN_IN;
      expect(await refused(entra.user('ada', { policy: other }).token)).toMatch(
        /^(policy|issuer)_not_accepted$/,
      );
      expect(await refused(entra.user('ada', { policy, tfp: 'B2C_1_edit', acr: undefined }).token)).toBe(
        'policy_not_accepted',
      );
      expect(await refused(entra.user('ada', { policy, aud: entra.clientIdOf('job') }).token)).toBe(
        'audience_not_accepted',
      );
      expect(await refused(entra.user('ada').token)).toMatch(/^(policy|issuer)_not_accepted$/);
    } finally {
      await validator.close();
    }
  });

  it('gives an app a token with its permissions in scp, as B2C does', async () => {
    const entra = entraOf();
    const ask = async (form: Readonly<Record<string, string>>) => {
      const url = `${originOf()}/contoso.onmicrosoft.com/b2c_1_signin/oauth2/v2.0/token`;
      const answer = await entra.fetch(url, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: entra.clientIdOf('job'),
          client_secret: 'secret',
          scope: `api://${entra.clientIdOf('orders')}/.default`,
          ...form,
        }),
      });
      return { status: answer.status, body: (await answer.json()) as Answer };
    };
    const { status, body } = await ask({});
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    const token = String(body.access_token);
    expect(claimsOf(token)).toMatchObject({
      azp: entra.clientIdOf('job'),
      scp: 'Orders.Read.All',
      tfp: SIGN_IN,
      ver: '1.0',
    });
    expect(namesOf(claimsOf(token))).not.toContain('roles');
    const trusted = entra.options('orders', { policy: SIGN_IN });
    const validator = createValidator({ ...trusted, appClients: [entra.clientIdOf('job')] });
    expect(await validator.validate(token)).toMatchObject({ kind: 'app', roles: ['Orders.Read.All'] });
    await validator.close();
    expect(claimsOf(entra.app('job', { policy: SIGN_IN, api: 'orders' }).token)).toMatchObject({
      scp: 'Orders.Read.All',
      azp: entra.clientIdOf('job'),
    });
    expect((await ask({ client_secret: 'wrong' })).status).toBe(401);
    expect((await ask({ grant_type: 'authorization_code' })).body).toMatchObject({
      error: 'unsupported_grant_type',
      error_description: expect.stringMatching(/^AADB2C90086: /),
    });
  });
});

it('policies that are not declared have no addresses and no tokens', async () => {
  const entra = await startEntra();
  const url =
    'https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_signin/v2.0/.well-known/openid-configuration';
  expect((await entra.fetch(url)).status).toBe(404);
  const unknown = { code: 'policy_unknown', message: expect.stringContaining('startEntra({ policies') };
  expect(() => entra.user('ada', { policy: 'b2c_1_signin' })).toThrow(expect.objectContaining(unknown));
  expect(() => entra.options(undefined, { policy: 'b2c_1_signin' })).toThrow(
    expect.objectContaining(unknown),
  );
  await entra.close();
});

it('neither managed identities nor agents get tokens of a policy', () => {
  const policy = { policy: SIGN_IN };
  expect(() => inProcess.managedIdentity('vm', policy)).toThrow('has no policy');
  expect(() => inProcess.agent('helper', policy)).toThrow('has no policy');
});

it.each<[string, unknown, string]>([
  ['text', 'b2c_1_signin', 'policies is not a list'],
  ['an empty name', [''], 'policies[0] is not the name of a policy'],
  ['a name with a slash', ['b2c_1/x'], 'policies[0] is not the name of a policy'],
  ['a name that is a version', ['v2.0'], 'policies[0] is not the name of a policy'],
  ['another member', [{ name: 'b2c_1_a', kind: 'x' }], 'policies[0] has no "kind"'],
  ['another claim', [{ name: 'b2c_1_a', claim: 'tid' }], 'policies[0].claim is "tid"'],
  ['another issuer', [{ name: 'b2c_1_a', issuer: 'tfp' }], 'policies[0].issuer is "tfp"'],
  ['a name twice', ['b2c_1_a', 'B2C_1_A'], 'policies names B2C_1_A twice'],
])('policies that are %s are refused', async (_, policies, sentence) => {
  await expect(startEntra({ policies: policies as never })).rejects.toThrow(sentence);
});
