import { readFileSync } from 'node:fs';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { createGuard, optionsFromEnv } from '@entra-guard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientSettings, exampleDirectory, type StartedLocal, startLocal } from '../src/local/index.js';
import { localhostCertificate } from '../src/transport/localhost-certificate.js';

describe('the example directory', () => {
  let local: StartedLocal;
  beforeAll(async () => {
    local = await startLocal({ ...exampleDirectory, port: 0 });
  });
  afterAll(async () => local.entra.close());

  const settingsFor = (title: string) =>
    clientSettings(local.report).find((one) => one.title.includes(title))?.text ?? '';

  it('is reported with its addresses, users, APIs and clients', () => {
    const { origin, tenantId, authority, metadata, users, apis, clients, agents } = local.report;
    expect(authority).toBe(`${origin}/${tenantId}/v2.0`);
    expect(metadata).toBe(`${authority}/.well-known/openid-configuration`);
    expect(users).toEqual([
      {
        name: 'ada',
        displayName: 'Ada Lovelace',
        userPrincipalName: 'ada@contoso.onmicrosoft.com',
        objectId: local.entra.objectIdOf('ada'),
        admin: true,
      },
      expect.objectContaining({ name: 'bob', admin: false }),
    ]);
    expect(apis).toEqual([
      expect.objectContaining({ name: 'orders', scopes: ['Orders.Read', 'Orders.Write'] }),
    ]);
    expect(clients.map(({ name, platform, secret }) => [name, platform, secret])).toEqual([
      ['web', 'web', 'local-secret'],
      ['spa', 'spa', undefined],
      ['desktop', 'public', undefined],
      ['job', 'web', 'local-secret'],
      ['assistants', 'web', 'local-secret'],
    ]);
    expect(agents).toEqual([
      { name: 'helper', clientId: local.entra.clientIdOf('helper'), blueprint: 'assistants' },
    ]);
  });

  it('prints settings for each library', () => {
    expect(clientSettings(local.report).map(({ title }) => title)).toEqual([
      'entra-guard, the API orders',
      '@azure/msal-browser, the client spa',
      '@azure/msal-node, the client web',
      'openid-client, the client web',
      '@azure/identity, a managed identity (its other credentials need --tls)',
    ]);
  });

  it('prints environment variables with which a guard accepts its tokens', async () => {
    const env = Object.fromEntries(
      settingsFor('entra-guard')
        .split('\n')
        .map((line) => line.split('=', 2) as [string, string]),
    );
    const guard = createGuard({ ...optionsFromEnv(env), log: false });
    const { token } = local.entra.user('ada', { scp: 'Orders.Read' });
    const auth = await guard.validator.validate(token);
    expect([auth.objectId, [...auth.roles]]).toEqual([local.entra.objectIdOf('ada'), ['Orders.Approver']]);
    await guard.close();
  });

  it('prints settings with which MSAL gets tokens', async () => {
    const text = settingsFor('msal-node');
    const run = new Function(
      'ConfidentialClientApplication',
      `return (async () => { ${text}\nreturn msal; })()`,
    ) as (type: typeof ConfidentialClientApplication) => Promise<ConfidentialClientApplication>;
    const msal = await run(ConfidentialClientApplication);
    const uri = local.report.apis[0]?.applicationIdUri;
    const result = await msal.acquireTokenByClientCredential({ scopes: [`${uri}/.default`] });
    expect(result?.accessToken).toMatch(/^eyJ/);
  });

  it('prints an address at which a managed identity gets tokens', async () => {
    const [endpoint = ''] = settingsFor('@azure/identity').split(' ');
    const url = `${endpoint.slice('IDENTITY_ENDPOINT='.length)}?api-version=2019-08-01&resource=${local.report.apis[0]?.applicationIdUri}`;
    const answer = await fetch(url, { headers: { 'x-identity-header': 'local' } });
    expect(answer.status).toBe(200);
  });
});

describe('settings over TLS', () => {
  it('name the certificate, which is in the package, and https addresses', async () => {
    const { entra, report } = await startLocal({ ...exampleDirectory, port: 0, tls: true });
    const settings = clientSettings(report, '/certificates/localhost.pem');
    expect(settings[0]?.text).toBe('NODE_EXTRA_CA_CERTS=/certificates/localhost.pem');
    expect(settings.map(({ text }) => text).join('\n')).not.toContain('http:');
    expect(settings.at(-1)?.text).toContain(`authorityHost: '${entra.origin}'`);
    expect(readFileSync(new URL('../localhost.pem', import.meta.url), 'utf8')).toBe(
      localhostCertificate.cert,
    );
    await entra.close();
  });
});

describe('a directory without clients', () => {
  it('has settings for its API, and those that need no client', async () => {
    const { entra, report } = await startLocal({
      port: 0,
      apps: { stock: { applicationIdUri: 'https://stock.contoso.example' } },
      managedIdentities: { vm: {} },
    });
    expect(report.managedIdentities).toEqual([{ name: 'vm', clientId: entra.clientIdOf('vm') }]);
    expect(clientSettings(report).map(({ text }) => text.split('\n').at(-1))).toEqual([
      'ENTRA_GUARD_APPLICATION_ID_URI=https://stock.contoso.example',
      `IDENTITY_ENDPOINT=${entra.origin}/msi/token IDENTITY_HEADER=local`,
    ]);
    await entra.close();
  });
});
