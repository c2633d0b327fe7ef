import { createHash, randomBytes } from 'node:crypto';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { compareWithRegistration, manifestOf, manifestSteps } from '@entra-guard/catalogue';
import { allOf, definePermissions, entraGuard, handlersIn, members } from '@entra-guard/express';
import { type LoopbackEntra, type RegistrationManifest, startEntra } from '@entra-guard/testing';
import type { RequestHandler } from 'express5';
import express from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patched } from '../../../packages/catalogue/test/graph.js';
import { registration } from '../../../packages/catalogue/test/registered.js';
import { listen } from '../../support/listen.js';
import type { RunningHost } from '../http/run-rows.js';

const API = '11111111-1111-4111-8111-111111111111';
const REDIRECT = 'https://shop.contoso.example/signed-in';

// The code: a catalogue, and routes that ask for what is in it.
const text = { description: 'What it allows.', because: 'Why it is offered.' };
const orders = definePermissions({
  api: API,
  owner: { team: 'Orders' },
  scopes: {
    'Orders.Read': { ...text, consent: 'user' },
    'Orders.Write': { ...text, consent: 'admin' },
    'Orders.Old': { ...text, consent: 'admin', enabled: false },
  },
  appRoles: {
    'Orders.Read.All': { ...text, for: ['application'] },
    'Orders.Write.All': { ...text, for: ['application'] },
    'Orders.Admin': { ...text, for: ['user'] },
  },
});

const answer: RequestHandler = (_req, res) => {
  res.json('done');
};

function createApp(guard: ReturnType<typeof entraGuard>): express.Express {
  const app = express();
  app.get('/read', guard.require(orders.scopes('Orders.Read')), answer);
  app.get('/write', guard.require(allOf(orders.scopes('Orders.Write'), members())), answer);
  app.get('/read-all', guard.require(orders.appPermissions('Orders.Read.All')), answer);
  app.get('/write-all', guard.require(orders.appPermissions('Orders.Write.All')), answer);
  app.get(
    '/admin',
    guard.require(allOf(orders.scopes('Orders.Read'), orders.userRoles('Orders.Admin'))),
    answer,
  );
  return app;
}

const ROUTES = ['/read', '/write', '/read-all', '/write-all', '/admin'] as const;

describe('code, manifest, local Entra, MSAL, guarded API', () => {
  let entra: LoopbackEntra;
  let host: RunningHost;
  let manifest: RegistrationManifest;

  beforeAll(async () => {
    // The manifest of the code, brought to a registration that was just created, step by step.
    const unbound = entraGuard({
      tenantId: '22222222-2222-4222-8222-222222222222',
      clientId: API,
      log: false,
    });
    const wanted = manifestOf(orders.catalogue, { handlers: handlersIn(createApp(unbound)) });
    const [created] = registration('new.graph-list').value;
    manifest = manifestSteps(wanted, { application: created }).reduce(patched, created);
    expect(compareWithRegistration(wanted, manifest)).toEqual([]);

    entra = await startEntra({
      port: 0,
      apps: {
        orders: {
          manifest,
          assignments: { ada: ['Orders.Admin'], reader: ['Orders.Read.All'], writer: ['Orders.Write.All'] },
        },
        shop: { secret: 'shop-secret', redirectUris: [REDIRECT] },
        reader: { secret: 'reader-secret' },
        writer: { secret: 'writer-secret' },
        idler: { secret: 'idler-secret' },
      },
    });
    host = await listen(createApp(entraGuard({ ...entra.options('orders'), log: false })));
  });
  afterAll(async () => {
    await host.close();
    await entra.close();
  });

  const client = (name: string) => new ConfidentialClientApplication(entra.msal(name));
  const full = (scope: string) => `${orders.catalogue.api}/${scope}`;

  /** A user's token for one scope, by an authorization code with PKCE. */
  async function userToken(name: string, scope: string): Promise<string> {
    const shop = client('shop');
    const verifier = randomBytes(32).toString('base64url');
    const url = await shop.getAuthCodeUrl({
      scopes: [full(scope)],
      redirectUri: REDIRECT,
      codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
      codeChallengeMethod: 'S256',
      loginHint: `${name}@contoso.onmicrosoft.com`,
    });
    const answered = await entra.fetch(url, { redirect: 'manual' });
    const { searchParams } = new URL(answered.headers.get('location') ?? '');
    const code = searchParams.get('code');
    if (code === null) throw new Error(searchParams.get('error_description') ?? 'Nobody signed in.');
    const { accessToken } = await shop.acquireTokenByCode({
      code,
      scopes: [full(scope)],
      redirectUri: REDIRECT,
      codeVerifier: verifier,
    });
    return accessToken;
  }

  async function appToken(name: string): Promise<string> {
    const result = await client(name).acquireTokenByClientCredential({ scopes: [full('.default')] });
    return result?.accessToken ?? '';
  }

  async function grantedTo(token: string): Promise<readonly string[]> {
    const granted: string[] = [];
    for (const route of ROUTES) {
      const { status } = await fetch(host.origin + route, { headers: { Authorization: `Bearer ${token}` } });
      if (status === 200) granted.push(route);
      else expect(status).toBe(403);
    }
    return granted;
  }

  it.each<[string, () => Promise<string>, readonly string[]]>([
    ['Bob with Orders.Read', () => userToken('bob', 'Orders.Read'), ['/read']],
    ['Bob with Orders.Write', () => userToken('bob', 'Orders.Write'), ['/write']],
    [
      'Ada with Orders.Read, who is an Orders.Admin',
      () => userToken('ada', 'Orders.Read'),
      ['/read', '/admin'],
    ],
    ['an app with Orders.Read.All', () => appToken('reader'), ['/read-all']],
    ['an app with Orders.Write.All', () => appToken('writer'), ['/write-all']],
    ['an app without any', () => appToken('idler'), []],
  ])('%s may do exactly that', async (_, tokenFor, routes) => {
    expect(await grantedTo(await tokenFor())).toEqual(routes);
  });

  it.each(['Orders.Old', 'Orders.Delete', 'Orders.Read.All'])(
    'no caller gets a token for %s, which is retired, unknown or not a scope',
    async (scope) => {
      await expect(userToken('ada', scope)).rejects.toThrow(/AADSTS650053/);
    },
  );
});
