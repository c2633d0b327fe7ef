import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { createGuard, type Guard, memoryRevocations, type Revocations } from '@entra-guard/core';
import { createProxy, type ListeningProxy, memorySessions, type SessionStore } from '@entra-guard/proxy';
import { type Policy, readPolicy } from '@entra-guard/proxy/policy';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { application } from './behind.js';

export const PORTAL = 'https://portal.contoso.example';
const HOST = 'portal.contoso.example';

/** A page behind the embedded proxy, which people sign in to. */
export interface Portal {
  readonly entra: InProcessEntra;
  readonly guard: Guard;
  readonly revocations: Revocations;
  readonly store: SessionStore;
  readonly proxy: ListeningProxy;
  readonly app: Awaited<ReturnType<typeof application>>;
  readonly policy: Policy;
  readonly port: number;
  /** What the application has received: target and headers. */
  readonly received: { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
}

export interface PortalOptions {
  readonly store?: (now: () => number) => SessionStore;
  /** Lines of the policy at the top. */
  readonly sessions?: string;
  readonly change?: (text: string) => string;
  /** What the proxy asks Entra by. */
  readonly fetch?: (inner: typeof fetch) => typeof fetch;
}

const KEY = Buffer.alloc(32, 7).toString('base64');

export function portalText(tenantId: string, clientId: string, port: number, sessions = '{}'): string {
  return `version: 1
entra: { tenantId: ${tenantId}, clientId: ${clientId} }
publicOrigin: ${PORTAL}
sessions: ${sessions}
apps:
  portal:
    host: ${HOST}
    upstream: http://127.0.0.1:${port}
    owner: { team: Portal, contact: portal@contoso.example }
    signIn: { credential: { secret: "\${PORTAL_SECRET}" } }
    rules:
      - { path: /open/**, methods: [GET], require: anonymous(), because: a test }
      - { path: /pages/**, methods: [any], require: scopes('Portal.Access') }
      - { path: /admin/**, methods: [GET], require: "allOf(scopes('Portal.Access'), authContext('c1'))" }
      - { path: /fresh/**, methods: [GET], require: "allOf(scopes('Portal.Access'), signedInWithin('15m'))" }
      - { path: /other/**, methods: [GET], require: scopes('Portal.Other') }
  api:
    host: api.contoso.example
    upstream: http://127.0.0.1:${port}
    rules:
      - { path: /**, methods: [GET], require: scopes('Portal.Access') }
`;
}

export async function portal({
  store: makeStore,
  sessions,
  change = (text) => text,
  fetch: wrapped = (inner) => inner,
}: PortalOptions = {}): Promise<Portal> {
  const entra = await startEntra({
    apps: {
      portal: {
        scopes: ['Portal.Access', 'Portal.Other'],
        secret: 'portal-secret',
        redirectUris: [`${PORTAL}/.entra/callback`, `${PORTAL}/.entra/sign-out`],
        frontChannelLogoutUrl: `${PORTAL}/.entra/front-channel-logout`,
        optionalClaims: ['auth_time', 'sid'],
      },
    },
  });
  const received: { url: string; headers: IncomingMessage['headers'] }[] = [];
  const app = await application((incoming, response) => {
    received.push({ url: incoming.url ?? '', headers: incoming.headers });
    response.end('page');
  });
  const given = entra.options('portal');
  const env = { PORTAL_SECRET: 'portal-secret', SESSION_KEY: KEY };
  const policy = readPolicy(change(portalText(entra.tenantId, given.clientId, app.port, sessions)), { env });
  const revocations = memoryRevocations({ now: entra.now });
  const guard = createGuard({ ...given, fetch: wrapped(given.fetch), revocations, log: false });
  const store = makeStore?.(entra.now) ?? memorySessions({ now: entra.now });
  const proxy = await createProxy({
    policy,
    guard,
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    log: false,
    sessions: store,
  }).listen();
  return {
    entra,
    guard,
    revocations,
    store,
    proxy,
    app,
    policy,
    received,
    port: Number(new URL(proxy.url).port),
    async close() {
      await proxy.close();
      await app.close();
      await guard.close();
      await revocations.close();
      await entra.close();
    },
  };
}

/** An answer as a browser sees it. */
export interface Seen {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const NAVIGATION = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'none', Accept: 'text/html' };

/** A browser with cookies, which follows no redirect on its own. */
export class TestBrowser {
  readonly jar = new Map<string, string>();
  readonly #port: number;
  readonly #entra: InProcessEntra;

  constructor({ port, entra }: Pick<Portal, 'port' | 'entra'>) {
    this.#port = port;
    this.#entra = entra;
  }

  /** Sends a request to the portal, with the cookies that it has. */
  async send(
    path: string,
    {
      method = 'GET',
      headers = {},
      host = HOST,
    }: { method?: string; headers?: Record<string, string>; host?: string } = {},
  ): Promise<Seen> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = ask({
      host: '127.0.0.1',
      port: this.#port,
      path,
      method,
      agent: false,
      headers: { Host: host, ...(cookie === '' ? {} : { Cookie: cookie }), ...headers },
    });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += chunk;
    const cookies = answer.headers['set-cookie'] ?? [];
    for (const line of cookies) this.#keep(line);
    return {
      status: answer.statusCode ?? 0,
      location: answer.headers.location,
      cookies,
      headers: answer.headers,
      text,
    };
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0(;|$)/i.test(line)) this.jar.delete(name);
    else this.jar.set(name, value);
  }

  /** Opens a page, as by a click. */
  navigate(path: string, headers: Record<string, string> = {}): Promise<Seen> {
    return this.send(path, { headers: { ...NAVIGATION, ...headers } });
  }

  /** Asks Entra with a location, and gives where it leads to. @param changes parameters of the request */
  async atEntra(location: string | undefined, changes: Readonly<Record<string, string>> = {}): Promise<URL> {
    const url = new URL(location ?? '');
    for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
    const answer = await this.#entra.fetch(url, { redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '');
  }

  /** Signs in by opening a page. @returns the answer of the callback */
  async signIn(path = '/pages/1', user = 'ada'): Promise<Seen> {
    const { location } = await this.navigate(path);
    const back = await this.atEntra(location, { login_hint: user });
    return this.navigate(`${back.pathname}${back.search}`, { 'Sec-Fetch-Site': 'cross-site' });
  }
}
