import { generateKeyPairSync, sign } from 'node:crypto';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asApp, type GraphCaller, listIn, refused } from './caller.js';

const ISSUER = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'repo:contoso/orders:environment:prod';
const body = { name: 'github', issuer: ISSUER, subject: SUBJECT, audiences: ['api://AzureADTokenExchange'] };

let entra: InProcessEntra;
let graph: GraphCaller;
let orders: string;
let credentials: string;

beforeEach(async () => {
  entra = await startEntra({
    users: { ada: { displayName: 'Ada Lovelace' }, bob: {} },
    apps: {
      orders: {
        scopes: ['Orders.Read'],
        owners: ['ada', 'bob'],
        secrets: [{ value: 'abc-secret', expires: '2030-01-31T00:00:00Z' }],
        federatedCredentials: [
          { issuer: 'https://oidc.example/', subject: 'system:serviceaccount:jobs:nightly' },
        ],
      },
      plain: {},
    },
  });
  graph = asApp(entra, 'Application.ReadWrite.All');
  orders = `/applications(appId='${entra.clientIdOf('orders')}')`;
  credentials = `${orders}/federatedIdentityCredentials`;
});
afterEach(() => entra.close());

describe('owners', () => {
  it('are the users of the registration, until they are removed', async () => {
    const owners = async () => listIn(await graph.get(`${orders}/owners`));
    expect(await owners()).toMatchObject([
      { '@odata.type': '#microsoft.graph.user', id: entra.objectIdOf('ada'), displayName: 'Ada Lovelace' },
      { id: entra.objectIdOf('bob'), userPrincipalName: expect.stringMatching(/^bob@/) },
    ]);
    entra.remove('bob');
    expect(await owners()).toHaveLength(1);
    expect(listIn(await graph.get(`/applications(appId='${entra.clientIdOf('plain')}')/owners`))).toEqual([]);
  });

  it('are read with a permission for applications', async () => {
    const answer = await asApp(entra, 'User.Read.All').get(`${orders}/owners`);
    expect(answer).toMatchObject(refused(403, 'Authorization_RequestDenied', 'Application.Read.All'));
  });

  it('have to be names', async () => {
    await expect(startEntra({ apps: { orders: { owners: [''] } } })).rejects.toThrow('apps.orders.owners');
  });
});

describe('federated credentials', () => {
  it('are listed, with a name by their place', async () => {
    expect(listIn(await graph.get(credentials))).toEqual([
      {
        id: expect.any(String),
        name: 'credential-1',
        issuer: 'https://oidc.example/',
        subject: 'system:serviceaccount:jobs:nightly',
        description: null,
        audiences: ['api://AzureADTokenExchange'],
      },
    ]);
  });

  it('are added and deleted', async () => {
    const made = await graph.post(credentials, body);
    expect(made).toMatchObject({ status: 201, body });
    const all = listIn(await graph.get(credentials));
    expect(all.map(({ name }) => name)).toEqual(['credential-1', 'github']);
    expect((await graph.delete(`${credentials}/${String(all[0]?.id)}`)).status).toBe(204);
    // The one that stays keeps its ID.
    expect(listIn(await graph.get(credentials))).toEqual([all[1]]);
    expect((await graph.delete(`${credentials}/${String(all[0]?.id)}`)).status).toBe(404);
  });

  it('that are added are whose assertions the token endpoint looks for', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const seconds = Math.floor(entra.now() / 1000);
    const claims = { iss: ISSUER, sub: SUBJECT, aud: body.audiences[0], iat: seconds, exp: seconds + 300 };
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${part(claims)}`;
    const assertion = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    const ask = async () => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: entra.clientIdOf('orders'),
        scope: `${entra.clientIdOf('orders')}/.default`,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
      const answer = await entra.fetch(
        `${new URL(entra.authority).origin}/${entra.tenantId}/oauth2/v2.0/token`,
        {
          method: 'POST',
          body: form,
        },
      );
      return ((await answer.json()) as { error_description?: string }).error_description;
    };
    expect(await ask()).toContain('AADSTS700211');
    expect(
      (await graph.post(credentials, { ...body, subject: 'repo:contoso/orders:environment:test' })).status,
    ).toBe(201);
    expect(await ask()).toContain('AADSTS700213');
    expect((await graph.post(credentials, { ...body, name: 'github-prod' })).status).toBe(201);
    // It is the right one, and the keys of an issuer elsewhere are not fetched.
    expect(await ask()).toContain('the keys of https://token.actions.githubusercontent.com are not known');
  });

  it.each<[string, object, string]>([
    ['without a subject', { subject: undefined }, "'subject'"],
    ['with an issuer that is not a URL', { issuer: 'github' }, 'is not a URL'],
    ['with two audiences', { audiences: ['a', 'b'] }, "'audiences'"],
    ['with a name of two letters', { name: 'ab' }, '3 to 120'],
    ['with a name in use', { name: 'credential-1' }, 'has the same name'],
    [
      'with an issuer and subject in use',
      { issuer: 'https://oidc.example/', subject: 'system:serviceaccount:jobs:nightly' },
      'the same issuer and subject',
    ],
  ])('%s are refused', async (_, change, words) => {
    const answer = await graph.post(credentials, { ...body, ...change });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(words)]);
    expect(listIn(await graph.get(credentials))).toHaveLength(1);
  });

  it('are at most twenty', async () => {
    for (let index = 2; index <= 20; index += 1) {
      const one = { ...body, name: `github-${index}`, subject: `${SUBJECT}-${index}` };
      expect((await graph.post(credentials, one)).status).toBe(201);
    }
    expect((await graph.post(credentials, body)).status).toBe(400);
  });

  it('are changed only with a permission to write', async () => {
    const reader = asApp(entra, 'Application.Read.All');
    expect((await reader.post(credentials, body)).status).toBe(403);
    expect((await reader.get(credentials)).status).toBe(200);
  });
});

it('secrets are listed without their text', async () => {
  const { body: application } = await graph.get(orders);
  expect(application.passwordCredentials).toMatchObject([
    { endDateTime: '2030-01-31T00:00:00Z', hint: 'abc' },
  ]);
  expect(JSON.stringify(application)).not.toContain('abc-secret');
});
