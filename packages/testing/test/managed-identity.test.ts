import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, expect, it } from 'vitest';
import { claimsOf, production } from './read-token.js';

const VM =
  '/subscriptions/1/resourcegroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vm';
const CLIENT = '11111111-2222-4333-8444-555555555555';
const OBJECT = '22222222-3333-4444-8555-666666666666';

let entra: InProcessEntra;
afterEach(() => entra.close());

const appService = { path: '/msi/token', headers: { 'x-identity-header': 'local' }, resourceId: 'mi_res_id' };
const virtualMachine = {
  path: '/metadata/identity/oauth2/token',
  headers: { metadata: 'true' },
  resourceId: 'msi_res_id',
};

interface Endpoint {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask({ path, headers }: Endpoint, query: Readonly<Record<string, string>> = {}) {
  const parameters = new URLSearchParams({ 'api-version': '2018-02-01', resource: 'api://orders', ...query });
  const answer = await entra.fetch(`${production}${path}?${parameters}`, { headers });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

const given = { managedIdentities: { vm: { clientId: CLIENT, objectId: OBJECT, resourceId: VM } } };

it.each([
  ['App Service', appService],
  ['a virtual machine', virtualMachine],
])('%s: the system-assigned identity, and the user-assigned one by each of its IDs', async (_, endpoint) => {
  entra = await startEntra(given);
  const system = await ask(endpoint);
  expect(system.body.client_id).toBe(entra.clientIdOf('managed-identity'));
  for (const query of [{ client_id: CLIENT }, { object_id: OBJECT }, { [endpoint.resourceId]: VM }]) {
    const { status, body } = await ask(endpoint, query);
    expect(status).toBe(200);
    expect(body).toMatchObject({ client_id: CLIENT, resource: 'api://orders', token_type: 'Bearer' });
    expect(Number(body.expires_on) - Number(body.not_before)).toBe(86_700);
    expect(claimsOf(String(body.access_token))).toMatchObject({ azp: CLIENT, oid: OBJECT, sub: OBJECT });
  }
  expect(entra.managedIdentity('vm').claims).toMatchObject({ azp: CLIENT, oid: OBJECT });
});

it.each([
  ['App Service', appService, { statusCode: 400, message: expect.stringMatching(/^No User Assigned/) }],
  [
    'a virtual machine',
    virtualMachine,
    { error: 'invalid_request', error_description: 'Identity not found' },
  ],
])('%s refuses an identity that is not assigned', async (_, endpoint, body) => {
  entra = await startEntra(given);
  for (const query of [{ client_id: OBJECT }, { object_id: CLIENT }, { [endpoint.resourceId]: `${VM}2` }]) {
    expect(await ask(endpoint, query)).toMatchObject({ status: 400, body });
  }
});

it('the endpoint of virtual machines answers with a slash, and not without its header and version', async () => {
  entra = await startEntra();
  const { path, headers } = virtualMachine;
  expect((await ask({ path: `${path}/`, headers })).status).toBe(200);
  expect((await ask({ path, headers: {} })).body).toMatchObject({ error: 'invalid_request' });
  const unversioned = await entra.fetch(`${production}${path}?resource=x`, { headers });
  expect(await unversioned.json()).toMatchObject({
    error_description: expect.stringContaining('api-version'),
  });
});

it('without declared identities any ID is one', async () => {
  entra = await startEntra();
  expect((await ask(virtualMachine, { client_id: CLIENT })).body.client_id).toBe(CLIENT);
});

it.each<[unknown, string]>([
  [[], 'managedIdentities is not an object'],
  [{ vm: 'id' }, 'managedIdentities.vm is not an object'],
  [{ vm: { id: CLIENT } }, 'managedIdentities.vm has no "id". It has clientId, objectId and resourceId.'],
  [{ vm: { clientId: 'vm' } }, 'managedIdentities.vm.clientId is "vm", and not a GUID.'],
])('identities in another form are refused: %j', async (managedIdentities, sentence) => {
  entra = await startEntra();
  await expect(startEntra({ managedIdentities: managedIdentities as never })).rejects.toThrow(sentence);
});
