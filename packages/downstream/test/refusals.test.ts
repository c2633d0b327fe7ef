import { toHttp } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { errorOf, type Stage, stage } from './stage.js';

/** A stage whose token endpoint gives this answer. */
async function answering(
  body: unknown,
  {
    status = 400,
    headers = {},
  }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Promise<Stage & { asked: number }> {
  const made = await stage();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const counted = Object.assign(made, { asked: 0 });
  made.intercept = () => {
    counted.asked++;
    return new Response(text, { status, headers });
  };
  return counted;
}

const call = async (made: Stage) =>
  made
    .downstream()
    .apis.stock.forCaller(await made.accepted('ada'))
    .json('/items');
const callAsApp = (made: Stage) => made.downstream().apis.stock.asApp().json('/items');
const claims = '{"access_token":{"capolids":{"essential":true,"values":["1c0b4e5e"]}}}';

const CALLERS = [
  [
    { error: 'invalid_grant', suberror: 'basic_action', error_codes: [50076], claims },
    'downstream_step_up_required',
    401,
    'insufficient_claims',
  ],
  [
    { error: 'interaction_required', error_codes: [50079], claims },
    'downstream_step_up_required',
    401,
    'insufficient_claims',
  ],
  [
    { error: 'invalid_grant', suberror: 'message_only', error_codes: [53003], claims },
    'downstream_step_up_required',
    401,
    'insufficient_claims',
  ],
  [
    { error: 'invalid_grant', suberror: 'bad_token', error_codes: [50173] },
    'downstream_step_up_required',
    401,
    'insufficient_user_authentication',
  ],
  [
    { error: 'interaction_required', error_codes: [50078] },
    'downstream_step_up_required',
    401,
    'insufficient_user_authentication',
  ],
  [{ error: 'login_required' }, 'downstream_step_up_required', 401, 'insufficient_user_authentication'],
  [
    { error: 'invalid_grant', error_codes: [70043] },
    'downstream_step_up_required',
    401,
    'insufficient_user_authentication',
  ],
  [
    { error: 'invalid_grant', error_codes: [50057] },
    'downstream_step_up_required',
    401,
    'insufficient_user_authentication',
  ],
  [
    { error: 'invalid_grant', claims: 'not JSON' },
    'downstream_step_up_required',
    401,
    'insufficient_user_authentication',
  ],
  [
    { error: 'invalid_grant', suberror: 'consent_required', error_codes: [65001] },
    'downstream_consent_missing',
    403,
    'insufficient_scope',
  ],
  [
    { error: 'interaction_required', error_description: 'AADSTS65001: no consent' },
    'downstream_consent_missing',
    403,
    'insufficient_scope',
  ],
  [{ error: 'invalid_grant', error_codes: [50105] }, 'downstream_consent_missing', 403, 'insufficient_scope'],
  [{ error: 'invalid_grant', error_codes: [500133] }, 'token_expired', 401, 'invalid_token'],
] as const;

const OURS = [
  { error: 'invalid_grant', error_codes: [50013] },
  { error: 'invalid_grant', error_codes: [240002] },
  { error: 'invalid_grant', error_codes: [7000114] },
  { error: 'invalid_client', error_codes: [7000215] },
  { error: 'invalid_client', error_codes: [7000222] },
  { error: 'invalid_client', error_codes: [700027] },
  { error: 'invalid_request', error_codes: [700213] },
  { error: 'unauthorized_client', error_codes: [700016] },
  { error: 'invalid_resource', error_codes: [500011] },
  { error: 'invalid_scope', error_codes: [650053] },
  { error: 'something_new' },
];

describe('what Entra refuses', () => {
  it.each(CALLERS)('%j is the caller’s: %s', async (body, code, status, word) => {
    const error = await errorOf(async () => call(await answering(body)));
    expect(error).toMatchObject({ code, status });
    expect(toHttp(error).headers['WWW-Authenticate']).toContain(`error="${word}"`);
  });

  it.each(CALLERS)('%j on a call as this API is never told to a caller', async (body) => {
    const error = await errorOf(async () => callAsApp(await answering(body)));
    expect(error).toMatchObject({ code: 'downstream_misconfigured', status: 500 });
  });

  it.each(OURS)('%j is a mistake of this API', async (body) => {
    const error = await errorOf(async () => call(await answering(body)));
    expect(error).toMatchObject({ code: 'downstream_misconfigured', status: 500, api: 'stock' });
  });

  it.each([
    ['429', {}, { status: 429, headers: { 'retry-after': '17' } }, 17],
    ['429 without a time', {}, { status: 429 }, 5],
    [
      '503 with a date',
      {},
      { status: 503, headers: { 'retry-after': new Date(Date.now() + 3_600_000_000).toUTCString() } },
      3600,
    ],
    ['500', { error: 'server_error' }, { status: 500 }, 5],
    ['a page of a proxy', '<html>', { status: 200 }, 5],
    ['an error without a word', { message: 'no' }, { status: 400 }, 5],
    [
      'a token that is not one',
      { access_token: 'a b', token_type: 'Bearer', expires_in: 3599 },
      { status: 200 },
      5,
    ],
    ['a token without an end', { access_token: 'a.b.c', token_type: 'Bearer' }, { status: 200 }, 5],
    [
      'a token of another type',
      { access_token: 'a.b.c', token_type: 'pop', expires_in: 3599 },
      { status: 200 },
      5,
    ],
    ['more than can be meant', 'x'.repeat(300_000), { status: 200 }, 5],
  ])('%s can’t be decided about: 503, and never 401', async (_, body, how, retryAfter) => {
    const error = await errorOf(async () => call(await answering(body, how)));
    expect(error).toMatchObject({
      code: 'downstream_unavailable',
      status: 503,
      part: 'downstream',
      retryAfter,
    });
  });

  it('is repeated for some seconds to the same caller, and to no other', async () => {
    const made = await answering({ error: 'invalid_grant', error_codes: [65001] });
    const { apis } = made.downstream();
    const ada = await made.accepted('ada');
    for (let times = 0; times < 3; times++) {
      expect(await errorOf(() => apis.stock.forCaller(ada).json('/'))).toMatchObject({
        code: 'downstream_consent_missing',
      });
    }
    expect(made.asked).toBe(1);
    made.intercept = undefined;
    await apis.stock.forCaller(await made.accepted('bob')).json('/');
    expect(await errorOf(() => apis.stock.forCaller(ada).json('/'))).toMatchObject({
      code: 'downstream_consent_missing',
    });
    made.pass(16_000);
    await apis.stock.forCaller(ada).json('/');
  });

  it.each(['invalid_request', 'something_new'])(
    '%s, which may be due to the caller, is told to no other',
    async (error) => {
      const made = await answering({ error });
      const { apis } = made.downstream();
      expect(
        await errorOf(async () => apis.stock.forCaller(await made.accepted('ada')).json('/')),
      ).toMatchObject({
        code: 'downstream_misconfigured',
      });
      made.intercept = undefined;
      await apis.stock.forCaller(await made.accepted('bob')).json('/');
    },
  );

  it('for a mistake of this API is repeated to all, and logged once', async () => {
    const entries: { message: string }[] = [];
    const made = await answering({ error: 'invalid_scope', error_codes: [650053] });
    const guard = made.guarded({ log: (entry) => void entries.push(entry) });
    const { apis, health } = made.downstream({ guard });
    for (const user of ['ada', 'bob', 'carol']) {
      const request = await made.accepted(user, {}, guard);
      const error = await errorOf(() => apis.stock.forCaller(request).json('/'));
      expect(error).toMatchObject({ code: 'downstream_misconfigured', aadsts: 650053 });
    }
    expect(made.asked).toBe(1);
    expect(entries.filter(({ message }) => message.includes('650053'))).toHaveLength(1);
    expect(await health()).toMatchObject({ status: 'degraded' });
    made.pass(16_000);
    expect(await health()).toMatchObject({ status: 'up' });
  });

  it('of the credential is asked once more with a new one', async () => {
    const made = await stage();
    const secrets = ['old', undefined];
    const { secretFrom } = await import('../src/index.js');
    const { SECRET } = await import('./stage.js');
    const { apis } = made.downstream({ credential: secretFrom(() => secrets.shift() ?? SECRET) });
    await apis.stock.asApp().json('/items');
    expect(made.forms.map((form) => form.get('client_secret'))).toEqual(['old', SECRET]);
  });
});

describe('a redirect of the token endpoint', () => {
  it('is an error, since it would take the credential elsewhere', async () => {
    const made = await stage();
    const seen: (string | undefined)[] = [];
    made.intercept = (_, init) => {
      seen.push(init?.redirect);
      throw new TypeError('fetch failed');
    };
    expect(await errorOf(() => callAsApp(made))).toMatchObject({
      code: 'downstream_unavailable',
      status: 503,
    });
    expect(seen).toEqual(['error']);
  });
});

describe('while the token endpoint is down', () => {
  it('tokens that were got before go on, and others are 503 with Retry-After', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const ada = await made.accepted('ada');
    await apis.stock.forCaller(ada).json('/');
    made.entra.fail('token', 'disconnect');
    await apis.stock.forCaller(ada).json('/');
    const error = await errorOf(async () => apis.stock.forCaller(await made.accepted('bob')).json('/'));
    expect(toHttp(error)).toMatchObject({ status: 503, headers: { 'Retry-After': '5' } });
  });

  it('a token whose early renewal fails is handed out until its end', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const app = apis.stock.asApp();
    await app.json('/');
    made.entra.fail('token', 503);
    made.pass(54 * 60_000);
    for (let times = 0; times < 5; times++) await app.json('/');
    made.pass(60_000);
    expect(await errorOf(() => app.json('/'))).toMatchObject({ code: 'downstream_unavailable' });
  });

  it('a token is renewed early while calls go on', async () => {
    const made = await stage();
    const app = made.downstream().apis.stock.asApp();
    await app.json('/');
    made.pass(54 * 60_000);
    await app.json('/');
    const used = () => made.received.map(({ headers }) => headers.get('authorization'));
    expect(used()[1]).toBe(used()[0]);
    const next = () => app.json('/').then(() => used().at(-1));
    await expect.poll(next).not.toBe(used()[0]);
    expect(made.forms).toHaveLength(2);
  });
});
