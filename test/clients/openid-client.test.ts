import { type LocalEntra, type StartEntraOptions, startEntra } from '@entra-guard/testing';
import * as client from 'openid-client';
import { afterEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../../packages/testing/test/read-token.js';

const REDIRECT_URI = 'https://web.contoso.example/signed-in';
const apps = {
  orders: {
    scopes: ['Orders.Read'],
    appRoles: { 'Orders.Read.All': ['Application'] },
    secret: 'orders-secret',
  },
  stock: { scopes: ['Stock.Read'] },
  web: { secret: 'web-secret', redirectUris: [REDIRECT_URI] },
  tool: { platform: 'public' },
} as const;

let entra: LocalEntra;
afterEach(() => entra.close());

const places: readonly (readonly [string, StartEntraOptions])[] = [
  ['in process', {}],
  ['on an http port', { port: 0 }],
  ['on a TLS port', { port: 0, tls: true }],
];

describe.each(places)('openid-client 6, unmodified, %s', (_, where) => {
  /** A client's configuration, found by the metadata of the tenant. */
  async function discovered(name: string, authentication: client.ClientAuth) {
    return client.discovery(new URL(entra.authority), entra.clientIdOf(name), undefined, authentication, {
      [client.customFetch]: (url, init) => entra.fetch(url, init as RequestInit),
      ...(new URL(entra.authority).protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
    });
  }
  const scope = () => `openid offline_access api://${entra.clientIdOf('orders')}/Orders.Read`;

  it('signs a user in by authorization code and PKCE, and refreshes', async () => {
    entra = await startEntra({ apps, ...where });
    const web = await discovered('web', client.ClientSecretBasic('web-secret'));
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(web, {
      redirect_uri: REDIRECT_URI,
      scope: scope(),
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      login_hint: 'ada',
    });
    const redirect = await entra.fetch(url, { redirect: 'manual' });
    const back = new URL(redirect.headers.get('location') ?? '');
    const tokens = await client.authorizationCodeGrant(web, back, {
      pkceCodeVerifier,
      expectedState,
      expectedNonce,
      idTokenExpected: true,
    });
    expect(tokens.claims()).toMatchObject({
      preferred_username: 'ada@contoso.onmicrosoft.com',
      tid: entra.tenantId,
    });
    expect(claimsOf(tokens.access_token)).toMatchObject({ scp: 'Orders.Read', azp: entra.clientIdOf('web') });
    const refreshed = await client.refreshTokenGrant(web, tokens.refresh_token ?? '');
    expect(claimsOf(refreshed.access_token)).toMatchObject({ oid: entra.objectIdOf('ada') });
  });

  it('gets tokens by client credentials, on behalf of a user, and by device code', async () => {
    entra = await startEntra({ apps, ...where });
    const web = await discovered('web', client.ClientSecretPost('web-secret'));
    const appOnly = await client.clientCredentialsGrant(web, {
      scope: `api://${entra.clientIdOf('orders')}/.default`,
    });
    expect(claimsOf(appOnly.access_token)).toMatchObject({ roles: ['Orders.Read.All'] });

    const orders = await discovered('orders', client.ClientSecretPost('orders-secret'));
    const exchanged = await client.genericGrantRequest(
      orders,
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      {
        requested_token_use: 'on_behalf_of',
        assertion: entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).token,
        scope: `api://${entra.clientIdOf('stock')}/Stock.Read`,
      },
    );
    expect(claimsOf(exchanged.access_token)).toMatchObject({
      scp: 'Stock.Read',
      oid: entra.objectIdOf('ada'),
    });

    const tool = await discovered('tool', client.None());
    const device = await client.initiateDeviceAuthorization(tool, { scope: scope() });
    await entra.fetch(`${device.verification_uri}?user_code=${device.user_code}&login_hint=ada`);
    const polled = await client.pollDeviceAuthorizationGrant(tool, { ...device, interval: 0 });
    expect(claimsOf(polled.access_token)).toMatchObject({
      scp: 'Orders.Read',
      azp: entra.clientIdOf('tool'),
    });
  });

  it('is refused in Entra’s words', async () => {
    entra = await startEntra({ apps, ...where });
    const web = await discovered('web', client.ClientSecretPost('wrong'));
    await expect(
      client.clientCredentialsGrant(web, { scope: `api://${entra.clientIdOf('orders')}/.default` }),
    ).rejects.toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringContaining('AADSTS7000215'),
    });
  });
});
