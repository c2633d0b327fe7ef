import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type AppRegistration, type InProcessEntra, startEntra } from '../src/index.js';
import { claimsOf, production } from './read-token.js';

const HERE = 'http://localhost:3000/in';

let entra: InProcessEntra;
afterEach(() => entra.close());

async function authorize(query: Readonly<Record<string, string>>, app: AppRegistration = {}) {
  entra = await startEntra({ apps: { web: app } });
  const parameters = new URLSearchParams({
    client_id: entra.clientIdOf('web'),
    redirect_uri: HERE,
    scope: 'openid',
    nonce: 'n-1',
    state: 's-1',
    ...query,
  });
  return entra.fetch(`${production}/common/oauth2/v2.0/authorize?${parameters}`);
}

function locationOf(response: Response): URL {
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}

const fragmentOf = (response: Response) => new URLSearchParams(locationOf(response).hash.slice(1));

describe('response_type', () => {
  it('id_token gives an ID token with the nonce, in the fragment', async () => {
    const answer = fragmentOf(await authorize({ response_type: 'id_token' }));
    expect(answer.get('state')).toBe('s-1');
    expect(answer.has('code')).toBe(false);
    expect(claimsOf(answer.get('id_token') ?? '')).toMatchObject({
      aud: entra.clientIdOf('web'),
      nonce: 'n-1',
      oid: entra.objectIdOf('ada'),
    });
  });

  it.each(['code id_token', 'id_token code'])(
    '%s gives both, and binds the code to the ID token',
    async (type) => {
      const answer = fragmentOf(await authorize({ response_type: type }));
      const code = answer.get('code') ?? '';
      const half = createHash('sha256').update(code).digest().subarray(0, 16).toString('base64url');
      expect(claimsOf(answer.get('id_token') ?? '').c_hash).toBe(half);
    },
  );

  it.each([
    ['token', 700_051],
    ['code token', 700_051],
    ['none', 700_054],
  ])('%s is refused', async (type, aadsts) => {
    const response = await authorize({ response_type: type });
    expect(locationOf(response).searchParams.get('error')).toBe('unsupported_response_type');
    expect(locationOf(response).searchParams.get('error_description')).toContain(`AADSTS${aadsts}`);
  });

  it('is required', async () => {
    const { searchParams } = locationOf(await authorize({}));
    expect(searchParams.get('error_description')).toContain('AADSTS900144');
  });

  it.each([
    [{ enableIdTokenIssuance: false }, true],
    [{ manifest: {} }, true],
    [{ manifest: { web: { implicitGrantSettings: { enableIdTokenIssuance: true } } } }, false],
    [{ manifest: {}, enableIdTokenIssuance: true }, false],
    [{}, false],
  ])('id_token has to be enabled in a registration that says so: %j', async (app, refused) => {
    const answer = fragmentOf(await authorize({ response_type: 'id_token' }, app));
    expect(answer.get('error_description')?.includes('AADSTS700054') ?? false).toBe(refused);
    expect(answer.has('id_token')).toBe(!refused);
  });

  it.each([
    [{ nonce: '' }, 900_144],
    [{ scope: 'https://graph.microsoft.com/User.Read' }, 70_011],
    [{ response_mode: 'query' }, 70_007],
  ])('id_token needs a nonce, openid and no query: %j', async (query, aadsts) => {
    const answer = fragmentOf(await authorize({ response_type: 'id_token', ...query }));
    expect(answer.get('error_description')).toContain(`AADSTS${aadsts}`);
    expect(answer.has('id_token')).toBe(false);
  });
});

describe('response_mode form_post', () => {
  it('posts the answer, with a button, and runs its own script alone', async () => {
    const response = await authorize({ response_type: 'code id_token', response_mode: 'form_post' });
    const text = await response.text();
    const [, script = ''] = /<script>(.*)<\/script>/.exec(text) ?? [];
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`);
    expect(policy).toContain("default-src 'none'");
    expect(text).toMatch(/<form method="post" action="http:\/\/localhost:3000\/in">/);
    expect(text).toContain('<button>Continue</button>');
    expect(text).toMatch(/name="code" value="1\.local-code/);
    expect(text).toMatch(/name="id_token" value="ey/);
  });

  it('escapes what the request holds', async () => {
    const response = await authorize({
      response_type: 'code',
      response_mode: 'form_post',
      state: '"><script>alert(1)</script>',
      redirect_uri: `${HERE}?a="><script>alert(2)</script>`,
    });
    expect(await response.text()).not.toMatch(/<script>alert/);
  });

  it.each([
    ['https://app.contoso.example/in', 'https://app.contoso.example'],
    ['com.contoso.app://in', 'com.contoso.app:'],
    ['http://a;script-src/in', ''],
  ])('lets the form lead to the redirect URI alone: %s', async (uri, target) => {
    const response = await authorize(
      { response_type: 'code', response_mode: 'form_post', redirect_uri: uri },
      { redirectUris: [uri] },
    );
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(/form-action ([^;]*);/.exec(policy)?.[1]).toBe(target);
    expect(policy.split(';')).toHaveLength(6);
  });
});

describe('auth_time', () => {
  it.each([
    [{ max_age: '3600' }, true],
    [{ claims: '{"id_token":{"auth_time":{"essential":true}}}' }, true],
    [{ claims: '{"id_token":null}' }, false],
    [{}, false],
  ])('is in the ID token when it is asked for: %j', async (query, expected) => {
    const answer = fragmentOf(await authorize({ response_type: 'id_token', ...query }));
    expect('auth_time' in claimsOf(answer.get('id_token') ?? '')).toBe(expected);
  });
});

it.each([{ prompt: 'always' }, { prompt: 'login consent' }, { max_age: '-1' }, { max_age: '1h' }])(
  'a value that does not exist is refused: %j',
  async (query) => {
    const { searchParams } = locationOf(await authorize({ response_type: 'code', ...query }));
    expect(searchParams.get('error_description')).toContain('AADSTS90023');
  },
);

it.each([
  [{ displayName: ' ' }, /displayName/],
  [{ publisher: '' }, /publisher/],
  [{ frontChannelLogoutUrl: 'javascript:alert(1)' }, /frontChannelLogoutUrl/],
])('a registration with what no page could show is refused: %j', async (app, message) => {
  entra = await startEntra();
  await expect(startEntra({ apps: { web: app } })).rejects.toThrow(message);
});
