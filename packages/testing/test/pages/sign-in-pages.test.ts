import { type LoopbackEntra, type StartEntraOptions, startEntra } from '@entra-guard/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../read-token.js';
import { slowClock } from '../slow-clock.js';
import { type Seen, titleOf, Visitor } from './visitor.js';

let entra: LoopbackEntra;
let browser: Visitor;
afterEach(() => entra.close());

async function start(options: Partial<StartEntraOptions> = {}) {
  entra = await startEntra({
    now: slowClock(),
    port: 0,
    pages: true,
    users: { ada: { displayName: 'Ada Lovelace', admin: true }, bob: {} },
    apps: { web: {}, other: {} },
    ...options,
  });
  browser = new Visitor(entra);
}

/** Accepts the consent page, if there is one. */
async function accepted(page: Seen): Promise<Seen> {
  return titleOf(page).startsWith('Permissions requested') ? browser.press(page, 'Accept') : page;
}

async function signedIn(user: string): Promise<Seen> {
  return accepted(await browser.signIn(await browser.authorize('web'), user));
}

const errorOf = ({ location }: Seen) => location?.searchParams.get('error');

async function idTokenOf(seen: Seen, app = 'web') {
  const answer = await entra.fetch(`${entra.origin}/common/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: entra.clientIdOf(app),
      client_secret: 'any',
      redirect_uri: 'http://localhost:3000/in',
      code: seen.location?.searchParams.get('code') ?? '',
    }),
  });
  return claimsOf(String(((await answer.json()) as { readonly id_token?: string }).id_token));
}

describe('the page of a sign-in', () => {
  it('offers the users that have a name, signs in, and answers the app with the state', async () => {
    await start();
    const page = await browser.authorize('web');
    expect([page.status, titleOf(page)]).toEqual([200, 'Choose an account']);
    expect(page.text).toContain('Ada Lovelace');
    const consent = await browser.press(page, 'Ada Lovelace');
    const end = await accepted(consent);
    expect(end.location?.searchParams.get('state')).toBe('s-1');
    expect(await idTokenOf(end)).toMatchObject({ name: 'Ada Lovelace', oid: entra.objectIdOf('ada') });
  });

  it.each(['kim', 'kim@contoso.onmicrosoft.com', 'Kim'])('takes any other user by name: %s', async (name) => {
    await start();
    expect(await idTokenOf(await signedIn(name))).toHaveProperty('name', 'Kim Example');
  });

  it.each(['', ' ', 'x'.repeat(257)])('asks again for a name that is none: %j', async (name) => {
    await start();
    const again = await browser.signIn(await browser.authorize('web'), name);
    expect([again.status, again.location]).toEqual([400, undefined]);
  });

  it('can be cancelled', async () => {
    await start();
    const end = await browser.press(await browser.authorize('web'), 'Cancel');
    expect(errorOf(end)).toBe('access_denied');
    expect(end.location?.searchParams.get('error_description')).toContain('AADSTS65004');
  });

  it('names no user where there is none', async () => {
    await start({ users: {} });
    expect(titleOf(await browser.authorize('web'))).toBe('Sign in');
  });
});

describe('single sign-on', () => {
  it('answers the next app at once, with the time of the sign-in', async () => {
    await start();
    await signedIn('ada');
    entra.advance('10m');
    const end = await accepted(await browser.authorize('other', { max_age: '3600' }));
    expect((await idTokenOf(end, 'other')).auth_time).toBe(Math.floor(entra.now() / 1000) - 600);
  });

  it('is by a cookie that no script reads and no other site sends', async () => {
    await start();
    const page = await browser.authorize('web');
    const { port } = new URL(entra.origin);
    expect(page.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        new RegExp(`^entra-guard-local-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`),
      ),
    ]);
  });

  it('comes along into frames over TLS', async () => {
    await start({ tls: true });
    const page = await browser.authorize('web');
    expect(page.headers.getSetCookie()[0]).toMatch(/; Path=\/; HttpOnly; SameSite=None; Secure$/);
  });

  it('has another cookie after the sign-in, and the one before is worth nothing', async () => {
    await start();
    const page = await browser.authorize('web');
    const [before] = [...browser.cookies];
    await accepted(await browser.press(page, 'Ada'));
    const [after] = [...browser.cookies];
    expect(after?.[1]).not.toBe(before?.[1]);
    browser.cookies.set(before?.[0] ?? '', before?.[1] ?? '');
    expect(errorOf(await browser.authorize('web', { prompt: 'none' }))).toBe('login_required');
  });

  it.each([
    ['24 hours', () => entra.advance('24h')],
    ['disable', () => entra.disable('ada')],
    ['remove', () => entra.remove('ada')],
    ['revokeSessions', () => entra.revokeSessions('ada')],
  ])('ends with %s', async (_, end) => {
    await start();
    await signedIn('ada');
    expect((await browser.authorize('web', { prompt: 'none' })).location?.searchParams.has('code')).toBe(
      true,
    );
    end();
    expect(errorOf(await browser.authorize('web', { prompt: 'none' }))).toBe('login_required');
    expect((await browser.authorize('web')).status).toBe(200);
  });

  it('is for the tenant of the sign-in', async () => {
    await start();
    await signedIn('ada');
    expect(errorOf(await browser.authorize('web', { prompt: 'none' }, 'fabrikam'))).toBe('login_required');
  });
});

describe('prompt, hints and max_age', () => {
  it.each([
    ['login', 'Choose an account'],
    ['select_account', 'Choose an account'],
    ['consent', 'Permissions requested'],
  ])('prompt=%s shows a page although the user is signed in', async (prompt, title) => {
    await start();
    await signedIn('ada');
    expect(titleOf(await browser.authorize('web', { prompt }))).toBe(title);
  });

  it('prompt=login is a new sign-in, select_account keeps the one there is', async () => {
    await start();
    await signedIn('ada');
    entra.advance('10m');
    const now = Math.floor(entra.now() / 1000);
    const claims = '{"id_token":{"auth_time":null}}';
    const kept = await browser.press(
      await browser.authorize('web', { prompt: 'select_account', claims }),
      'Ada',
    );
    expect((await idTokenOf(kept)).auth_time).toBe(now - 600);
    const again = await browser.press(await browser.authorize('web', { prompt: 'login', claims }), 'Ada');
    expect(Number((await idTokenOf(again)).auth_time)).toBeGreaterThanOrEqual(now);
  });

  it.each([
    ['no user is signed in', {}, 'login_required', 'AADSTS50058'],
    ['another user is meant', { login_hint: 'bob' }, 'login_required', 'AADSTS50058'],
    ['the request is wrong', { scope: '' }, 'invalid_request', 'AADSTS900144'],
  ])('prompt=none answers the app when %s', async (_, query, error, aadsts) => {
    await start();
    if ('login_hint' in query) await signedIn('ada');
    const end = await browser.authorize('web', { prompt: 'none', ...query });
    expect(end.location?.searchParams.get('error_description')).toContain(aadsts);
    expect([end.status, errorOf(end)]).toEqual([302, error]);
    expect(end.location?.searchParams.get('state')).toBe('s-1');
  });

  it('prompt=none asks which of several users is meant, and login_hint says it', async () => {
    await start();
    await signedIn('ada');
    await accepted(await browser.signIn(await browser.authorize('web', { prompt: 'select_account' }), 'bob'));
    expect(errorOf(await browser.authorize('web', { prompt: 'none' }))).toBe('interaction_required');
    expect(titleOf(await browser.authorize('web'))).toBe('Choose an account');
    for (const login_hint of ['bob', 'bob@contoso.onmicrosoft.com', entra.objectIdOf('bob')]) {
      const end = await browser.authorize('web', { prompt: 'none', login_hint });
      expect(await idTokenOf(end)).toHaveProperty('oid', entra.objectIdOf('bob'));
    }
  });

  it('login_hint names the user of the page, and another account can be chosen', async () => {
    await start();
    const page = await browser.authorize('web', { login_hint: 'bob@contoso.onmicrosoft.com' });
    expect(page.text).toContain('bob@contoso.onmicrosoft.com');
    expect(page.text).not.toContain('Ada Lovelace');
    expect((await browser.press(page, 'Use another account')).text).toContain('Ada Lovelace');
  });

  it('domain_hint shows the users of that domain', async () => {
    await start();
    expect((await browser.authorize('web', { domain_hint: 'contoso.onmicrosoft.com' })).text).toContain(
      'Ada',
    );
    expect((await browser.authorize('web', { domain_hint: 'fabrikam.example' })).text).not.toContain('Ada');
    expect((await browser.authorize('web', { domain_hint: 'organizations' })).text).toContain('Ada');
  });

  it.each([
    ['0', false],
    ['599', false],
    ['601', true],
  ])('max_age=%s of a sign-in ten minutes ago', async (max_age, enough) => {
    await start();
    await signedIn('ada');
    entra.advance('10m');
    const end = await browser.authorize('web', { prompt: 'none', max_age });
    expect(errorOf(end)).toBe(enough ? null : 'login_required');
    if (enough) return;
    const again = await accepted(await browser.press(await browser.authorize('web', { max_age }), 'Ada'));
    expect(Number((await idTokenOf(again)).auth_time)).toBeGreaterThan(entra.now() / 1000 - 60);
  });
});

describe('authentication contexts', () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

  it('are reached by a page, once a session', async () => {
    await start();
    await signedIn('ada');
    const silent = await browser.authorize('web', { prompt: 'none', claims });
    expect(errorOf(silent)).toBe('interaction_required');
    expect(silent.location?.searchParams.get('error_description')).toContain('AADSTS50076');
    const page = await browser.authorize('web', { claims });
    expect(titleOf(page)).toBe('Confirm that it is you');
    expect((await browser.press(page, 'Approve')).location?.searchParams.has('code')).toBe(true);
    expect(errorOf(await browser.authorize('web', { prompt: 'none', claims }))).toBeNull();
  });

  it('policies that contradict each other end the sign-in, not the process', async () => {
    await start();
    await signedIn('ada');
    for (const value of ['1', '2']) {
      entra.conditionalAccess('ada', undefined, {
        claims: { access_token: { nbf: { essential: true, value } } },
      });
    }
    expect((await browser.authorize('web')).location?.searchParams.has('code')).toBe(true);
  });

  it('are demanded by policies, and a policy that nothing satisfies says so', async () => {
    await start();
    await signedIn('ada');
    const lift = entra.conditionalAccess('ada', undefined, { claims: JSON.parse(claims) });
    expect(titleOf(await browser.authorize('web'))).toBe('Confirm that it is you');
    lift();
    entra.conditionalAccess('ada');
    const blocked = await browser.authorize('web');
    expect([blocked.status, titleOf(blocked)]).toEqual([403, 'You can’t get there from here']);
    expect(blocked.text).toContain('AADSTS53003');
    expect(errorOf(await browser.press(blocked, 'Return'))).toBe('access_denied');
    expect(errorOf(await browser.authorize('web', { prompt: 'none' }))).toBe('interaction_required');
  });
});

it.each([
  [{ redirect_uri: 'https://evil.example/' }, 'AADSTS50011', 'redirectUris'],
  [{ client_id: '11111111-2222-4333-8444-555555555555' }, 'AADSTS700016', 'client ID'],
  [{ redirect_uri: 'javascript:alert(1)' }, 'AADSTS90102', 'redirect_uri'],
])(
  'a request that can’t go back to an app gets a page that says what repairs it: %j',
  async (query, aadsts, repair) => {
    await start();
    const page = await browser.authorize('web', query);
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.text).toContain(aadsts);
    expect(page.text.slice(page.text.indexOf('What repairs it'))).toContain(repair);
  },
);
