import { type LocalEntra, startEntra } from '@entra-guard/testing';
import openidConnect from 'express-openid-connect';
import express from 'express5';
import { afterEach, expect, it, vi } from 'vitest';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import type { RunningHost } from '../hosts/http/run-rows.js';
import { listen } from '../support/listen.js';
import { Visitor } from './visitor.js';

let entra: LocalEntra;
let host: RunningHost;
afterEach(async () => {
  vi.restoreAllMocks();
  await host?.close();
  await entra?.close();
});

/** A web application with a sign-in by express-openid-connect, on a free port. */
async function start(responseType: 'code' | 'id_token' | 'code id_token'): Promise<void> {
  entra = await startEntra({
    port: 0,
    apps: {
      orders: { scopes: ['Orders.Read'] },
      web: { secret: 'web-secret', redirectUris: ['http://localhost/callback'] },
    },
  });
  const app = express();
  host = await listen(app);
  app.use(
    openidConnect.auth({
      issuerBaseURL: entra.authority,
      baseURL: host.origin.replace('127.0.0.1', 'localhost'),
      clientID: entra.clientIdOf('web'),
      clientSecret: 'web-secret',
      secret: 'thirty-two characters of a secret',
      idpLogout: true,
      authorizationParams: {
        response_type: responseType,
        scope: `openid profile offline_access api://${entra.clientIdOf('orders')}/Orders.Read`,
      },
    }),
  );
  app.get(
    '/',
    (req, res) => void res.json({ user: req.oidc.user, token: req.oidc.accessToken?.access_token }),
  );
}

it.each(['code', 'id_token', 'code id_token'] as const)(
  'express-openid-connect 2, unmodified, signs a user in and out: %s',
  async (responseType) => {
    // It warns of form_post over http.
    vi.spyOn(console, 'warn').mockReturnValue();
    await start(responseType);
    const visitor = new Visitor();
    const address = `${host.origin.replace('127.0.0.1', 'localhost')}/`;
    const { url, page } = await visitor.open(address);
    expect(url).toBe(address);
    const { user, token } = JSON.parse(page) as { user: object; token?: string };
    expect(user).toMatchObject({ preferred_username: 'ada@contoso.onmicrosoft.com', name: 'Ada Example' });
    const scp = token === undefined ? undefined : claimsOf(token).scp;
    expect(scp).toBe(responseType === 'id_token' ? undefined : 'Orders.Read');

    const after = await visitor.open(`${address}logout`);
    expect(after.url).toContain('/oauth2/v2.0/logout?');
  },
);
