import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcessEntra, startEntra } from '../src/index.js';
import { claimsOf, namesOf, production } from './read-token.js';

const certificate = generateKeyPairSync('rsa', { modulusLength: 2048 });

let entra: InProcessEntra;
let orders: string;
let clock = 1_790_000_000_000;
beforeAll(async () => {
  entra = await startEntra({
    now: () => clock,
    apps: {
      orders: {
        scopes: ['Orders.Read', 'Orders.Write'],
        optionalClaims: ['xms_cc'],
        appRoles: { 'Orders.Read.All': ['Application'] },
      },
      stock: { scopes: ['Stock.Read'], tokenVersion: 1 },
      'nightly-job': { secret: 'nightly+secret' },
      'certified-job': {
        certificate: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      },
      spa: { redirectUris: ['http://localhost:3000/', 'https://spa.contoso.example/'] },
    },
  });
  orders = `api://${entra.clientIdOf('orders')}`;
});
afterAll(async () => entra.close());

type Answer = Record<string, unknown>;

async function ask(
  form: Record<string, string>,
  {
    path = `${entra.tenantId}/oauth2/v2.0/token`,
    headers = {},
  }: { path?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Answer; headers: Headers }> {
  const answer = await entra.fetch(`${production}/${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  return { status: answer.status, body: (await answer.json()) as Answer, headers: answer.headers };
}

const job = () => ({
  grant_type: 'client_credentials',
  client_id: entra.clientIdOf('nightly-job'),
  client_secret: 'nightly+secret',
  scope: `${orders}/.default`,
});

describe('the token endpoint', () => {
  it('answers client credentials with exactly what Entra answers', async () => {
    const { status, body, headers } = await ask(job());
    expect(status).toBe(200);
    expect(namesOf(body)).toEqual(new Set(['access_token', 'expires_in', 'ext_expires_in', 'token_type']));
    expect(headers.get('cache-control')).toBe('no-store');
    expect(claimsOf(String(body.access_token))).toMatchObject({ roles: ['Orders.Read.All'] });
  });

  it('accepts the secret in a Basic header too', async () => {
    const { client_id, client_secret, ...rest } = job();
    const basic = Buffer.from(`${client_id}:${encodeURIComponent(client_secret)}`).toString('base64');
    expect((await ask(rest, { headers: { authorization: `Basic ${basic}` } })).status).toBe(200);
  });

  it('refuses what Entra refuses, with an error and its AADSTS code', async () => {
    const { client_secret: _, ...withoutSecret } = job();
    const refusals: readonly (readonly [Record<string, string>, number, string, number])[] = [
      [{ ...job(), client_secret: 'wrong' }, 401, 'invalid_client', 7_000_215],
      [withoutSecret, 401, 'invalid_client', 7_000_218],
      [{ ...job(), client_id: '99999999-0000-4000-8000-000000000000' }, 400, 'unauthorized_client', 700_016],
      [{ ...job(), scope: `${orders}/Orders.Read` }, 400, 'invalid_scope', 1_002_012],
      [{ ...job(), scope: 'api://unknown/.default' }, 400, 'invalid_resource', 500_011],
      [{ ...job(), scope: `${orders}/.default api://x/.default` }, 400, 'invalid_request', 28_000],
      [{ ...job(), scope: '' }, 400, 'invalid_request', 900_144],
      [{ ...job(), grant_type: 'password' }, 400, 'unsupported_grant_type', 70_003],
      [{}, 400, 'invalid_request', 900_144],
    ];
    for (const [form, status, error, code] of refusals) {
      const answer = await ask(form);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({
        error,
        error_codes: [code],
        error_description: expect.stringContaining(`AADSTS${code}: `),
        error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      });
    }
  });

  it('gives an app no token over common, where there is no tenant', async () => {
    const { body } = await ask(job(), { path: 'common/oauth2/v2.0/token' });
    expect(body).toMatchObject({ error: 'invalid_request', error_codes: [9_001_023] });
  });

  it('verifies a client assertion with the registered certificate', async () => {
    const clientId = entra.clientIdOf('certified-job');
    const assertion = (key = certificate.privateKey) => {
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const aud = `${production}/${entra.tenantId}/oauth2/v2.0/token`;
      const claims = { iss: clientId, sub: clientId, aud, jti: randomUUID(), exp: clock / 1000 + 60 };
      const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`;
      return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`;
    };
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      scope: `${orders}/.default`,
    };
    const { body } = await ask({ ...form, client_assertion: assertion() });
    expect(claimsOf(String(body.access_token)).azpacr).toBe('2');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const refused = await ask({ ...form, client_assertion: assertion(privateKey) });
    expect(refused.body).toMatchObject({ error: 'invalid_client', error_codes: [700_027] });
  });

  it('gives version 1 tokens for an API that asks for them, from either endpoint', async () => {
    const { body } = await ask({ ...job(), scope: `api://${entra.clientIdOf('stock')}/.default` });
    expect(claimsOf(String(body.access_token))).toMatchObject({
      ver: '1.0',
      appid: entra.clientIdOf('nightly-job'),
    });
  });

  it('of version 1 accepts a resource and answers with numbers as strings', async () => {
    const { scope: _, ...form } = job();
    const { body } = await ask({ ...form, resource: orders }, { path: `${entra.tenantId}/oauth2/token` });
    expect(body).toMatchObject({ resource: orders, expires_in: '3599', expires_on: '1790003599' });
  });

  it('copies authentication contexts and capabilities to the token', async () => {
    const claims = JSON.stringify({
      access_token: { acrs: { essential: true, value: 'c1' }, xms_cc: { values: ['cp1'] } },
    });
    const { body } = await ask({ ...job(), claims });
    expect(claimsOf(String(body.access_token))).toMatchObject({ acrs: ['c1'], xms_cc: ['cp1'] });
    expect((await ask({ ...job(), claims: '{' })).body).toMatchObject({ error: 'invalid_request' });
  });

  it('may be read by pages of this machine and of declared redirect URIs, and by no others', async () => {
    const origin = async (value: string) =>
      (await ask(job(), { headers: { origin: value } })).headers.get('access-control-allow-origin');
    expect(await origin('http://localhost:5173')).toBe('http://localhost:5173');
    expect(await origin('https://spa.contoso.example')).toBe('https://spa.contoso.example');
    expect(await origin('https://evil.example')).toBeNull();
    const preflight = async (value: string) =>
      entra.fetch(`${production}/common/oauth2/v2.0/token`, {
        method: 'OPTIONS',
        headers: { origin: value, 'access-control-request-method': 'POST' },
      });
    expect((await preflight('http://localhost:5173')).status).toBe(204);
    expect((await preflight('https://evil.example')).status).toBe(403);
  });
});

describe('a sign-in', () => {
  const verifier = 'a-verifier-that-is-long-enough-to-be-one-000';
  const parameters = () => ({
    client_id: entra.clientIdOf('spa'),
    redirect_uri: 'http://localhost:3000/',
    response_type: 'code',
    scope: `openid offline_access ${orders}/Orders.Read`,
    state: 'a state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });

  async function authorize(changes: Record<string, string> = {}): Promise<Response> {
    const query = new URLSearchParams({ ...parameters(), ...changes });
    return entra.fetch(`${production}/organizations/oauth2/v2.0/authorize?${query}`);
  }

  async function code(): Promise<string> {
    const location = (await authorize()).headers.get('location') ?? '';
    return new URL(location).searchParams.get('code') ?? '';
  }

  const redeem = async (form: Record<string, string>) =>
    ask({
      grant_type: 'authorization_code',
      client_id: entra.clientIdOf('spa'),
      redirect_uri: 'http://localhost:3000/',
      code_verifier: verifier,
      client_info: '1',
      ...form,
    });

  it('of a public client needs no secret, only the verifier of its challenge', async () => {
    const { status, body } = await redeem({ code: await code() });
    expect(status).toBe(200);
    expect(claimsOf(String(body.access_token))).toMatchObject({
      azpacr: '0',
      scp: 'Orders.Read',
      tid: entra.tenantId,
    });
    expect(body.scope).toBe(`${orders}/Orders.Read`);
    expect(JSON.parse(Buffer.from(String(body.client_info), 'base64url').toString())).toEqual({
      uid: entra.objectIdOf('ada'),
      utid: entra.tenantId,
    });
    const other = await redeem({ code: await code(), code_verifier: 'another' });
    expect(other.body).toMatchObject({ error: 'invalid_grant', error_codes: [501_481] });
  });

  it('gives a code that is valid once, for its client and redirect URI, until it expires', async () => {
    const once = await code();
    await redeem({ code: once });
    expect((await redeem({ code: once })).body).toMatchObject({ error_codes: [54_005] });
    expect((await redeem({ code: 'invented' })).body).toMatchObject({ error_codes: [9_002_313] });
    const elsewhere = await redeem({ code: await code(), redirect_uri: 'https://spa.contoso.example/' });
    expect(elsewhere.body).toMatchObject({ error_codes: [500_112] });
    const another = { client_id: entra.clientIdOf('nightly-job'), client_secret: 'nightly+secret' };
    expect((await redeem({ code: await code(), ...another })).body).toMatchObject({ error_codes: [70_000] });
    const late = await code();
    clock += 11 * 60_000;
    expect((await redeem({ code: late })).body).toMatchObject({ error_codes: [70_008] });
  });

  it('is refreshed with a new refresh token each time', async () => {
    const first = await redeem({ code: await code() });
    const refresh = async (token: unknown) =>
      ask({
        grant_type: 'refresh_token',
        client_id: entra.clientIdOf('spa'),
        refresh_token: String(token),
        scope: `${orders}/Orders.Write`,
      });
    const second = await refresh(first.body.refresh_token);
    expect(claimsOf(String(second.body.access_token)).scp).toBe('Orders.Write');
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect((await refresh('invented')).body).toMatchObject({ error: 'invalid_grant' });
  });

  it('answers in the query, in the fragment, or with a form that submits itself', async () => {
    const inQuery = new URL((await authorize()).headers.get('location') ?? '');
    expect(inQuery.searchParams.get('state')).toBe('a state');
    const fragment = new URL((await authorize({ response_mode: 'fragment' })).headers.get('location') ?? '');
    expect(new URLSearchParams(fragment.hash.slice(1)).get('code')).toMatch(/^1\.local-code\./);
    const page = await (await authorize({ response_mode: 'form_post', state: '"><script>' })).text();
    expect(page).toContain('action="http://localhost:3000/"');
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;"');
  });

  it('never redirects to an address that the app did not declare', async () => {
    for (const redirect_uri of ['https://evil.example/', 'javascript:alert(1)', 'nowhere']) {
      const answer = await authorize({ redirect_uri });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
    }
    expect((await authorize({ redirect_uri: 'http://localhost:4000/' })).status).toBe(302);
  });

  it('that asks for an unknown scope is refused at the redirect URI', async () => {
    const error = async (changes: Record<string, string>) => {
      const location = new URL((await authorize(changes)).headers.get('location') ?? '');
      return [location.searchParams.get('error'), location.searchParams.get('state')];
    };
    expect(await error({ scope: `${orders}/Orders.Delete` })).toEqual(['invalid_scope', 'a state']);
    expect(await error({ scope: 'Orders.Read' })).toEqual(['invalid_scope', 'a state']);
    expect(await error({ response_type: 'token' })).toEqual(['unsupported_response_type', 'a state']);
  });
});

describe('the endpoint of managed identities', () => {
  const address = `${production}/msi/token?api-version=2019-08-01`;

  it('gives a token for a resource, as an App Service does', async () => {
    const answer = await entra.fetch(`${address}&resource=${encodeURIComponent(orders)}`, {
      headers: { 'x-identity-header': 'local' },
    });
    const body = (await answer.json()) as Answer;
    expect(body).toMatchObject({
      resource: orders,
      token_type: 'Bearer',
      expires_on: expect.stringMatching(/^\d+$/),
    });
    expect(claimsOf(String(body.access_token))).toMatchObject({ azpacr: '2', roles: ['Orders.Read.All'] });
  });

  it('needs the header X-IDENTITY-HEADER', async () => {
    expect((await entra.fetch(`${address}&resource=${encodeURIComponent(orders)}`)).status).toBe(400);
  });
});
