import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcessEntra, startEntra } from '../src/index.js';
import { claimsOf, headerOf, isSignedByOneOf, keysOf, namesOf, production } from './read-token.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(async () => entra.close());

const names = (text: string) => new Set(text.split(' '));

/** The claim names of composite samples that follow Microsoft's access token claims reference. */
const always = 'aud iss iat nbf exp aio rh tid uti ver';
const samples = {
  v2User: names(`${always} azp azpacr name oid preferred_username scp sub`),
  v1User: names(
    `${always} acr amr appid appidacr family_name given_name ipaddr name oid scp sid sub unique_name upn`,
  ),
  v2App: names(`${always} azp azpacr oid roles sub`),
  v1ManagedIdentity: names(`${always} appid appidacr idp oid roles sub`),
  v2Guest: names(`${always} acct azp azpacr email idp name oid preferred_username scp sub`),
  autonomousAgent: names(
    `${always} appid appidacr idp idtyp oid roles scp sub xms_act_fct xms_ftd xms_idrel xms_par_app_azp xms_sub_fct xms_tnt_fct`,
  ),
  agentForHuman: names(
    `${always} azp azpacr idtyp name oid preferred_username scp sub xms_act_fct xms_idrel xms_par_app_azp xms_sub_fct xms_tnt_fct`,
  ),
};

describe('a delegated token', () => {
  it('of version 2 has the claims of Entra’s tokens, and no idtyp unless the API asks for it', () => {
    const { token, claims } = entra.user('ada', { scp: 'Orders.Read' });
    expect(namesOf(claimsOf(token))).toEqual(samples.v2User);
    expect(claimsOf(token)).toEqual(claims);
    expect(claims).toMatchObject({
      aud: entra.options().clientId,
      iss: `${production}/${entra.tenantId}/v2.0`,
      tid: entra.tenantId,
      ver: '2.0',
      scp: 'Orders.Read',
      azpacr: '0',
      oid: entra.objectIdOf('ada'),
      preferred_username: 'ada@contoso.onmicrosoft.com',
    });
    expect(headerOf(token)).toEqual({ typ: 'JWT', alg: 'RS256', kid: entra.keys[0] });
  });

  it('of version 1 has the claims, the issuer, the audience and the x5t header of version 1', () => {
    const { token, claims } = entra.user('ada', { ver: '1.0' });
    expect(namesOf(claims)).toEqual(samples.v1User);
    expect(claims).toMatchObject({
      aud: `api://${entra.options().clientId}`,
      iss: `https://sts.windows.net/${entra.tenantId}/`,
      ver: '1.0',
      upn: 'ada@contoso.onmicrosoft.com',
    });
    expect(headerOf(token)).toEqual({ typ: 'JWT', alg: 'RS256', x5t: entra.keys[0], kid: entra.keys[0] });
  });

  it('is back-dated by five minutes and expires in an hour: 3900 s, as in Entra’s samples', () => {
    const { iat, nbf, exp } = entra.user('ada').claims;
    expect(nbf).toBe(iat);
    expect(Number(exp) - Number(iat)).toBe(3900);
  });

  it('is made synchronously, with the header for a request', () => {
    const made = entra.user('ada');
    expect(made).not.toBeInstanceOf(Promise);
    expect(made.headers).toEqual({ authorization: `Bearer ${made.token}` });
  });

  it('is signed with a key that is published in both versions', async () => {
    for (const document of ['discovery/v2.0/keys', 'discovery/keys']) {
      const keys = await keysOf(entra.fetch, `${production}/common/${document}`);
      expect(isSignedByOneOf(keys, entra.user('ada').token)).toBe(true);
    }
  });

  it('has a new uti each time, and always the same oid and sub', () => {
    const [one, two] = [entra.user('ada').claims, entra.user('ada').claims];
    expect(one.uti).not.toBe(two.uti);
    expect([one.oid, one.sub]).toEqual([two.oid, two.sub]);
  });

  it('has another sub for each API, and the same oid', () => {
    const [orders, stock] = [entra.user('ada', { api: 'orders' }), entra.user('ada', { api: 'stock' })];
    expect(orders.claims.sub).not.toBe(stock.claims.sub);
    expect(orders.claims.oid).toBe(stock.claims.oid);
  });

  it('of a guest says so, and names the home tenant as identity provider', () => {
    const { claims } = entra.user('kim', { guest: true });
    expect(namesOf(claims)).toEqual(samples.v2Guest);
    expect(claims).toMatchObject({
      acct: 1,
      tid: entra.tenantId,
      idp: `https://sts.windows.net/${entra.tenantIdOf('fabrikam')}/`,
      email: 'kim@fabrikam.onmicrosoft.com',
    });
    expect(entra.user('kim', { guest: 'adatum.example', ver: '1.0' }).claims).toMatchObject({
      email: 'kim@adatum.example',
      unique_name: 'kim@adatum.example',
    });
  });

  it('takes any claim, and leaves out claims that are undefined', () => {
    const { claims } = entra.user('ada', { scp: ['A', 'B'], groups: ['g'], name: undefined, extension_x: 1 });
    expect(claims).toMatchObject({ scp: 'A B', groups: ['g'], extension_x: 1 });
    expect('name' in claims).toBe(false);
  });

  it('of another tenant has that tenant in iss and tid', () => {
    const tid = entra.tenantIdOf('fabrikam');
    expect(entra.user('ada', { tenant: 'fabrikam' }).claims).toMatchObject({
      tid,
      iss: `${production}/${tid}/v2.0`,
      preferred_username: 'ada@fabrikam.onmicrosoft.com',
    });
    expect(entra.user('ada', { tenant: 'fabrikam.onmicrosoft.com' }).claims.tid).toBe(tid);
    expect(entra.user('ada', { tenant: tid }).claims.tid).toBe(tid);
  });

  it('names the client, by name or by client ID', () => {
    expect(entra.user('ada', { client: 'web' }).claims.azp).toBe(entra.clientIdOf('web'));
    const id = '33334444-dddd-5555-eeee-6666ffff7777';
    expect(entra.user('ada', { client: id }).claims.azp).toBe(id);
  });
});

describe('an app-only token', () => {
  it('has no scp, no name and no idtyp, and its sub is its oid', () => {
    const { claims } = entra.app('nightly-job', { roles: ['Orders.Read.All'] });
    expect(namesOf(claims)).toEqual(samples.v2App);
    expect(claims.sub).toBe(claims.oid);
    expect(claims).toMatchObject({
      azp: entra.clientIdOf('nightly-job'),
      azpacr: '1',
      roles: ['Orders.Read.All'],
    });
  });

  it('has no roles claim at all when there is no role', () => {
    expect('roles' in entra.app('nightly-job').claims).toBe(false);
    expect('roles' in entra.app('nightly-job', { roles: [] }).claims).toBe(false);
  });

  it('of a managed identity is valid for a day and has azpacr 2, as with a certificate', () => {
    const { claims } = entra.managedIdentity('vm', { ver: '1.0', roles: ['Orders.Read.All'] });
    expect(namesOf(claims)).toEqual(samples.v1ManagedIdentity);
    expect(claims).toMatchObject({ appidacr: '2', idp: claims.iss });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(86_700);
    expect(entra.managedIdentity().claims.azpacr).toBe('2');
  });
});

describe('a token of an agent', () => {
  it('that acts as itself is app-only, with facet 11 as actor and as subject', () => {
    const { claims } = entra.agent('helper', { ver: '1.0', roles: ['Orders.Read.All'] });
    expect(namesOf(claims)).toEqual(samples.autonomousAgent);
    expect(new Set([claims.appid, claims.oid, claims.sub]).size).toBe(1);
    expect(claims).toMatchObject({ idtyp: 'app', scp: '/', xms_par_app_azp: entra.clientIdOf('blueprint') });
    expect(String(claims.xms_act_fct).split(' ')).toContain('11');
    expect(String(claims.xms_sub_fct).split(' ')).toContain('11');
  });

  it('that acts for a user has the user as subject and the agent as actor', () => {
    const { claims } = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Read' });
    expect(namesOf(claims)).toEqual(samples.agentForHuman);
    expect(claims).toMatchObject({
      idtyp: 'user',
      oid: entra.objectIdOf('ada'),
      azp: entra.clientIdOf('helper'),
      scp: 'Orders.Read',
    });
    expect(String(claims.xms_sub_fct).split(' ')).not.toContain('11');
  });

  it('that acts through its own user account has idtyp user and facet 13 for the subject', () => {
    const { claims } = entra.agent('helper', { user: true, scp: 'Orders.Read' });
    expect(namesOf(claims)).toEqual(samples.agentForHuman);
    expect(claims.idtyp).toBe('user');
    expect(String(claims.xms_sub_fct).split(' ')).toContain('13');
    expect(claims.oid).not.toBe(entra.objectIdOf('helper'));
  });
});

describe('an API’s registration', () => {
  it('decides the version and the optional claims of its tokens, for every client', async () => {
    const told = await startEntra({
      apps: {
        orders: {
          scopes: ['Orders.Read'],
          applicationIdUri: 'https://orders.contoso.example',
          tokenVersion: 1,
          optionalClaims: [
            { name: 'idtyp', additionalProperties: ['include_user_token'] },
            'acct',
            'auth_time',
          ],
        },
        web: { secret: 's' },
      },
    });
    expect(told.user('ada', { client: 'web' }).claims).toMatchObject({
      ver: '1.0',
      aud: 'https://orders.contoso.example',
      idtyp: 'user',
      acct: 0,
      auth_time: expect.any(Number),
      appidacr: '1',
    });
    expect(told.app('web').claims.idtyp).toBe('app');
    expect(told.options()).toMatchObject({ applicationIdUri: 'https://orders.contoso.example' });
    await told.close();
  });

  it('with idtyp as an optional claim without properties has it in app-only tokens only', async () => {
    const told = await startEntra({
      apps: { orders: { scopes: ['Orders.Read'], optionalClaims: ['idtyp'] } },
    });
    expect('idtyp' in told.user('ada').claims).toBe(false);
    expect(told.app('job').claims.idtyp).toBe('app');
    await told.close();
  });

  it('can ask for the GUID as audience of version 1 tokens', async () => {
    const told = await startEntra({
      apps: {
        orders: {
          scopes: ['Orders.Read'],
          tokenVersion: 1,
          optionalClaims: [{ name: 'aud', additionalProperties: ['use_guid'] }],
        },
      },
    });
    expect(told.user('ada').claims.aud).toBe(told.options().clientId);
    await told.close();
  });
});

it('two local Entras derive the same GUIDs from a name and never share a key', async () => {
  const other = await startEntra();
  expect(other.options().clientId).toBe(entra.options().clientId);
  expect([other.tenantId, other.objectIdOf('ada')]).toEqual([entra.tenantId, entra.objectIdOf('ada')]);
  expect(other.keys).not.toEqual(entra.keys);
  await other.close();
});

it('a given clock decides every time, and is passed to validators', async () => {
  const now = () => 1_790_000_000_000;
  const still = await startEntra({ now });
  expect(still.user('ada').claims).toMatchObject({ iat: 1_789_999_700, exp: 1_790_003_600 });
  expect(still.wrong.expired().claims.exp).toBe(1_789_996_400);
  expect(still.options().now()).toBe(now());
  await still.close();
});
