import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type InProcessEntra, type StartEntraOptions, startEntra } from '../src/index.js';
import { production } from './read-token.js';

const VERIFIER = 'a-verifier-that-is-long-enough-to-be-one-000';
const S256 = createHash('sha256').update(VERIFIER).digest('base64url');
const HERE = 'http://localhost:3000/';

let entra: InProcessEntra | undefined;
afterEach(async () => {
  await entra?.close();
  entra = undefined;
});

/** Starts a local Entra with a way to sign in. `undefined` removes a parameter; a list repeats it. */
async function signInAt(options: StartEntraOptions & { readonly port?: never }) {
  const started = await startEntra(options);
  entra = started;
  const base = {
    client_id: started.clientIdOf('spa'),
    redirect_uri: HERE,
    response_type: 'code',
    scope: 'openid',
  };
  const authorize = async (
    changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  ) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...base, ...changes })) {
      for (const one of [value ?? []].flat()) query.append(name, one);
    }
    return started.fetch(`${production}/organizations/oauth2/v2.0/authorize?${query}`);
  };
  const redeem = async (code: string, form: Readonly<Record<string, string>> = {}) => {
    const answer = await started.fetch(`${production}/organizations/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: base.client_id,
        redirect_uri: HERE,
        code,
        ...form,
      }),
    });
    return (await answer.json()) as {
      readonly error_codes?: readonly number[];
      readonly refresh_token?: string;
    };
  };
  const answered = async (changes?: Parameters<typeof authorize>[0]) => {
    const { searchParams } = new URL((await authorize(changes)).headers.get('location') ?? 'about:blank');
    return Object.fromEntries(searchParams) as {
      readonly code?: string;
      readonly error?: string;
      readonly error_description?: string;
    };
  };
  return { authorize, answered, redeem };
}

describe('PKCE of a sign-in', () => {
  it.each([
    ['with S256', { code_challenge: S256, code_challenge_method: 'S256' }],
    ['with plain', { code_challenge: VERIFIER, code_challenge_method: 'plain' }],
    ['with plain, the default method', { code_challenge: VERIFIER }],
  ])('is redeemed by its verifier %s, and by no other', async (_, challenge) => {
    const { answered, redeem } = await signInAt({});
    const { code = '' } = await answered(challenge);
    expect(await redeem(code, { code_verifier: `${VERIFIER}1` })).toMatchObject({ error_codes: [501_481] });
    expect(await redeem(code)).toMatchObject({ error_codes: [501_481] });
    expect(await redeem(code, { code_verifier: VERIFIER })).toHaveProperty('access_token');
  });

  it.each([
    ['a method that does not exist', { code_challenge: S256, code_challenge_method: 'S512' }],
    ['S256 in lower case', { code_challenge: S256, code_challenge_method: 's256' }],
    ['an empty method', { code_challenge: VERIFIER, code_challenge_method: '' }],
    ['a method without a challenge', { code_challenge_method: 'S256' }],
    ['an empty challenge', { code_challenge: '', code_challenge_method: 'plain' }],
    ['a challenge that is too short', { code_challenge: 'x'.repeat(42) }],
    ['a challenge that is too long', { code_challenge: 'x'.repeat(129) }],
    ['a challenge with an invalid character', { code_challenge: `${'x'.repeat(43)} ` }],
  ])('is refused with %s, and gives no code', async (_, challenge) => {
    const { answered } = await signInAt({});
    const answer = await answered(challenge);
    expect(answer.error).toBe('invalid_request');
    expect(answer.error_description).toMatch(/code_challenge/i);
    expect(answer.code).toBeUndefined();
  });
});

it.each(['', 'Fragment', 'web_message'])(
  'a response_mode that does not exist is refused: %s',
  async (response_mode) => {
    const { answered } = await signInAt({});
    const answer = await answered({ response_mode });
    expect(answer.error).toBe('invalid_request');
    expect(answer.code).toBeUndefined();
  },
);

describe('a parameter that occurs twice', () => {
  it.each([
    { redirect_uri: [HERE, 'https://evil.example/'] },
    { code_challenge: S256, code_challenge_method: ['S256', 'plain'] },
    { code_challenge: [S256, VERIFIER], code_challenge_method: 'S256' },
    { client_id: ['a', 'b'] },
  ])('is refused with a page, and redirects nowhere: %o', async (twice) => {
    const { authorize } = await signInAt({});
    const answer = await authorize(twice);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(await answer.text()).toContain('AADSTS9000411');
  });

  it('is refused by the token endpoint too', async () => {
    const started = await startEntra();
    entra = started;
    const answer = await started.fetch(`${production}/common/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=authorization_code&code=one&code=two',
    });
    expect(await answer.json()).toMatchObject({ error: 'invalid_request', error_codes: [9_000_411] });
  });
});

describe('where a sign-in redirects to', () => {
  const status = async (options: StartEntraOptions & { readonly port?: never }, redirect_uri: string) => {
    const { authorize } = await signInAt(options);
    const answer = await authorize({ redirect_uri });
    expect(answer.headers.has('location')).toBe(answer.status === 302);
    return answer.status;
  };

  it.each([
    'http://localhost:4000/signed-in',
    'https://localhost/signed-in',
    'http://127.0.0.1:4000/',
    'http://[::1]:4000/',
  ])('is any address of this machine for an app without redirectUris: %s', async (uri) => {
    expect(await status({}, uri)).toBe(302);
    expect(await status({ apps: { spa: {} } }, uri)).toBe(302);
  });

  it.each([
    'https://evil.example/',
    'http://localhost.evil.example/',
    'http://localhost@evil.example/',
    'http://localhost:80@evil.example/',
    'http://127.0.0.2.evil.example/',
    'custom-scheme://localhost/',
    'file://localhost/etc/passwd',
    'javascript://localhost/%0aalert(1)',
    '//localhost/',
  ])('is nowhere else: %s', async (uri) => {
    expect(await status({}, uri)).toBe(400);
    expect(await status({ apps: { spa: {} } }, uri)).toBe(400);
  });

  it('is nowhere for an app with an empty list of redirectUris', async () => {
    expect(await status({ apps: { spa: { redirectUris: [] } } }, HERE)).toBe(400);
  });

  it('is explained in the refusal, with how to register another address', async () => {
    const { authorize } = await signInAt({ apps: { spa: {} } });
    const page = await (await authorize({ redirect_uri: 'https://app.contoso.example/in' })).text();
    expect(page).toContain('AADSTS50011');
    expect(page).toContain('apps.spa.redirectUris');
  });

  it('is an app’s own scheme if that is registered', async () => {
    const uri = 'com.contoso.app://signed-in';
    expect(await status({ apps: { spa: { redirectUris: [uri] } } }, uri)).toBe(302);
  });
});

describe('what a sign-in leaves behind', () => {
  it('is at most a thousand codes: the oldest one is evicted, the latest ones are redeemed', async () => {
    const { answered, redeem } = await signInAt({});
    const codes: string[] = [];
    for (let count = 0; count < 1001; count++) codes.push((await answered()).code ?? '');
    expect(await redeem(codes[0] ?? '')).toMatchObject({ error_codes: [9_002_313] });
    expect(await redeem(codes[1] ?? '')).toHaveProperty('access_token');
    expect(await redeem(codes[1000] ?? '')).toHaveProperty('access_token');
  });

  it('is nothing when a parameter is too long', async () => {
    const { authorize } = await signInAt({});
    const answer = await authorize({ claims: JSON.stringify({ filler: 'x'.repeat(20_000) }) });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('AADSTS90023');
  });

  it.each(['null', '{"access_token":null}', '{"access_token":{"acrs":null}}'])(
    'may be a claims parameter that asks for nothing: %s',
    async (claims) => {
      const { answered, redeem } = await signInAt({});
      const { code = '' } = await answered({ claims });
      expect(await redeem(code)).toHaveProperty('access_token');
    },
  );
});
