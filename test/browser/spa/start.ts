import { join } from 'node:path';
import { entraGuard, scopes } from '@entra-guard/express';
import type { LocalEntra } from '@entra-guard/testing';
import express from 'express5';
import { rolldown } from 'rolldown';
import { listen } from '../../support/listen.js';

/** A single-page application with the API that it calls, on a free port. */
export interface Spa {
  /** Address of its page. */
  readonly url: string;
  close(): Promise<void>;
}

let bundled: Promise<ReadonlyMap<string, string>> | undefined;

/** Bundles the two scripts with MSAL, as applications do. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const build = await rolldown({
    input: { main: join(import.meta.dirname, 'main.js'), redirect: join(import.meta.dirname, 'redirect.js') },
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', entryFileNames: '[name].js' });
  await build.close();
  return new Map(output.flatMap((one) => (one.type === 'chunk' ? [[`/${one.fileName}`, one.code]] : [])));
}

function page(script: string, settings: object): string {
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,"></head>
<body><main><h1>Shop</h1><output></output></main>
<script type="application/json" id="settings">${json}</script><script type="module" src="/${script}.js"></script></body></html>`;
}

/** MSAL's configuration for the local Entra. The metadata is given, since MSAL asks for none over http. */
async function msalConfiguration(entra: LocalEntra, name: string, origin: string): Promise<object> {
  const { host } = new URL(entra.origin);
  const authority = `https://${host}/${entra.tenantId}`;
  const metadata = await entra.fetch(`${entra.authority}/.well-known/openid-configuration`);
  return {
    auth: {
      clientId: entra.clientIdOf(name),
      authority,
      knownAuthorities: [host],
      authorityMetadata: JSON.stringify({
        ...((await metadata.json()) as object),
        issuer: `${authority}/v2.0`,
      }),
      redirectUri: `${origin}/redirect`,
      postLogoutRedirectUri: `${origin}/`,
    },
    cache: { cacheLocation: 'sessionStorage' },
  };
}

/** Serves the application `name`, which calls the API `orders` of the same local Entra. */
export async function startSpa(entra: LocalEntra, name = 'shop'): Promise<Spa> {
  bundled ??= bundle();
  const files = await bundled;
  const guard = entraGuard({ ...entra.options('orders'), log: false });
  const app = express();
  let settings: object = {};
  app.get('/', (_req, res) => void res.type('html').send(page('main', settings)));
  app.get('/redirect', (_req, res) => void res.type('html').send(page('redirect', {})));
  app.get('/orders', guard.require(scopes('Orders.Read')), (_req, res) => void res.json([{ item: 'tea' }]));
  app.use((req, res) => {
    const file = files.get(req.path);
    if (file === undefined) res.sendStatus(404);
    else res.type('js').send(file);
  });
  const { origin, close } = await listen(app);
  // MSAL's channel between windows works for one origin: the redirect URI has the host of the page.
  const url = origin.replace('127.0.0.1', 'localhost');
  settings = {
    config: await msalConfiguration(entra, name, url),
    scopes: [`api://${entra.clientIdOf('orders')}/Orders.Read`],
    ordersUrl: `${url}/orders`,
  };
  return { url: `${url}/`, close };
}
