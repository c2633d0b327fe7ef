import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asApp, asUser, type Body, type GraphCaller, listIn, refused } from './caller.js';

const HERE = 'https://api.contoso.example/entra/notify';
const minutes = (count: number) => new Date(entra.now() + count * 60_000).toISOString();

let entra: InProcessEntra;
let graph: GraphCaller;
/** What subscribers received but for handshakes, with the address. */
let received: { readonly url: string; readonly body: Body }[];
/** The status of the next answers; then 202. */
let statuses: number[];

beforeEach(async () => {
  received = [];
  statuses = [];
  entra = await startEntra({ users: { ada: {}, bob: {} }, groups: { staff: ['ada'] } });
  graph = asApp(entra, 'User.ReadWrite.All', 'Group.ReadWrite.All');
  entra.receiveNotifications(receive);
});
afterEach(() => entra.close());

async function receive(request: Request): Promise<Response> {
  const token = new URL(request.url).searchParams.get('validationToken');
  if (token !== null) return new Response(token, { headers: { 'content-type': 'text/plain' } });
  received.push({ url: request.url, body: (await request.json()) as Body });
  return new Response(null, { status: statuses.shift() ?? 202 });
}

const users = (change: Body = {}) => ({
  changeType: 'updated,deleted',
  notificationUrl: HERE,
  resource: 'users',
  expirationDateTime: minutes(60),
  clientState: 'secret',
  ...change,
});
const subscribe = (change: Body = {}) => graph.post('/subscriptions', users(change));
const changeMembers = async () => {
  const [staff] = listIn(await graph.get('/groups'));
  await graph.delete(`/groups/${String(staff?.id)}/members/${entra.objectIdOf('ada')}/$ref`);
};
const items = () => received.flatMap(({ body }) => body.value as readonly Body[]);
const arrives = (count: number) => vi.waitFor(() => expect(received).toHaveLength(count));

describe('a subscription', () => {
  it('is told of changes, with its client state, and then reads the rest', async () => {
    const { status, body } = await subscribe();
    expect({ status, ...body }).toMatchObject({ status: 201, resource: 'users', clientState: 'secret' });
    entra.disable('ada');
    await arrives(1);
    expect(received[0]?.url).toBe(HERE);
    expect(items()).toEqual([
      {
        subscriptionId: body.id,
        subscriptionExpirationDateTime: body.expirationDateTime,
        clientState: 'secret',
        changeType: 'updated',
        resource: `Users/${entra.objectIdOf('ada')}`,
        tenantId: entra.tenantId,
        resourceData: {
          '@odata.type': '#Microsoft.Graph.User',
          '@odata.id': `Users/${entra.objectIdOf('ada')}`,
          id: entra.objectIdOf('ada'),
          organizationId: entra.tenantId,
        },
      },
    ]);
  });

  it.each<[string, string, () => unknown, boolean]>([
    ['of one user, when that one is removed', 'users/{ada}', () => entra.remove('ada'), true],
    ['of one user, when another changes', 'users/{ada}', () => entra.disable('bob'), false],
    ['of users, when sessions are revoked', '/users', () => entra.revokeSessions('ada'), true],
    ['of groups, when members change', 'groups', () => changeMembers(), true],
    ['of a group’s members, when they change', 'groups/{staff}/members', () => changeMembers(), true],
    ['of groups, when a user changes', 'groups', () => entra.disable('ada'), false],
  ])('%s', async (_, resource, change, told) => {
    const [staff] = listIn(await graph.get('/groups'));
    const path = resource.replace('{ada}', entra.objectIdOf('ada')).replace('{staff}', String(staff?.id));
    expect((await subscribe({ resource: path })).status).toBe(201);
    // Every change is seen by this one: what comes before it has arrived.
    expect((await subscribe({ resource: 'users', changeType: 'deleted,updated' })).status).toBe(201);
    await change();
    entra.disable('zoe');
    await vi.waitFor(() =>
      expect(items().some((one) => String(one.resource).endsWith(entra.objectIdOf('zoe')))).toBe(true),
    );
    const [own] = listIn(await graph.get('/subscriptions'));
    const mine = items().filter((one) => one.subscriptionId === own?.id);
    expect(mine.some((one) => !String(one.resource).endsWith(entra.objectIdOf('zoe')))).toBe(told);
  });

  it('is renewed, read and ended by the app that has it, and not by another', async () => {
    const { body } = await subscribe();
    const path = `/subscriptions/${String(body.id)}`;
    const other = asUser(entra, 'ada', 'User.Read.All');
    expect((await other.get(path)).status).toBe(404);
    expect(listIn(await other.get('/subscriptions'))).toEqual([]);
    const later = minutes(41_000);
    const renewed = await graph.patch(path, { expirationDateTime: later });
    expect(renewed).toMatchObject({ status: 200, body: { expirationDateTime: `${later.slice(0, 19)}Z` } });
    expect((await graph.get(path)).body.clientState).toBeNull();
    expect((await graph.post(`${path}/reauthorize`)).status).toBe(204);
    expect((await graph.delete(path)).status).toBe(204);
    expect(await graph.patch(path, { expirationDateTime: later })).toMatchObject(
      refused(404, 'ResourceNotFound'),
    );
  });

  it('expires by the clock of the local Entra', async () => {
    await subscribe({ expirationDateTime: minutes(50) });
    entra.advance('49m');
    entra.disable('ada');
    await arrives(1);
    entra.advance('1m');
    expect(listIn(await graph.get('/subscriptions'))).toEqual([]);
  });

  it('lasts for 45 minutes at least', async () => {
    const { body } = await subscribe({ expirationDateTime: minutes(1) });
    const lasts = Date.parse(String(body.expirationDateTime)) - entra.now();
    expect(lasts).toBeGreaterThan(44 * 60_000);
  });

  it.each<[string, () => Body, number, string, string]>([
    ['too long', () => ({ expirationDateTime: minutes(41_765) }), 400, 'InvalidRequest', '41760 minutes'],
    ['in the past', () => ({ expirationDateTime: minutes(-1) }), 400, 'InvalidRequest', 'past'],
    ['without an end', () => ({ expirationDateTime: 'soon' }), 400, 'InvalidRequest', 'not a time'],
    ['to creations', () => ({ changeType: 'created' }), 400, 'InvalidRequest', "'created'"],
    ['to other resources', () => ({ resource: 'me/messages' }), 501, 'NotImplemented', 'me/messages'],
    ['to owners', () => ({ resource: `groups/${entra.tenantId}/owners` }), 501, 'NotImplemented', 'owners'],
    [
      'to an unknown group',
      () => ({ resource: `groups/${entra.tenantId}` }),
      404,
      'Request_ResourceNotFound',
      '',
    ],
    ['with a long client state', () => ({ clientState: 'x'.repeat(129) }), 400, 'InvalidRequest', '128'],
    ['with no address', () => ({ notificationUrl: 'here' }), 400, 'InvalidRequest', 'notificationUrl'],
  ])('is refused: %s', async (_, change, status, code, message) => {
    expect(await subscribe(change())).toMatchObject(refused(status, code, message));
  });

  it('is refused twice, and without the permission to read what it watches', async () => {
    expect((await subscribe()).status).toBe(201);
    expect(await subscribe({ resource: '/users' })).toMatchObject(refused(409, 'InvalidRequest', 'exists'));
    const groupReader = asApp(entra, 'Group.Read.All');
    expect((await groupReader.post('/subscriptions', users())).status).toBe(403);
    expect((await groupReader.post('/subscriptions', users({ resource: 'groups' }))).status).toBe(201);
  });

  it('is one of a hundred at most', async () => {
    for (let count = 0; count < 100; count += 1) {
      const resource = `users/10000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
      expect((await subscribe({ resource })).status).toBe(201);
    }
    expect(await subscribe()).toMatchObject(refused(403, 'InvalidRequest', 'quota'));
  });
});

describe('the handshake', () => {
  it.each<[string, () => Response | Promise<Response>, RegExp]>([
    ['another status', () => new Response('', { status: 404 }), /status 404/],
    ['another type', () => new Response('x', { headers: { 'content-type': 'text/html' } }), /text\/html/],
    ['another text', () => new Response('x', { headers: { 'content-type': 'text/plain' } }), /another text/],
    ['a failure', () => Promise.reject(new Error('no route')), /no route/],
  ])('fails by %s, and nothing is subscribed', async (_, answer, found) => {
    const restore = entra.receiveNotifications(answer);
    expect(await subscribe()).toMatchObject(refused(400, 'ValidationError', found));
    restore();
    expect(listIn(await graph.get('/subscriptions'))).toEqual([]);
    expect((await subscribe()).status).toBe(201);
  });

  it('asks both addresses', async () => {
    const asked: string[] = [];
    entra.receiveNotifications(async (request) => {
      asked.push(new URL(request.url).pathname);
      return receive(request);
    });
    await subscribe({ lifecycleNotificationUrl: 'https://api.contoso.example/entra/lifecycle' });
    expect(asked).toEqual(['/entra/notify', '/entra/lifecycle']);
  });
});

describe('a notification', () => {
  it('is tried again after a failure, by the clock of the local Entra', async () => {
    await subscribe();
    statuses = [500, 503];
    entra.disable('ada');
    await arrives(1);
    // The pause before the next attempt begins when the answer has been read.
    await vi.waitFor(() => {
      entra.advance('11s');
      expect(received.length).toBeGreaterThanOrEqual(2);
    });
    await vi.waitFor(() => {
      entra.advance('31s');
      expect(received).toHaveLength(3);
    });
    entra.advance('20m');
    entra.disable('bob');
    await arrives(4);
    expect(items().map(({ resource }) => resource)).toEqual([
      ...Array.from({ length: 3 }, () => `Users/${entra.objectIdOf('ada')}`),
      `Users/${entra.objectIdOf('bob')}`,
    ]);
  });

  it('is not sent once the subscription has ended', async () => {
    const { body } = await subscribe();
    statuses = [500];
    entra.disable('ada');
    await arrives(1);
    await graph.delete(`/subscriptions/${String(body.id)}`);
    await subscribe();
    entra.advance('59m');
    entra.disable('bob');
    await vi.waitFor(() =>
      expect(items().some((one) => String(one.resource).endsWith(entra.objectIdOf('bob')))).toBe(true),
    );
    expect(items().filter(({ subscriptionId }) => subscriptionId === body.id)).toHaveLength(1);
  });

  it('reminds of an authorization that ends, once until it is renewed', async () => {
    const lifecycleNotificationUrl = 'https://api.contoso.example/entra/lifecycle';
    const { body } = await subscribe({ lifecycleNotificationUrl, expirationDateTime: minutes(5000) });
    entra.advance('50m');
    await arrives(1);
    expect(received[0]?.url).toBe(lifecycleNotificationUrl);
    expect(items()).toMatchObject([
      { lifecycleEvent: 'reauthorizationRequired', subscriptionId: body.id, clientState: 'secret' },
    ]);
    entra.advance('1m');
    const again = asApp(entra, 'User.Read.All');
    expect((await again.post(`/subscriptions/${String(body.id)}/reauthorize`)).status).toBe(204);
    entra.disable('ada');
    await arrives(2);
    entra.advance('50m');
    await arrives(3);
    expect(items()[2]).toMatchObject({ lifecycleEvent: 'reauthorizationRequired' });
  });
});

it('without a handler goes to this machine only', async () => {
  const other = await startEntra({ users: { ada: {} } });
  const caller = asApp(other, 'User.Read.All');
  const answer = await caller.post('/subscriptions', users());
  expect(answer).toMatchObject(refused(400, 'InvalidRequest', 'addresses of this machine'));
  await other.close();
});
