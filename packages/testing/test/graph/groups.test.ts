import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asApp, asUser, type GraphCaller, listIn, refused } from './caller.js';

let entra: InProcessEntra;
let graph: GraphCaller;
let ids: Readonly<Record<string, string>>;

beforeEach(async () => {
  entra = await startEntra({
    users: { ada: {}, bob: {} },
    groups: { staff: ['ada'], everyone: ['staff', 'bob'] },
    apps: { orders: { scopes: ['Orders.Read'], groupMembershipClaims: 'SecurityGroup' } },
  });
  graph = asApp(entra, 'Group.ReadWrite.All', 'User.Read.All', 'GroupMember.Read.All');
  const groups = listIn(await graph.get('/groups'));
  ids = Object.fromEntries(groups.map(({ displayName, id }) => [displayName, id]));
});
afterEach(() => entra.close());

const names = (answer: Awaited<ReturnType<GraphCaller['get']>>) =>
  listIn(answer)
    .map(({ displayName }) => displayName)
    .sort();
const reference = (id: string) => ({ '@odata.id': `${entra.graph}/directoryObjects/${id}` });

describe('memberships', () => {
  it.each([
    ['memberOf', ['staff']],
    ['memberOf/microsoft.graph.group', ['staff']],
    ['transitiveMemberOf', ['everyone', 'staff']],
    ['transitiveMemberOf/microsoft.graph.group?$select=id,displayName', ['everyone', 'staff']],
    [`transitiveMemberOf?$filter=displayName eq 'staff'`, ['staff']],
    ['transitiveMemberOf/microsoft.graph.user', []],
  ])('of a user: %s', async (path, expected) => {
    const id = entra.objectIdOf('ada');
    expect(names(await graph.get(`/users/${id}/${path}`))).toEqual(expected);
    expect(names(await asUser(entra, 'ada', 'User.Read').get(`/me/${path}`))).toEqual(expected);
  });

  it.each(['getMemberObjects', 'getMemberGroups'])('by ID: %s', async (action) => {
    const path = `/users/${entra.objectIdOf('ada')}/${action}`;
    const { status, body } = await graph.post(path, { securityEnabledOnly: true });
    expect(status).toBe(200);
    expect(new Set(body.value as string[])).toEqual(new Set([ids.staff, ids.everyone]));
    expect(await graph.post(path, {})).toMatchObject(
      refused(400, 'Request_BadRequest', 'securityEnabledOnly'),
    );
  });

  it('of groups: members, direct and transitive', async () => {
    const members = await graph.get(`/groups/${ids.everyone}/members`);
    expect(names(members)).toEqual(['Bob Example', 'staff']);
    expect(listIn(members).map((one) => one['@odata.type'])).toEqual([
      '#microsoft.graph.group',
      '#microsoft.graph.user',
    ]);
    expect(names(await graph.get(`/groups/${ids.everyone}/members/microsoft.graph.user`))).toEqual([
      'Bob Example',
    ]);
    expect(names(await graph.get(`/groups/${ids.everyone}/transitiveMembers`))).toEqual([
      'Ada Example',
      'Bob Example',
      'staff',
    ]);
    entra.remove('bob');
    expect(names(await graph.get(`/groups/${ids.everyone}/members`))).toEqual(['staff']);
  });

  it('change, and tokens with them', async () => {
    const groupsOf = (name: string) => entra.user(name, { api: 'orders' }).claims.groups ?? [];
    const members = `/groups/${ids.staff}/members`;
    expect(groupsOf('bob')).toEqual([ids.everyone]);
    expect((await graph.post(`${members}/$ref`, reference(entra.objectIdOf('bob')))).status).toBe(204);
    expect(new Set(groupsOf('bob'))).toEqual(new Set([ids.staff, ids.everyone]));
    const again = await graph.post(`${members}/$ref`, reference(entra.objectIdOf('bob')));
    expect(again).toMatchObject(refused(400, 'Request_BadRequest', 'already exist'));
    expect((await graph.delete(`${members}/${entra.objectIdOf('bob')}/$ref`)).status).toBe(204);
    expect(groupsOf('bob')).toEqual([ids.everyone]);
    expect((await graph.delete(`${members}/${entra.objectIdOf('bob')}/$ref`)).status).toBe(404);
    const unknown = reference('11111111-1111-4111-8111-111111111111');
    expect((await graph.post(`${members}/$ref`, unknown)).status).toBe(404);
  });
});

describe('groups', () => {
  const created = {
    displayName: 'Night shift',
    mailNickname: 'night',
    mailEnabled: false,
    securityEnabled: true,
  };

  it('are created, found, changed and removed', async () => {
    const { status, body } = await graph.post('/groups', { ...created, description: 'At night' });
    expect({ status, ...body }).toMatchObject({ status: 201, displayName: 'Night shift', groupTypes: [] });
    const path = `/groups/${String(body.id)}`;
    expect((await graph.post(`${path}/members/$ref`, reference(ids.staff ?? ''))).status).toBe(204);
    expect(entra.user('ada', { api: 'orders' }).claims.groups).toContain(body.id);
    expect((await graph.patch(path, { displayName: 'Late shift', description: null })).status).toBe(204);
    expect((await graph.get(path)).body).toMatchObject({ displayName: 'Late shift', description: null });
    expect((await graph.delete(path)).status).toBe(204);
    expect((await graph.get(path)).status).toBe(404);
    expect(entra.user('ada', { api: 'orders' }).claims.groups).not.toContain(body.id);
  });

  it('without security are not in tokens of APIs that ask for security groups', async () => {
    const { body } = await graph.post('/groups', { ...created, mailEnabled: true, securityEnabled: false });
    await graph.post(`/groups/${String(body.id)}/members/$ref`, reference(entra.objectIdOf('ada')));
    expect(entra.user('ada', { api: 'orders' }).claims.groups).not.toContain(body.id);
    const path = `/users/${entra.objectIdOf('ada')}/getMemberObjects`;
    expect((await graph.post(path, { securityEnabledOnly: true })).body.value).not.toContain(body.id);
    expect((await graph.post(path, { securityEnabledOnly: false })).body.value).toContain(body.id);
  });

  it.each([
    [{ displayName: undefined }, 400, 'displayName'],
    [{ mailEnabled: undefined }, 400, 'mailEnabled'],
    [{ owners: [] }, 501, 'owners'],
  ])('are not created with %j', async (change, status, message) => {
    const answer = await graph.post('/groups', { ...created, ...change });
    expect(answer).toMatchObject(
      refused(status, status === 501 ? 'NotImplemented' : 'Request_BadRequest', message),
    );
  });

  it.each([
    [{ displayName: ' ' }, 400, 'displayName'],
    [{ description: 1 }, 400, 'description'],
    [{ visibility: 'Private' }, 501, 'visibility'],
  ])('are not changed by %j', async (change, status, message) => {
    const answer = await graph.patch(`/groups/${ids.staff}`, change);
    expect(answer).toMatchObject(
      refused(status, status === 501 ? 'NotImplemented' : 'Request_BadRequest', message),
    );
  });

  it('are not found by their names', async () => {
    expect((await graph.get('/groups/staff')).status).toBe(404);
  });
});
