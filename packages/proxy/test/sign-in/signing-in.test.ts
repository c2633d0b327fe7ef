import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PORTAL, type Portal, portal, TestBrowser } from '../support/portal.js';

let place: Portal;
let browser: TestBrowser;
beforeEach(async () => {
  place = await portal();
  browser = new TestBrowser(place);
});
afterEach(() => place.close());

const SESSION = '__Host-entra';
const ATTEMPT = '__Host-entra-sign-in';

describe('a sign-in', () => {
  it('leads to Entra and back to the page that was asked for, which is told who it is', async () => {
    const first = await browser.navigate('/pages/1?tab=2');
    expect(first.status).toBe(303);
    const asked = new URL(first.location ?? '').searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: place.entra.clientIdOf('portal'),
      response_type: 'code',
      response_mode: 'query',
      code_challenge_method: 'S256',
      redirect_uri: `${PORTAL}/.entra/callback`,
      scope: `openid profile offline_access ${place.entra.clientIdOf('portal')}/.default`,
    });
    const back = await browser.atEntra(first.location);
    const done = await browser.navigate(`${back.pathname}${back.search}`, { 'Sec-Fetch-Site': 'cross-site' });
    expect([done.status, done.location]).toEqual([303, '/pages/1?tab=2']);
    expect(done.cookies).toEqual([
      expect.stringMatching(/^__Host-entra=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ]);
    expect(done.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    const page = await browser.navigate('/pages/1?tab=2');
    expect([page.status, page.text, page.cookies]).toEqual([200, 'page', []]);
    const [{ headers }] = place.received as [(typeof place.received)[number]];
    expect(headers.cookie).toBeUndefined();
    expect(headers.authorization).toBeUndefined();
    const claims = JSON.parse(
      Buffer.from(String(headers['x-entra-assertion']).split('.')[1] ?? '', 'base64url').toString(),
    );
    expect(claims).toMatchObject({ kind: 'user', oid: place.entra.objectIdOf('ada'), rule: '/pages/**' });
  });

  it('begins for navigations only: a script gets the refusal of the guard', async () => {
    for (const headers of [
      { 'Sec-Fetch-Mode': 'cors', Accept: 'text/html' },
      { Accept: 'application/json' },
      {},
    ] as Record<string, string>[]) {
      const { status, headers: answered, cookies } = await browser.send('/pages/1', { headers });
      expect([status, cookies]).toEqual([401, []]);
      expect(answered['www-authenticate']).toMatch(/^Bearer/);
    }
    expect((await browser.send('/pages/1', { headers: { Accept: 'text/html' } })).status).toBe(303);
    const post = await browser.send('/pages/1', { method: 'POST', headers: { Accept: 'text/html' } });
    expect(post.status).toBe(401);
  });

  it('begins for no caller who brings a token, and a token wins over a session', async () => {
    const bad = await browser.navigate('/pages/1', { Authorization: 'Bearer x' });
    expect([bad.status, bad.location]).toEqual([401, undefined]);
    await browser.signIn();
    const { token } = place.entra.user('bob', { api: 'portal', scp: 'Portal.Access' });
    await browser.navigate('/pages/1', { Authorization: `Bearer ${token}` });
    const told = String(place.received.at(-1)?.headers['x-entra-assertion']).split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(told, 'base64url').toString()).oid).toBe(place.entra.objectIdOf('bob'));
    expect((await browser.navigate('/pages/1', { Authorization: 'Basic eDp5' })).status).toBe(401);
  });

  it('is of one application: another one does not sign in, and does not take its cookie', async () => {
    await browser.signIn();
    const other = await browser.send('/x', { host: 'api.contoso.example', headers: { Accept: 'text/html' } });
    expect(other.status).toBe(401);
    const own = await browser.send('/.entra/sign-in', { host: 'api.contoso.example' });
    expect(own.status).not.toBe(303);
  });

  it('works in two tabs at once', async () => {
    const one = await browser.navigate('/pages/1');
    const two = await browser.navigate('/pages/2');
    const [backOne, backTwo] = [await browser.atEntra(one.location), await browser.atEntra(two.location)];
    expect((await browser.navigate(`/.entra/callback${backOne.search}`)).location).toBe('/pages/1');
    expect((await browser.navigate(`/.entra/callback${backTwo.search}`)).location).toBe('/pages/2');
    expect((await browser.navigate('/pages/2')).status).toBe(200);
  });

  it('is told by the page what Entra has refused, without what an attacker writes', async () => {
    const { location } = await browser.navigate('/pages/1');
    const state = new URL(location ?? '').searchParams.get('state');
    const { status, text, cookies } = await browser.navigate(
      `/.entra/callback?error=access_denied&error_description=AADSTS65004%3A+<script>x</script>&state=${state}`,
    );
    expect([status, cookies]).toEqual([403, []]);
    expect(text).toContain('AADSTS65004');
    expect(text).toContain('The sign-in did not succeed');
    expect(text).not.toContain('<script>');
  });
});

describe('a sign-in of an attacker', () => {
  it('is not finished in the browser of another person (login CSRF)', async () => {
    const attacker = new TestBrowser(place);
    const begun = await attacker.navigate('/pages/1');
    const back = await attacker.atEntra(begun.location, { login_hint: 'mallory' });
    for (const victim of [new TestBrowser(place), browser]) {
      if (victim === browser) await browser.navigate('/pages/1');
      const { status, cookies } = await victim.navigate(`/.entra/callback${back.search}`);
      expect([status, cookies]).toEqual([400, []]);
      expect(victim.jar.has(SESSION)).toBe(false);
    }
  });

  it('gets a new session, never one that was there (fixation)', async () => {
    const chosen = 'A'.repeat(43);
    browser.jar.set(SESSION, chosen);
    await browser.signIn();
    expect(browser.jar.get(SESSION)).not.toBe(chosen);
    const first = browser.jar.get(SESSION) ?? '';
    const other = new TestBrowser(place);
    other.jar.set(SESSION, chosen);
    expect((await other.navigate('/pages/1')).status).toBe(303);
    const again = await browser.navigate('/.entra/sign-in?return=/pages/2');
    const back = await browser.atEntra(again.location);
    await browser.navigate(`/.entra/callback${back.search}`);
    expect(browser.jar.get(SESSION)).not.toBe(first);
    other.jar.set(SESSION, first);
    place.entra.advance('31s');
    expect((await other.navigate('/pages/1')).status).toBe(303);
  });

  it('can be answered once', async () => {
    const { location } = await browser.navigate('/pages/1');
    const back = await browser.atEntra(location);
    expect((await browser.navigate(`/.entra/callback${back.search}`)).status).toBe(303);
    browser.jar.delete(SESSION);
    expect((await browser.navigate(`/.entra/callback${back.search}`)).status).toBe(400);
  });

  it.each([
    ['another state', (query: URLSearchParams) => query.set('state', 'B'.repeat(43))],
    ['no state', (query: URLSearchParams) => query.delete('state')],
    ['two states', (query: URLSearchParams) => query.append('state', 'x')],
    ['another code', (query: URLSearchParams) => query.set('code', 'x')],
    ['no code', (query: URLSearchParams) => query.delete('code')],
  ])('is not answered with %s', async (_, change) => {
    const { location } = await browser.navigate('/pages/1');
    const back = await browser.atEntra(location);
    change(back.searchParams);
    const { status } = await browser.navigate(`/.entra/callback?${back.searchParams}`);
    expect([400, 403]).toContain(status);
    expect(browser.jar.has(SESSION)).toBe(false);
  });

  it('is not finished with the code of another sign-in: its verifier and nonce do not fit', async () => {
    const one = await browser.navigate('/pages/1');
    const two = await browser.navigate('/pages/2');
    const [backOne, backTwo] = [await browser.atEntra(one.location), await browser.atEntra(two.location)];
    backTwo.searchParams.set('code', backOne.searchParams.get('code') ?? '');
    const { status } = await browser.navigate(`/.entra/callback${backTwo.search}`);
    expect(status).toBe(403);
    expect(browser.jar.has(SESSION)).toBe(false);
  });

  it('ends after ten minutes', async () => {
    const { location } = await browser.navigate('/pages/1');
    const back = await browser.atEntra(location);
    place.entra.advance('11m');
    expect((await browser.navigate(`/.entra/callback${back.search}`)).status).toBe(400);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '\\\\evil.example',
    '/%5cevil.example',
    '/\t/evil.example',
    ' /evil',
    'javascript:alert(1)',
    '/.entra/sign-out',
    '/a/../.entra/sign-out',
    '/x\r\nSet-Cookie: a=b',
    'pages/1',
    `/${'a'.repeat(3_000)}`,
    `${PORTAL}@evil.example/`,
  ])('leads nowhere but to the application: %j', async (returnTo) => {
    const { location } = await browser.navigate(`/.entra/sign-in?return=${encodeURIComponent(returnTo)}`);
    const back = await browser.atEntra(location);
    const done = await browser.navigate(`/.entra/callback${back.search}`);
    const target = new URL(done.location ?? '', PORTAL);
    expect(target.origin).toBe(PORTAL);
    expect(target.pathname.startsWith('/.entra/')).toBe(false);
    expect(done.location).toMatch(/^\/(?![/\\])/);
  });
});

describe('cookies', () => {
  it.each(['', 'x', 'A'.repeat(42), `${'A'.repeat(43)}=`, "A' or '1'='1", '../../x'])(
    'of another form are of no session: %j',
    async (value) => {
      browser.jar.set(SESSION, value);
      const { status } = await browser.navigate('/pages/1');
      expect(status).toBe(303);
      const { status: script, cookies } = await browser.send('/pages/1');
      expect(script).toBe(401);
      expect(cookies).toEqual([]);
    },
  );

  it('that stand there twice are of no session', async () => {
    await browser.signIn();
    const id = browser.jar.get(SESSION);
    const twice = await browser.navigate('/pages/1', { Cookie: `${SESSION}=${id}; ${SESSION}=${id}` });
    expect(twice.status).toBe(303);
  });

  it('of a session that has ended are removed', async () => {
    browser.jar.set(SESSION, 'A'.repeat(43));
    const { status, cookies } = await browser.send('/pages/1');
    expect(status).toBe(401);
    expect(cookies[0]).toMatch(/^__Host-entra=; .*Max-Age=0$/);
    expect(browser.jar.has(SESSION)).toBe(false);
  });

  it('hold nothing but random bits, and the store nothing that a browser holds', async () => {
    await browser.signIn();
    const id = browser.jar.get(SESSION) ?? '';
    expect(Buffer.from(id, 'base64url')).toHaveLength(32);
    expect(await place.store.get(`session:${id}`)).toBeUndefined();
    expect(browser.jar.get(ATTEMPT)).not.toBe(id);
  });

  it('reach no application, and none is set on an answer of the application', async () => {
    await browser.signIn();
    const page = await browser.navigate('/pages/1', {
      Cookie: `mine=1; ${SESSION}=${browser.jar.get(SESSION)}; ${ATTEMPT}=x`,
    });
    expect([page.status, page.cookies]).toEqual([200, []]);
    expect(place.received.at(-1)?.headers.cookie).toBe('mine=1');
  });
});

describe('requests that another site has sent', () => {
  const from = (headers: Record<string, string>, method = 'POST') =>
    browser.send('/pages/1', { method, headers });
  it.each<[Record<string, string>, number]>([
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
    [{ 'Sec-Fetch-Site': 'none' }, 200],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: PORTAL }, 403],
    [{ 'Sec-Fetch-Site': 'SAME-ORIGIN' }, 403],
    [{ Origin: PORTAL }, 200],
    [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ Origin: `${PORTAL}.evil.example` }, 403],
    [{ Origin: PORTAL.replace('https', 'http') }, 403],
    [{}, 403],
  ])('with a session and %j are answered %i', async (headers, expected) => {
    await browser.signIn();
    const before = place.received.length;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, text } = await from(headers, method);
      expect(status).toBe(expected);
      if (expected === 403) expect(JSON.parse(text).code).toBe('cross_site_request');
    }
    expect(place.received.length - before).toBe(expected === 200 ? 4 : 0);
  });

  it('only read: they pass, as links do', async () => {
    await browser.signIn();
    expect((await browser.navigate('/pages/1', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(200);
  });

  it('ask for a WebSocket: they are refused', async () => {
    await browser.signIn();
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const { status } = await browser.send('/pages/live', {
      headers: { ...upgrade, Origin: 'https://evil.example' },
    });
    expect(status).toBe(403);
  });

  it('do not sign a person out', async () => {
    await browser.signIn();
    const theirs = await browser.send('/.entra/sign-out', {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'cross-site' },
    });
    expect(theirs.status).toBe(403);
    expect((await browser.navigate('/pages/1')).status).toBe(200);
  });
});
