import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterEach, expect, it } from 'vitest';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import { runClient, trusting } from './client-process.js';
import { Visitor } from './visitor.js';

let entra: LocalEntra;
afterEach(() => entra.close());

it.each([
  ['code', 'query'],
  ['code', 'form_post'],
  ['code id_token', 'form_post'],
])(
  'the OIDCStrategy of passport-azure-ad, unmodified, signs a user in: %s by %s',
  async (responseType, responseMode) => {
    entra = await startEntra({
      port: 0,
      tls: true,
      apps: {
        orders: { scopes: ['Orders.Read'] },
        web: { secret: 'web-secret', redirectUris: ['http://localhost/signed-in'] },
      },
    });
    const address = await runClient<string>(
      'passport-oidc.mjs',
      {
        authority: entra.authority,
        clientId: entra.clientIdOf('web'),
        clientSecret: 'web-secret',
        scope: `api://${entra.clientIdOf('orders')}/Orders.Read`,
        responseType,
        responseMode,
      },
      trusting(entra),
    );
    const visitor = new Visitor((url, init) =>
      url.startsWith(entra.origin) ? entra.fetch(url, init) : fetch(url, init),
    );
    const { url, page } = await visitor.open(address);
    expect(url).toContain(`${address}/signed-in`);
    const user = JSON.parse(page) as { readonly accessToken: string };
    expect(user).toMatchObject({ name: 'Ada Example', oid: entra.objectIdOf('ada'), refreshed: true });
    expect(claimsOf(user.accessToken)).toMatchObject({ scp: 'Orders.Read', azp: entra.clientIdOf('web') });
  },
  30_000,
);
