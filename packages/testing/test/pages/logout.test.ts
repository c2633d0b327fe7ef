import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { titleOf, Visitor } from './visitor.js';

const OUT = 'http://localhost:3000/out';

let entra: LoopbackEntra;
let browser: Visitor;
beforeEach(async () => {
  entra = await startEntra({
    port: 0,
    pages: true,
    users: { ada: {}, bob: {} },
    apps: {
      web: { redirectUris: ['http://localhost:3000/in', OUT] },
      told: {
        redirectUris: ['http://localhost:3000/in'],
        frontChannelLogoutUrl: 'http://localhost:4000/out?a="><script>',
      },
    },
  });
  browser = new Visitor(entra);
});
afterEach(() => entra.close());

async function signIn(app: string, user: string, query: Readonly<Record<string, string>> = {}) {
  const nonce = { response_type: 'id_token', nonce: 'n' };
  let page = await browser.authorize(app, { ...nonce, ...query });
  if (titleOf(page) === 'Choose an account') page = await browser.signIn(page, user);
  if (titleOf(page).startsWith('Permissions')) page = await browser.press(page, 'Accept');
  return new URLSearchParams(page.location?.hash.slice(1)).get('id_token') ?? '';
}

const logout = (query: Readonly<Record<string, string>> = {}) =>
  browser.open(`${entra.origin}/common/oauth2/v2.0/logout?${new URLSearchParams(query)}`);

async function isSignedIn(user: string) {
  const end = await browser.authorize('web', { prompt: 'none', login_hint: user });
  return end.location?.searchParams.has('code');
}

describe('sign-out', () => {
  it('ends the session, and says so', async () => {
    await signIn('web', 'ada');
    expect(await isSignedIn('ada')).toBe(true);
    const page = await logout();
    expect([page.status, titleOf(page)]).toEqual([200, 'You have signed out']);
    expect(page.text).toContain('ada@contoso.onmicrosoft.com');
    expect(await isSignedIn('ada')).toBe(false);
  });

  it('leads back to an address that is registered, with the state', async () => {
    const token = await signIn('web', 'ada');
    const end = await logout({ post_logout_redirect_uri: OUT, id_token_hint: token, state: 's 1' });
    expect(end.location?.href).toBe(`${OUT}?state=s+1`);
    expect(await isSignedIn('ada')).toBe(false);
  });

  it.each([
    ['that no app has', { post_logout_redirect_uri: 'http://localhost:3000/elsewhere' }],
    ['that another app has', { post_logout_redirect_uri: OUT, client_id: 'told' }],
  ])('does not lead to an address %s, and says what repairs it', async (_, query) => {
    const client = 'client_id' in query ? { client_id: entra.clientIdOf(query.client_id) } : {};
    const page = await logout({ ...query, ...client });
    expect([page.status, page.location]).toEqual([200, undefined]);
    expect(page.text).toContain('redirectUris');
    expect(page.text).not.toContain('http-equiv="refresh"');
  });

  it('tells the apps of the session in frames, and goes on after that', async () => {
    const token = await signIn('told', 'ada');
    await signIn('web', 'ada');
    const page = await logout({ post_logout_redirect_uri: OUT, state: 's' });
    const [, frame = ''] = /<iframe src="([^"]*)"/.exec(page.text) ?? [];
    expect(token).not.toBe('');
    expect(frame).toMatch(/^http:\/\/localhost:4000\/out\?a=.*&amp;iss=.*&amp;sid=[\w-]+$/);
    expect(page.text).not.toContain('<script');
    expect(page.text).toContain(`content="0; url=${OUT}?state=s"`);
    expect(page.headers.get('content-security-policy')).toMatch(/frame-src [^;]*http:\/\/localhost:4000/);
    expect((await logout()).text).not.toContain('<iframe');
  });

  it.each([
    ['logout_hint', 'bob'],
    ['logout_hint', 'bob@contoso.onmicrosoft.com'],
    ['id_token_hint', undefined],
  ])('of one of several users is by %s', async (name, value) => {
    await signIn('web', 'ada');
    const token = await signIn('web', 'bob', { prompt: 'select_account' });
    await logout({ [name]: value ?? token });
    expect([await isSignedIn('ada'), await isSignedIn('bob')]).toEqual([true, false]);
  });

  it('believes no token that was not signed here', async () => {
    await signIn('web', 'ada');
    const [head, body] = (await signIn('web', 'bob', { prompt: 'select_account' })).split('.');
    await logout({ id_token_hint: `${head}.${body}.AAAA` });
    expect([await isSignedIn('ada'), await isSignedIn('bob')]).toEqual([false, false]);
  });
});
