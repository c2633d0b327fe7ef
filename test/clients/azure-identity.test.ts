import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { clientCertificate } from '../../packages/testing/test/client-certificate.js';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import { runClient, temporaryFile, trusting } from './client-process.js';
import { workloadIssuer, workloadToken } from './workload.js';

const resourceId =
  '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vm';
const roles = ['Orders.Read.All'];

let entra: LoopbackEntra;
afterEach(() => entra.close());

async function start(tls: boolean): Promise<void> {
  entra = await startEntra({
    port: 0,
    tls,
    apps: {
      orders: {
        scopes: ['Orders.Read'],
        appRoles: { 'Orders.Read.All': ['Application'] },
        secret: 'orders-secret',
      },
      stock: { scopes: ['Stock.Read'] },
      job: { certificate: clientCertificate.cert, secret: 'job-secret' },
      deploy: { federatedCredentials: [workloadIssuer] },
      tool: { platform: 'public' },
    },
    managedIdentities: { vm: { resourceId } },
  });
}

type Requests = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Claims of the tokens that `@azure/identity` gets in one process, or the text of the error, by the names of the requests. */
async function ask(requests: Requests, env: Readonly<Record<string, string>>) {
  const scope = `api://${entra.clientIdOf('orders')}/.default`;
  const answers = await runClient<Readonly<Record<string, { token?: string; refused: string }>>>(
    'azure-identity.mjs',
    Object.fromEntries(Object.entries(requests).map(([name, one]) => [name, { scope, ...one }])),
    env,
  );
  return Object.fromEntries(
    Object.entries(answers).map(([name, { token, refused }]) => [
      name,
      token === undefined ? refused : claimsOf(token),
    ]),
  );
}

it.each<[string, () => Readonly<Record<string, string>>]>([
  ['App Service', () => ({ IDENTITY_ENDPOINT: `${entra.origin}/msi/token`, IDENTITY_HEADER: 'local' })],
  ['a virtual machine', () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: entra.origin })],
])(
  '@azure/identity, unmodified, gets tokens of managed identities as on %s',
  async (_, env) => {
    await start(false);
    const vm = entra.managedIdentity('vm', { api: 'orders' }).claims;
    const system = { azp: entra.clientIdOf('managed-identity'), aud: entra.clientIdOf('orders'), roles };
    const user = { azp: entra.clientIdOf('vm'), oid: vm.oid, roles };
    expect(
      await ask(
        {
          'system-assigned': {},
          default: {},
          'user-assigned': { identityId: entra.clientIdOf('vm') },
          'resource ID': { resourceId },
          'object ID': { objectId: vm.oid },
          unassigned: { way: 'user-assigned', identityId: entra.clientIdOf('other') },
        },
        env(),
      ),
    ).toMatchObject({
      'system-assigned': system,
      default: system,
      'user-assigned': user,
      'resource ID': user,
      'object ID': user,
      unassigned: expect.stringMatching(/Identity not found|No User Assigned/),
    });
  },
  60_000,
);

describe('@azure/identity over TLS, unmodified', { timeout: 60_000 }, () => {
  const options = () => ({ authorityHost: entra.origin, disableInstanceDiscovery: true });
  const client = (name: string) => ({
    tenantId: entra.tenantId,
    clientId: entra.clientIdOf(name),
    options: options(),
  });
  const workload = (subject: string) => ({
    ...trusting(entra),
    AZURE_AUTHORITY_HOST: entra.origin,
    AZURE_TENANT_ID: entra.tenantId,
    AZURE_CLIENT_ID: entra.clientIdOf('deploy'),
    AZURE_FEDERATED_TOKEN_FILE: temporaryFile('token', workloadToken(subject)),
  });

  it('gets tokens by every credential, for a workload, an app and a user', async () => {
    await start(true);
    const id = (name: string) => entra.clientIdOf(name);
    const appOnly = (name: string, azpacr: string) => ({ azp: id(name), azpacr, roles });
    expect(
      await ask(
        {
          workload: {},
          certificate: { ...client('job'), pem: clientCertificate.key + clientCertificate.cert },
          secret: { ...client('job'), secret: 'job-secret' },
          assertion: { ...client('deploy'), assertion: workloadToken() },
          device: { ...client('tool'), scope: `api://${id('orders')}/Orders.Read` },
          'on-behalf-of': {
            ...client('orders'),
            secret: 'orders-secret',
            incoming: entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).token,
            scope: `api://${id('stock')}/.default`,
          },
        },
        workload(workloadIssuer.subject),
      ),
    ).toMatchObject({
      workload: appOnly('deploy', '2'),
      certificate: appOnly('job', '2'),
      secret: appOnly('job', '1'),
      assertion: appOnly('deploy', '2'),
      device: { oid: entra.objectIdOf('ada'), scp: 'Orders.Read', azp: id('tool') },
      'on-behalf-of': { oid: entra.objectIdOf('ada'), aud: id('stock'), azp: id('orders') },
    });
  });

  it('does not sign another workload of the cluster in', async () => {
    await start(true);
    expect(await ask({ workload: {} }, workload('system:serviceaccount:shop:other'))).toEqual({
      workload: expect.stringContaining('AADSTS700213'),
    });
  });
});
