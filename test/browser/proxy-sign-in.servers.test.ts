import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createGuard, type Guard, memoryRevocations, type Revocations } from '@entra-guard/core';
import { createProxy, type ListeningProxy } from '@entra-guard/proxy';
import { readPolicy } from '@entra-guard/proxy/policy';
import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { freePort } from '../../scripts/free-port.mjs';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { isTooWide, looks, openPage, picture, violationsOf } from './look.js';
import { accept, chooseAccount, heading } from './through-pages.js';

/** The application: it knows nothing of identity, and shows what the proxy tells it. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/pages/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: open\n\n');
    return;
  }
  const [, payload] = String(request.headers['x-entra-assertion']).split('.');
  const { kind } = JSON.parse(
    payload === undefined ? '{}' : Buffer.from(payload, 'base64url').toString(),
  ) as { kind?: string };
  const name = kind === 'user' ? 'a signed-in user' : 'a stranger';
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><title>Portal</title><main><h1>Portal of ${name}</h1>
<p id="method">${request.method}</p>
<form method="post" action="/pages/change"><button>Change</button></form>
<a href="/.entra/sign-out">Sign out</a></main></html>`);
}

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

describe.skipIf(withoutChromium)(
  `the sign-in of the proxy, in Chromium${needsChromium}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    let entra: LoopbackEntra;
    let revocations: Revocations;
    let guard: Guard;
    let proxy: ListeningProxy;
    let app: Server;
    let sockets: WebSocketServer;
    let received: string[];
    let page: Page;
    let origin: string;
    const others: Server[] = [];

    beforeAll(async () => {
      browser = await startChromium();
    }, 60_000);
    afterAll(() => browser?.close());

    beforeEach(async () => {
      received = [];
      app = createServer((request, response) => {
        received.push(`${request.method} ${request.url}`);
        answer(request, response);
      });
      sockets = new WebSocketServer({ server: app });
      sockets.on('connection', (socket) => socket.send('open'));
      const appPort = await listening(app);
      const port = await freePort();
      origin = `http://localhost:${port}`;
      entra = await startEntra({
        port: 0,
        pages: true,
        users: { ada: { displayName: 'Ada Example' }, bob: { displayName: 'Bob Example' } },
        apps: {
          portal: {
            displayName: 'Contoso portal',
            scopes: ['Portal.Access'],
            secret: 'portal-secret',
            redirectUris: [`${origin}/.entra/callback`, `${origin}/.entra/sign-out`],
            frontChannelLogoutUrl: `${origin}/.entra/front-channel-logout`,
            optionalClaims: ['sid', 'auth_time'],
          },
        },
      });
      const given = entra.options('portal');
      const policy = readPolicy(
        `version: 1
entra: { authority: ${given.authority}, clientId: ${given.clientId} }
apps:
  portal:
    host: localhost
    upstream: http://127.0.0.1:${appPort}
    audience: portal
    owner: { team: Portal team, contact: portal@contoso.example }
    signIn: { credential: { secret: "\${SECRET}" } }
    rules:
      - { path: /pages/**, methods: [GET, POST], require: scopes('Portal.Access') }
      - { path: /admin/**, methods: [GET], require: "allOf(scopes('Portal.Access'), authContext('c1'))" }
`,
        { env: { SECRET: 'portal-secret' } },
      );
      revocations = memoryRevocations();
      guard = createGuard({ ...given, revocations, log: false });
      proxy = await createProxy({
        policy,
        guard,
        listen: `127.0.0.1:${port}`,
        admin: false,
        log: false,
      }).listen();
      page = await openPage(browser);
    });
    afterEach(async () => {
      await page?.context().close();
      sockets?.close();
      app?.closeAllConnections();
      await proxy?.close();
      for (const other of others.splice(0)) other.close();
      app?.close();
      await guard?.close();
      await revocations?.close();
      await entra?.close();
    });

    async function signIn(at = page, path = '/pages/1'): Promise<void> {
      await at.goto(`${origin}${path}`);
      await chooseAccount(at, 'Ada Example');
      await accept(at);
      await heading(at, 'Portal of a signed-in user');
    }

    it('signs in by the pages of Entra, consent included, and hands the page who it is', async () => {
      await page.goto(`${origin}/pages/1?tab=2`);
      await chooseAccount(page, 'Ada Example');
      await accept(page);
      await heading(page, 'Portal of a signed-in user');
      expect(page.url()).toBe(`${origin}/pages/1?tab=2`);
      const cookies = await page.context().cookies(origin);
      const session = cookies.find(({ name }) => name === '__Host-entra');
      expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
      expect(await page.evaluate('document.cookie')).toBe('');
      await page.getByRole('button', { name: 'Change' }).click();
      await page.locator('#method', { hasText: 'POST' }).waitFor();
      expect(received).toContain('POST /pages/change');
    });

    it('asks for a stronger sign-in where the page needs one', async () => {
      await signIn();
      await page.goto(`${origin}/admin/1`);
      await heading(page, 'Confirm that it is you');
      await page.getByRole('button', { name: 'Approve' }).click();
      await heading(page, 'Portal of a signed-in user');
      expect(page.url()).toBe(`${origin}/admin/1`);
    });

    it('signs out in one tab, and the other is out as well', async () => {
      await signIn();
      const other = await page.context().newPage();
      await other.goto(`${origin}/pages/2`);
      await heading(other, 'Portal of a signed-in user');
      await page.getByRole('link', { name: 'Sign out' }).click();
      await heading(page, 'Sign out?');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'You are signed out');
      const status = await other.evaluate<number>(`fetch('/pages/3').then(({ status }) => status)`);
      expect(status).toBe(401);
      await other.reload();
      await heading(other, 'Choose an account');
      // Back to a page that was shown before: it was not kept.
      await page.goBack();
      expect(
        await page.evaluate<number>(`fetch('${origin}/pages/1').then(({ status }) => status, () => 0)`),
      ).not.toBe(200);
    });

    it('is signed out when Entra signs the person out, by its frame', async () => {
      await signIn();
      const elsewhere = await page.context().newPage();
      await elsewhere.goto(`${entra.authority.replace(/\/v2\.0$/, '')}/oauth2/v2.0/logout`);
      await heading(elsewhere, 'You have signed out');
      await expect
        .poll(() => page.evaluate<number>(`fetch('/pages/3').then(({ status }) => status)`), {
          timeout: 10_000,
        })
        .toBe(401);
    });

    it('ends streams and WebSockets of a person who is revoked', async () => {
      await signIn();
      await page.evaluate(`window.ended = [];
        const events = new EventSource('/pages/events');
        events.onmessage = () => window.ended.push('open');
        events.onerror = () => { window.ended.push('events'); events.close(); };
        const socket = new WebSocket('ws://' + location.host + '/pages/socket');
        socket.onmessage = () => window.ended.push('open');
        socket.onclose = () => window.ended.push('socket');`);
      await expect
        .poll(() => page.evaluate<string[]>('window.ended'), { timeout: 10_000 })
        .toEqual(['open', 'open']);
      await revocations.revoke(
        { user: entra.objectIdOf('ada'), tenantId: entra.tenantId },
        { because: 'left' },
      );
      await expect
        .poll(() => page.evaluate<string[]>('window.ended.slice(2).sort()'), { timeout: 10_000 })
        .toEqual(['events', 'socket']);
      await page.goto(`${origin}/pages/1`);
      await heading(page, 'You may not use this application');
      expect(await violationsOf(page)).toEqual([]);
    });

    it('lets no other site act for a person who is signed in', async () => {
      await signIn();
      const evil = createServer((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.end(`<!doctype html><title>Other</title><h1>Other</h1>
<form id="post" method="post" action="${origin}/pages/change"></form>
<form id="out" method="post" action="${origin}/.entra/sign-out"></form>
<script>
window.told = [];
const socket = new WebSocket('${origin.replace('http', 'ws')}/pages/socket');
socket.onopen = () => window.told.push('open');
socket.onclose = () => window.told.push('closed');
fetch('${origin}/pages/change', { method: 'POST', credentials: 'include', mode: 'no-cors' }).finally(() => window.told.push('fetched'));
</script>`);
      });
      others.push(evil);
      // Another site to a browser: its host is another one.
      const evilOrigin = `http://127.0.0.1:${await listening(evil)}`;
      received.length = 0;
      const attack = await page.context().newPage();
      await attack.goto(evilOrigin);
      await expect
        .poll(() => attack.evaluate<string[]>('window.told.sort()'), { timeout: 10_000 })
        .toEqual(['closed', 'fetched']);
      await attack.evaluate(`document.getElementById('post').submit()`);
      await attack.waitForURL(`${origin}/**`);
      await attack.goto(evilOrigin);
      await attack.evaluate(`document.getElementById('out').submit()`);
      await attack.waitForURL(`${origin}/**`);
      expect(received.filter((line) => line.startsWith('POST') || line.includes('socket'))).toEqual([]);
      // The person is still signed in.
      expect(await page.evaluate<number>(`fetch('/pages/3').then(({ status }) => status)`)).toBe(200);
    });

    it('shows its pages in no frame of another site', async () => {
      await signIn();
      const evil = createServer((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.end(`<!doctype html><title>Other</title><iframe src="${origin}/.entra/sign-out"></iframe>`);
      });
      others.push(evil);
      const attack = await page.context().newPage();
      await attack.goto(`http://127.0.0.1:${await listening(evil)}`);
      const frame = attack.frames()[1];
      expect(await frame?.evaluate<number>('document.querySelectorAll("form").length').catch(() => 0)).toBe(
        0,
      );
    });

    it.each(looks)('shows pages that all can use, $width pixels wide, $theme', async (look) => {
      const at = await openPage(browser, look);
      const name = (title: string) => `proxy-${title}-${look.width}-${look.theme}`;
      const check = async (title: string, file: string) => {
        await heading(at, title);
        await picture(at, name(file));
        expect(await violationsOf(at)).toEqual([]);
        expect(await isTooWide(at)).toBe(false);
      };
      await at.goto(`${origin}/.entra/sign-out`);
      await check('You are signed out', 'signed-out');
      await at.goto(`${origin}/.entra/callback?state=x&code=x`);
      await check('This sign-in is not known here', 'unknown');
      await signIn(at);
      await at.goto(`${origin}/.entra/sign-out`);
      await check('Sign out?', 'sign-out');
      await at.goto(`${origin}/elsewhere`);
      await check('You may not open this page', 'refused');
      await at.context().close();
    });

    it('works without scripts', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const plain = await context.newPage();
      await signIn(plain);
      await plain.goto(`${origin}/.entra/sign-out`);
      await plain.getByRole('button', { name: 'Sign out' }).click();
      await heading(plain, 'You are signed out');
      await context.close();
    });
  },
);
