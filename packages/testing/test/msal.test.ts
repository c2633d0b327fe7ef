import { createHash, randomBytes } from 'node:crypto';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEntra, type StartEntraOptions, startEntra } from '../src/index.js';
import { claimsOf, isSignedByOneOf, keysOf } from './read-token.js';

const apps = {
  orders: {
    scopes: ['Orders.Read', 'Orders.Write'],
    appRoles: { 'Orders.Read.All': ['Application'], 'Orders.Approver': ['User'] },
    assignments: { ada: ['Orders.Approver'], 'nightly-job': ['Orders.Read.All'] },
    secret: 'orders-secret',
  },
  stock: { scopes: ['Stock.Read'], secret: 'stock-secret' },
  'nightly-job': { secret: 'nightly-secret' },
  web: { secret: 'web-secret', redirectUris: ['https://web.contoso.example/signed-in'] },
} as const;

const places: readonly (readonly [string, StartEntraOptions])[] = [
  ['in process', {}],
  ['on an http port', { port: 0 }],
  ['on a TLS port', { port: 0, tls: true }],
];

describe.each(places)('@azure/msal-node, unmodified, %s', (_, where) => {
  let entra: LocalEntra;
  let orders: string;
  let stock: string;
  beforeAll(async () => {
    entra = await startEntra({ apps, ...where });
    orders = `api://${entra.clientIdOf('orders')}`;
    stock = `api://${entra.clientIdOf('stock')}`;
  });
  afterAll(async () => entra.close());

  const client = (name: string) => new ConfidentialClientApplication(entra.msal(name));
  const redirectUri = apps.web.redirectUris[0];

  /** Signs in like a browser: the authorization endpoint answers with a redirect that carries the code. */
  async function signIn(app: ConfidentialClientApplication, scopes: string[], hint?: string) {
    const verifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    const url = await app.getAuthCodeUrl({
      scopes,
      redirectUri,
      codeChallenge,
      codeChallengeMethod: 'S256',
      state: 'state-1',
      nonce: 'nonce-1',
      ...(hint === undefined ? {} : { loginHint: hint }),
    });
    const answer = await entra.fetch(url, { redirect: 'manual' });
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.searchParams.get('state')).toBe('state-1');
    return { code: location.searchParams.get('code') ?? '', verifier };
  }

  async function redeem(app: ConfidentialClientApplication, scopes: string[], hint?: string) {
    const { code, verifier } = await signIn(app, scopes, hint);
    return app.acquireTokenByCode(
      { code, scopes, redirectUri, codeVerifier: verifier, nonce: 'nonce-1' },
      { code, nonce: 'nonce-1' },
    );
  }

  it('gets an app-only token with the assigned roles by client credentials, and finds it in its cache', async () => {
    const job = client('nightly-job');
    const request = { scopes: [`${orders}/.default`] };
    const result = await job.acquireTokenByClientCredential(request);
    const claims = claimsOf(result?.accessToken ?? '');
    expect(claims).toMatchObject({
      roles: ['Orders.Read.All'],
      azp: entra.clientIdOf('nightly-job'),
      azpacr: '1',
    });
    expect('scp' in claims).toBe(false);
    const keys = await keysOf(entra.fetch, `${entra.origin}/${entra.tenantId}/discovery/v2.0/keys`);
    expect(isSignedByOneOf(keys, result?.accessToken ?? '')).toBe(true);
    const again = await job.acquireTokenByClientCredential(request);
    expect(again).toMatchObject({ fromCache: true, accessToken: result?.accessToken });
  });

  it('is refused with a wrong secret, in Entra’s words', async () => {
    const { auth, ...rest } = entra.msal('nightly-job');
    const job = new ConfidentialClientApplication({ ...rest, auth: { ...auth, clientSecret: 'wrong' } });
    await expect(
      job.acquireTokenByClientCredential({ scopes: [`${orders}/.default`] }),
    ).rejects.toMatchObject({
      errorCode: 'invalid_client',
      errorMessage: expect.stringContaining('AADSTS7000215'),
    });
  });

  it('signs a user in with an authorization code and PKCE, and knows the account', async () => {
    const result = await redeem(client('web'), [`${orders}/Orders.Read`]);
    expect(result.account).toMatchObject({
      homeAccountId: `${entra.objectIdOf('ada')}.${entra.tenantId}`,
      username: 'ada@contoso.onmicrosoft.com',
    });
    expect(result.idTokenClaims).toMatchObject({ nonce: 'nonce-1', aud: entra.clientIdOf('web') });
    expect(claimsOf(result.accessToken)).toMatchObject({
      scp: 'Orders.Read',
      aud: entra.clientIdOf('orders'),
      azp: entra.clientIdOf('web'),
      oid: entra.objectIdOf('ada'),
      roles: ['Orders.Approver'],
    });
  });

  it('signs in the user of the login hint', async () => {
    const result = await redeem(client('web'), [`${orders}/Orders.Read`], 'bob@contoso.onmicrosoft.com');
    expect(claimsOf(result.accessToken)).toMatchObject({ oid: entra.objectIdOf('bob') });
    expect('roles' in claimsOf(result.accessToken)).toBe(false);
  });

  it('refreshes a token, also for another API', async () => {
    const web = client('web');
    const { account, accessToken } = await redeem(web, [`${orders}/Orders.Read`]);
    if (account === null) throw new Error('The sign-in returned no account.');
    const scopes = [`${orders}/Orders.Read`];
    const cached = await web.acquireTokenSilent({ account, scopes });
    expect(cached.accessToken).toBe(accessToken);
    const refreshed = await web.acquireTokenSilent({ account, scopes, forceRefresh: true });
    expect(claimsOf(refreshed.accessToken).oid).toBe(entra.objectIdOf('ada'));
    expect(refreshed.accessToken).not.toBe(accessToken);
    const other = await web.acquireTokenSilent({ account, scopes: [`${stock}/Stock.Read`] });
    expect(claimsOf(other.accessToken)).toMatchObject({ scp: 'Stock.Read', aud: entra.clientIdOf('stock') });
  });

  it('exchanges a user’s token for one of the next API, and the user stays the same', async () => {
    const middle = client('orders');
    const incoming = entra.user('ada', { api: 'orders', scp: 'Orders.Read', acrs: ['c1'] });
    const request = { oboAssertion: incoming.token, scopes: [`${stock}/.default`] };
    const result = await middle.acquireTokenOnBehalfOf(request);
    expect(claimsOf(result?.accessToken ?? '')).toMatchObject({
      aud: entra.clientIdOf('stock'),
      azp: entra.clientIdOf('orders'),
      scp: 'Stock.Read',
      oid: entra.objectIdOf('ada'),
      name: 'Ada Example',
      acrs: ['c1'],
    });
    expect(claimsOf(result?.accessToken ?? '').sub).not.toBe(incoming.claims.sub);
    expect(await middle.acquireTokenOnBehalfOf(request)).toMatchObject({ fromCache: true });
  });

  it('can’t exchange a token for another API, of an app, of another issuer, or one that has expired', async () => {
    const middle = client('orders');
    const scopes = [`${stock}/.default`];
    const exchange = async (oboAssertion: string) => middle.acquireTokenOnBehalfOf({ oboAssertion, scopes });
    const refused = (aadsts: string) => ({ errorMessage: expect.stringContaining(aadsts) });
    const api = 'orders';
    await expect(exchange(entra.user('ada', { api: 'stock' }).token)).rejects.toMatchObject(
      refused('AADSTS50013'),
    );
    await expect(exchange(entra.wrong.stranger({ api }).token)).rejects.toMatchObject(refused('AADSTS50013'));
    await expect(exchange(entra.wrong.issuer({ api }).token)).rejects.toMatchObject(refused('AADSTS50013'));
    await expect(exchange(entra.wrong.expired({ api }).token)).rejects.toMatchObject(refused('AADSTS500133'));
    await expect(exchange(entra.wrong.idToken({ api }).token)).rejects.toMatchObject(refused('AADSTS240002'));
    await expect(exchange(entra.app('nightly-job', { api }).token)).rejects.toMatchObject(
      refused('AADSTS7000114'),
    );
  });

  it('is told when there is no such API or scope', async () => {
    const scopes = ['api://unknown/.default'];
    await expect(client('nightly-job').acquireTokenByClientCredential({ scopes })).rejects.toMatchObject({
      errorMessage: expect.stringContaining('AADSTS500011'),
    });
    const web = client('web');
    const { account } = await redeem(web, [`${orders}/Orders.Read`]);
    if (account === null) throw new Error('The sign-in returned no account.');
    await expect(
      web.acquireTokenSilent({ account, scopes: [`${orders}/Orders.Delete`] }),
    ).rejects.toMatchObject({
      errorMessage: expect.stringContaining('AADSTS650053'),
    });
  });

  it('reports a token endpoint that is unavailable', async () => {
    const restore = entra.fail('token', 503);
    await expect(
      client('nightly-job').acquireTokenByClientCredential({ scopes: [`${orders}/.default`] }),
    ).rejects.toMatchObject({ errorCode: 'temporarily_unavailable' });
    restore();
    expect(
      await client('nightly-job').acquireTokenByClientCredential({ scopes: [`${orders}/.default`] }),
    ).toMatchObject({ tokenType: 'Bearer' });
  });
});
