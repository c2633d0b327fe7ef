import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type InProcessEntra, type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { Client, type GraphError } from '@microsoft/microsoft-graph-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asApp, type Body, listIn } from './caller.js';

let server: Server;
let here: string;
let received: (body: Body) => void;

beforeEach(async () => {
  server = createServer((incoming, outgoing) => {
    const token = new URL(incoming.url ?? '/', 'http://localhost').searchParams.get('validationToken');
    if (token !== null) {
      outgoing.writeHead(200, { 'content-type': 'text/plain' }).end(token);
      return;
    }
    void textOf(incoming).then((text) => {
      outgoing.writeHead(202).end();
      received(JSON.parse(text) as Body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  here = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
});
afterEach(() => server.close());

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('on a port', () => {
  let entra: LoopbackEntra;
  beforeEach(async () => {
    entra = await startEntra({ port: 0, users: { ada: {}, bob: {}, cy: {} } });
  });
  afterEach(() => entra.close());

  it('Graph is at /v1.0, and its links lead there', async () => {
    expect(entra.graph).toBe(`${entra.origin}/v1.0`);
    const graph = asApp(entra, 'User.Read.All');
    const first = await graph.get('/users?$top=2');
    const second = await graph.get(String(first.body['@odata.nextLink']));
    expect([...listIn(first), ...listIn(second)]).toHaveLength(3);
    const delta = await graph.get('/users/delta');
    expect(String(delta.body['@odata.deltaLink'])).toContain(`${entra.origin}/v1.0/users/delta?$deltatoken=`);
  });

  it('notifications go to a server of this machine, and to no other', async () => {
    const graph = asApp(entra, 'User.Read.All');
    const subscription = {
      changeType: 'updated',
      resource: 'users',
      expirationDateTime: new Date(entra.now() + 3_600_000).toISOString(),
    };
    const elsewhere = { ...subscription, notificationUrl: 'https://api.contoso.example/notify' };
    expect((await graph.post('/subscriptions', elsewhere)).status).toBe(400);
    expect((await graph.post('/subscriptions', { ...subscription, notificationUrl: here })).status).toBe(201);
    const arrived = new Promise<Body>((resolve) => {
      received = resolve;
    });
    entra.disable('ada');
    expect(await arrived).toMatchObject({ value: [{ resource: `Users/${entra.objectIdOf('ada')}` }] });
  });

  it('a page of any origin may ask, with a token', async () => {
    const answer = await fetch(`${entra.graph}/users`, {
      method: 'OPTIONS',
      headers: { origin: 'https://spa.example', 'access-control-request-headers': 'authorization' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
  });
});

describe('the client of Microsoft Graph, unmodified, in process', () => {
  let entra: InProcessEntra;
  let client: Client;
  beforeEach(async () => {
    entra = await startEntra({ users: { ada: {}, bob: {} }, groups: { staff: ['ada'] } });
    const { token } = entra.app('job', {
      api: 'graph',
      roles: ['User.ReadWrite.All', 'GroupMember.Read.All'],
    });
    client = Client.init({
      authProvider: (done) => done(null, token),
      fetchOptions: {},
      // The client calls the global fetch: requests for Graph go to the local Entra.
      customHosts: new Set(['graph.microsoft.com']),
    });
  });
  afterEach(() => entra.close());

  it('reads, changes, and understands refusals', async () => {
    const network = globalThis.fetch;
    globalThis.fetch = entra.fetch;
    try {
      const users = (await client.api('/users').select(['displayName']).top(1).get()) as Body;
      expect(users.value).toHaveLength(1);
      expect(users['@odata.nextLink']).toEqual(expect.any(String));
      const id = entra.objectIdOf('ada');
      await client.api(`/users/${id}`).update({ accountEnabled: false });
      const ada = (await client.api(`/users/${id}`).select('accountEnabled').get()) as Body;
      expect(ada.accountEnabled).toBe(false);
      const refused = client.api('/applications').get() as Promise<unknown>;
      await expect(refused).rejects.toMatchObject({
        statusCode: 403,
        code: 'Authorization_RequestDenied',
        requestId: expect.any(String) as string,
      } satisfies Partial<GraphError>);
    } finally {
      globalThis.fetch = network;
    }
  });
});
