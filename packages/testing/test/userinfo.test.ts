import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client } from './client.js';
import { claimsOf, production } from './read-token.js';

const USERINFO = 'https://graph.microsoft.com/oidc/userinfo';
const PROFILE = 'openid profile email offline_access';

let entra: InProcessEntra;
let web: Client;
beforeEach(async () => {
  entra = await startEntra({
    users: { ada: { displayName: 'Ada King Lovelace' } },
    apps: { orders: { scopes: ['Orders.Read'] }, web: {} },
  });
  web = new Client(entra);
});
afterEach(() => entra.close());

async function userinfo(token: unknown, init: RequestInit = {}) {
  const answer = await entra.fetch(USERINFO, { ...init, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer };
}

const statusOf = async (token: unknown) => (await userinfo(token)).status;

function sign(token: string, changes: Answer): string {
  return entra.sign({ ...claimsOf(token), ...changes }).token;
}

describe('userinfo', () => {
  it.each(['GET', 'POST'])('answers who signed in, with the subject of the ID token: %s', async (method) => {
    const { body } = await web.signIn('ada', { scope: PROFILE });
    const answer = await userinfo(body.access_token, { method });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      sub: claimsOf(String(body.id_token)).sub,
      name: 'Ada King Lovelace',
      family_name: 'Lovelace',
      given_name: 'Ada King',
      picture: 'https://graph.microsoft.com/v1.0/me/photo/$value',
      email: 'ada@contoso.onmicrosoft.com',
    });
  });

  it('answers what the scopes allow, also next to a scope of Graph', async () => {
    const alone = await web.signIn('ada', { scope: 'openid' });
    expect(Object.keys((await userinfo(alone.body.access_token)).body)).toEqual(['sub']);
    const graph = await web.signIn('ada', { scope: 'openid email offline_access User.Read' });
    expect(claimsOf(String(graph.body.access_token)).scp).toBe('User.Read openid email');
    expect(Object.keys((await userinfo(graph.body.access_token)).body)).toEqual(['sub', 'email']);
  });

  it('takes a token that a test minted', async () => {
    const { token } = entra.user('grace', { api: 'graph', scp: 'openid email' });
    expect((await userinfo(token)).body).toMatchObject({ email: 'grace@contoso.onmicrosoft.com' });
  });

  it('is in the metadata of both versions', async () => {
    for (const version of ['', '/v2.0']) {
      const url = `${production}/${entra.tenantId}${version}/.well-known/openid-configuration`;
      expect(await (await entra.fetch(url)).json()).toMatchObject({ userinfo_endpoint: USERINFO });
    }
  });

  it('may be asked by pages of any origin, as Graph may', async () => {
    const headers = { origin: 'https://spa.contoso.example', 'access-control-request-method': 'GET' };
    const preflight = await entra.fetch(USERINFO, {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-headers': 'authorization' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
    const { body } = await web.signIn('ada', { scope: PROFILE });
    expect((await userinfo(body.access_token)).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('is on the host of Graph, which has no endpoints of Entra', async () => {
    expect((await entra.fetch(`${production}/oidc/userinfo`)).status).toBe(404);
    expect((await entra.fetch('https://graph.microsoft.com/common/discovery/keys')).status).toBe(404);
  });

  it('is on the port of a local Entra that has one', async () => {
    const onPort = await startEntra({ port: 0 });
    try {
      const url = `${onPort.authority}/.well-known/openid-configuration`;
      const { userinfo_endpoint: address } = (await (await onPort.fetch(url)).json()) as Answer;
      expect(address).toBe(`${onPort.origin}/oidc/userinfo`);
      expect((await onPort.fetch(String(address))).status).toBe(401);
    } finally {
      await onPort.close();
    }
  });
});

describe('userinfo refuses', () => {
  it('a request without a token, and says where to get one', async () => {
    const answer = await entra.fetch(USERINFO);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="", authorization_uri="${production}/common/oauth2/authorize"`,
    );
    expect(await answer.json()).toMatchObject({
      error: { code: 'InvalidAuthenticationToken', innerError: { date: expect.any(String) } },
    });
  });

  it.each<[string, (token: string) => string]>([
    ['a token that is not a JWT', () => 'opaque'],
    ['a token with another signature', (token) => `${token.slice(0, -8)}AAAAAAAA`],
    ['a token that is not signed', (token) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['a token for an API', () => entra.user('ada', { api: 'orders' }).token],
    ['an ID token', () => entra.wrong.idToken({ api: 'orders' }).token],
    ['a token of another issuer', (token) => sign(token, { iss: 'https://evil.example/v2.0' })],
    ['an expired token', (token) => sign(token, { exp: entra.now() / 1000 - 1 })],
    ['a token without an end', (token) => sign(token, { exp: undefined })],
    ['an app’s token', (token) => sign(token, { scp: undefined, idtyp: 'app' })],
  ])('%s', async (_, change) => {
    const { body } = await web.signIn('ada', { scope: PROFILE });
    const answer = await userinfo(change(String(body.access_token)));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await statusOf(body.access_token)).toBe(200);
  });

  it('a token without the scope openid', async () => {
    const { body } = await web.signIn('ada', { scope: 'User.Read' });
    const answer = await userinfo(body.access_token);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it.each<[string, () => () => void]>([
    ['disabled', () => entra.disable('ada')],
    ['removed', () => entra.remove('ada')],
  ])('a user who is %s, until that is undone', async (_, change) => {
    const { body } = await web.signIn('ada', { scope: PROFILE });
    const undo = change();
    expect(await statusOf(body.access_token)).toBe(401);
    undo();
    expect(await statusOf(body.access_token)).toBe(200);
  });

  it('the tokens of sign-ins that an administrator ended, and not those of later ones', async () => {
    const { body } = await web.signIn('ada', { scope: PROFILE });
    const minted = entra.user('ada', { api: 'graph', scp: 'openid' });
    entra.advance(1);
    entra.revokeSessions('ada');
    expect(await statusOf(body.access_token)).toBe(401);
    expect(await statusOf(minted.token)).toBe(401);
    entra.advance(1);
    expect(await statusOf((await web.signIn('ada', { scope: PROFILE })).body.access_token)).toBe(200);
    expect(await statusOf(entra.user('ada', { api: 'graph', scp: 'openid' }).token)).toBe(200);
  });

  it('every token of a code that was used twice, refreshed ones included', async () => {
    const code = (await web.authorize('ada', { scope: PROFILE })).get('code') ?? '';
    const { body } = await web.redeem(code);
    const refreshed = await web.refresh(body);
    const other = await web.signIn('ada', { scope: PROFILE });
    expect(await statusOf(refreshed.body.access_token)).toBe(200);
    await web.redeem(code);
    expect(await statusOf(body.access_token)).toBe(401);
    expect(await statusOf(refreshed.body.access_token)).toBe(401);
    expect(await statusOf(other.body.access_token)).toBe(200);
  });
});

it('a token of a code that was used twice is not exchanged, nor is what came of an exchange before', async () => {
  const orders = new Client(entra, 'orders');
  const exchange = (assertion: unknown) =>
    orders.token({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      client_secret: 'any',
      assertion: String(assertion),
      scope: 'openid profile offline_access',
    });
  const scope = `api://${entra.clientIdOf('orders')}/Orders.Read`;
  const code = (await web.authorize('ada', { scope })).get('code') ?? '';
  const { body } = await web.redeem(code);
  const exchanged = await exchange(body.access_token);
  expect(await statusOf(exchanged.body.access_token)).toBe(200);
  await web.redeem(code);
  expect((await exchange(body.access_token)).body).toMatchObject({ error_codes: [70_000] });
  expect(await statusOf(exchanged.body.access_token)).toBe(401);
  expect((await orders.refresh(exchanged.body, { client_secret: 'any' })).body).toMatchObject({
    error_codes: [70_000],
  });
});
