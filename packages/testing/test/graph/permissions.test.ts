import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graphApplicationPermissions } from '../../src/directory/graph-permissions.js';
import { permissionTable, type RouteName } from '../../src/graph/permission-table.js';
import { Client } from '../client.js';
import { asApp, asUser, GraphCaller, refused } from './caller.js';

let entra: InProcessEntra;
beforeEach(async () => {
  entra = await startEntra({
    users: { ada: {}, bob: {} },
    groups: { staff: ['ada'] },
    apps: { orders: { scopes: ['Orders.Read'] }, web: {} },
  });
});
afterEach(() => entra.close());

/** The requests with a path for each of them, and the least permissions as an application. */
const requests = (Object.keys(permissionTable) as RouteName[]).map((name) => {
  const [method = '', path = ''] = name.split(' ');
  return { name, method, path, ...permissionTable[name] };
});

function pathOf(path: string): string {
  return path
    .replace('{user}', entra.objectIdOf('bob'))
    .replace(/\{\w+\}/g, '11111111-1111-4111-8111-111111111111');
}

describe.each(requests)('$name', ({ method, path, delegated, application }) => {
  it('is refused to a user without a permission, and answered with the least one', async () => {
    const ask = async (scp: string) =>
      asUser(entra, 'ada', scp).send(method, pathOf(path), method === 'GET' ? undefined : {});
    expect(await ask('profile')).toMatchObject(refused(403, 'Authorization_RequestDenied', 'needs'));
    const [least = ''] = delegated;
    expect((await ask(least.replace(' + ', ' '))).status).not.toBe(403);
  });

  it('is refused to an app without a permission, and answered with the least one', async () => {
    const ask = async (...roles: string[]) =>
      asApp(entra, ...roles).send(method, pathOf(path), method === 'GET' ? undefined : {});
    const [least] = application;
    if (least === undefined) {
      expect((await ask('Directory.ReadWrite.All')).status).toBe(400);
      return;
    }
    expect(await ask('Mail.Read')).toMatchObject(refused(403, 'Authorization_RequestDenied', 'needs'));
    expect((await ask(...least.split(' + '))).status).not.toBe(403);
  });

  it('needs a token', async () => {
    const answer = await new GraphCaller(entra).send(method, pathOf(path), method === 'GET' ? undefined : {});
    expect(answer).toMatchObject(refused(401, 'InvalidAuthenticationToken', 'Access token is empty'));
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm=""');
  });
});

it('names application permissions that a registration may name, too', () => {
  const named = requests.flatMap(({ application }) => application.flatMap((one) => one.split(' + ')));
  expect([...new Set(named)].filter((one) => !graphApplicationPermissions.includes(one))).toEqual([]);
});

it('getMemberObjects needs both of its permissions', async () => {
  const path = `/users/${entra.objectIdOf('bob')}/getMemberObjects`;
  const status = async (...roles: string[]) =>
    (await asApp(entra, ...roles).post(path, { securityEnabledOnly: true })).status;
  expect(await status('User.ReadBasic.All')).toBe(403);
  expect(await status('GroupMember.Read.All')).toBe(403);
  expect(await status('User.ReadBasic.All', 'GroupMember.Read.All')).toBe(200);
  expect(await status('Directory.Read.All')).toBe(200);
});

describe('a token is refused that is', () => {
  it.each<[string, () => Readonly<Record<string, string>>, RegExp]>([
    ['for another API', () => entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).headers, /audience/],
    ['expired', () => entra.user('ada', { api: 'graph', exp: 1 }).headers, /exp/],
    [
      'of another tenant',
      () => entra.user('ada', { api: 'graph', tenant: 'fabrikam' }).headers,
      /iss|tenant/,
    ],
    ['not a token', () => ({ authorization: 'Bearer nonsense' }), /./],
    [
      'not signed',
      () => entra.sign({ ...entra.user('ada', { api: 'graph' }).claims }, { alg: 'none' }).headers,
      /alg/,
    ],
    [
      'of a disabled user',
      () => {
        entra.disable('ada');
        return entra.user('ada', { api: 'graph' }).headers;
      },
      /disabled/,
    ],
    [
      'of a removed user',
      () => {
        entra.remove('ada');
        return entra.user('ada', { api: 'graph' }).headers;
      },
      /does not exist/,
    ],
  ])('%s', async (_, headers, message) => {
    const answer = await new GraphCaller(entra, headers()).get('/me');
    expect(answer).toMatchObject(refused(401, 'InvalidAuthenticationToken', message));
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await asUser(entra, 'bob', 'User.Read').get('/me')).status).toBe(200);
  });

  it('from a sign-in whose code was used twice', async () => {
    const web = new Client(entra);
    const scope = 'https://graph.microsoft.com/User.Read offline_access';
    const code = (await web.authorize('ada', { scope })).get('code') ?? '';
    const { body } = await web.redeem(code);
    const rotated = await web.refresh(body);
    const other = await web.signIn('ada', { scope });
    const status = async ({ access_token }: Readonly<Record<string, unknown>>) =>
      (await new GraphCaller(entra, { authorization: `Bearer ${String(access_token)}` }).get('/me')).status;
    expect(await status(body)).toBe(200);
    await web.redeem(code);
    expect(await status(body)).toBe(401);
    expect(await status(rotated.body)).toBe(401);
    expect(await status(other.body)).toBe(200);
  });
});

describe('what is missing', () => {
  it.each([
    ['GET', '/me/messages', 'request GET /me/messages'],
    ['GET', '/users/a/manager', 'request GET /users/a/manager'],
    ['PUT', '/users/a', 'request PUT /users/a'],
    ['POST', '/$batch', 'request POST /\\$batch'],
    ['GET', '', 'request GET /'],
  ])('%s %s is 501, and is named', async (method, path, message) => {
    expect(await asApp(entra, 'User.Read.All').send(method, path)).toMatchObject(
      refused(501, 'NotImplemented', new RegExp(message)),
    );
  });

  it('another version, too', async () => {
    const answer = await asApp(entra, 'User.Read.All').get('https://graph.microsoft.com/beta/users');
    expect(answer).toMatchObject(refused(501, 'NotImplemented', 'beta'));
  });
});

describe('faults', () => {
  it.each([
    [429, 'TooManyRequests'],
    [503, 'ServiceUnavailable'],
    [500, 'UnknownError'],
  ])('entra.fail(graph, %i) is an error in the form of Graph', async (status, code) => {
    const caller = asApp(entra, 'User.Read.All');
    const lift = entra.fail('graph', status, { headers: { 'retry-after': '7' } });
    const answer = await caller.get('/users');
    expect(answer).toMatchObject(refused(status, code));
    expect(answer.headers.get('retry-after')).toBe('7');
    lift();
    expect((await caller.get('/users')).status).toBe(200);
  });

  it('of keys do not meet Graph, and its own requests are not on record', async () => {
    entra.fail('keys', 503);
    entra.fail('metadata', 503);
    entra.requests.length = 0;
    expect((await asApp(entra, 'User.Read.All').get('/users')).status).toBe(200);
    expect(entra.requests.map(({ what }) => what)).toEqual(['graph']);
  });
});

it('repeats the ID of the client’s request in errors', async () => {
  const caller = new GraphCaller(entra, { 'client-request-id': 'mine' });
  const { body } = await caller.get('/me');
  expect(body).toMatchObject({ error: { innerError: { 'client-request-id': 'mine' } } });
});

it('keeps working after keys were rotated, as long as they are published', async () => {
  const before = asUser(entra, 'ada', 'User.Read');
  expect((await before.get('/me')).status).toBe(200);
  await entra.rotateKeys();
  expect((await before.get('/me')).status).toBe(200);
  expect((await asUser(entra, 'ada', 'User.Read').get('/me')).status).toBe(200);
});
