import { createValidator } from '@entra-guard/core';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './client.js';

let inProcess: LocalEntra;
let onPort: LocalEntra;
beforeAll(async () => {
  const apps = { orders: { scopes: ['Orders.Read'], appRoles: { All: ['Application'] as const } }, job: {} };
  [inProcess, onPort] = await Promise.all([
    startEntra({ apps, tenants: ['contoso'] }),
    startEntra({ apps, tenants: ['contoso'], port: 0 }),
  ]);
});
afterAll(async () => {
  await Promise.all([inProcess.close(), onPort.close()]);
});

const hosted = ({ tenantId }: LocalEntra) => `https://${tenantId}.ciamlogin.com`;
const onPath = ({ origin, tenantId }: LocalEntra) => `${origin}/${tenantId}.ciamlogin.com`;

describe.each<[string, () => LocalEntra, (entra: LocalEntra) => string, (entra: LocalEntra) => string]>([
  ['in process', () => inProcess, hosted, () => 'https://contoso.ciamlogin.com'],
  ['on a port, under a path', () => onPort, onPath, ({ origin }) => `${origin}/contoso.ciamlogin.com`],
])('External ID %s', (_, entraOf, baseOf, byName) => {
  it('has metadata whose issuer is the GUID’s, also where the tenant’s name is asked', async () => {
    const entra = entraOf();
    const base = `${baseOf(entra)}/${entra.tenantId}`;
    for (const asked of [base, `${byName(entra)}/contoso.onmicrosoft.com`]) {
      const answer = await entra.fetch(`${asked}/v2.0/.well-known/openid-configuration`);
      expect(await answer.json()).toMatchObject({
        issuer: `${base}/v2.0`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
      });
    }
  });

  it('is what an API trusts with the options for it, and Entra’s other tokens are not', async () => {
    const entra = entraOf();
    const validator = createValidator(entra.options('orders', { external: true }));
    const { token, claims } = entra.user('ada', { external: true, scp: 'Orders.Read' });
    expect(claims).toMatchObject({ iss: `${baseOf(entra)}/${entra.tenantId}/v2.0`, tid: entra.tenantId });
    expect(await validator.validate(token)).toMatchObject({ kind: 'user', tenantId: entra.tenantId });
    await expect(validator.validate(entra.user('ada').token)).rejects.toMatchObject({
      code: expect.stringMatching(/^(issuer|tenant)_not_accepted$/),
    });
    await validator.close();
  });

  it('gives tokens at its token endpoint', async () => {
    const entra = entraOf();
    const answer = await entra.fetch(`${baseOf(entra)}/${entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: entra.clientIdOf('job'),
        client_secret: 'any',
        scope: `api://${entra.clientIdOf('orders')}/.default`,
      }),
    });
    const { access_token: token } = (await answer.json()) as Answer;
    const validator = createValidator(entra.options('orders', { external: true }));
    expect(await validator.validate(String(token))).toMatchObject({ kind: 'app', roles: ['All'] });
    await validator.close();
  });

  it('has no place for another tenant, nor for a host in the place of one', async () => {
    const entra = entraOf();
    const elsewhere = byName(entra).replace('contoso', 'fabrikam');
    const answer = await entra.fetch(`${elsewhere}/${entra.tenantId}/v2.0/.well-known/openid-configuration`);
    expect(answer.status).toBe(404);
  });
});

it('in process no other host is answered', async () => {
  for (const host of ['contoso.b2clogin.com.evil.example', 'b2clogin.com', 'evil.example']) {
    await expect(inProcess.fetch(`https://${host}/`)).rejects.toMatchObject({ code: 'host_not_answered' });
  }
});
