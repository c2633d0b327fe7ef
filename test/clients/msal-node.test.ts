import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientCertificate } from '../../packages/testing/test/client-certificate.js';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import { runClient, trusting } from './client-process.js';
import { thumbprint, workloadIssuer, workloadToken } from './workload.js';

let entra: LoopbackEntra;
beforeEach(async () => {
  entra = await startEntra({
    port: 0,
    tls: true,
    apps: {
      orders: {
        scopes: ['Orders.Read'],
        appRoles: { 'Orders.Read.All': ['Application'] },
        secret: 'orders-secret',
      },
      stock: { scopes: ['Stock.Read'] },
      web: { secret: 'web-secret', redirectUris: ['https://web.contoso.example/signed-in'] },
      job: { certificate: clientCertificate.cert },
      deploy: { federatedCredentials: [workloadIssuer] },
      tool: { platform: 'public' },
    },
  });
});
afterEach(() => entra.close());

interface Outcome {
  readonly tokens: Readonly<Record<string, { readonly accessToken: string; readonly fromCache: boolean }>>;
  readonly asked: readonly object[];
}

it('MSAL Node over TLS, unmodified: every way to a token', { timeout: 30_000 }, async () => {
  const id = (name: string) => entra.clientIdOf(name);
  const { tokens, asked } = await runClient<Outcome>(
    'msal-node.mjs',
    {
      origin: entra.origin,
      tenantId: entra.tenantId,
      clients: {
        web: id('web'),
        job: id('job'),
        deploy: id('deploy'),
        tool: id('tool'),
        orders: id('orders'),
      },
      certificate: { thumbprintSha256: thumbprint, privateKey: clientCertificate.key },
      redirectUri: 'https://web.contoso.example/signed-in',
      scopes: {
        api: `api://${id('orders')}`,
        orders: `api://${id('orders')}/Orders.Read`,
        stock: `api://${id('stock')}/Stock.Read`,
      },
      incoming: {
        user: entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).token,
        workload: workloadToken(),
      },
    },
    trusting(entra),
  );
  const claims = (name: string) => claimsOf(tokens[name]?.accessToken ?? '');
  const roles = ['Orders.Read.All'];
  const ada = { oid: entra.objectIdOf('ada'), scp: 'Orders.Read', aud: id('orders') };
  expect(claims('secret')).toMatchObject({ azp: id('web'), azpacr: '1', roles });
  expect(claims('certificate')).toMatchObject({ azp: id('job'), azpacr: '2', roles });
  expect(claims('assertion')).toMatchObject({ azp: id('deploy'), azpacr: '2', roles });
  expect(asked).toHaveLength(1);
  expect(claims('code')).toMatchObject({ ...ada, azp: id('web') });
  expect(tokens.cached).toMatchObject({ fromCache: true, accessToken: tokens.code?.accessToken });
  expect(claims('silent')).toMatchObject({ ...ada, azp: id('web') });
  expect(tokens.silent?.accessToken).not.toBe(tokens.code?.accessToken);
  expect(claims('device')).toMatchObject({ ...ada, azp: id('tool'), azpacr: '0' });
  expect(claims('onBehalfOf')).toMatchObject({
    oid: ada.oid,
    scp: 'Stock.Read',
    aud: id('stock'),
    azp: id('orders'),
  });
});
