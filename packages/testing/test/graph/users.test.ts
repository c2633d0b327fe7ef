import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asApp, asUser, type GraphCaller, listIn, refused } from './caller.js';

let entra: InProcessEntra;
let reader: GraphCaller;
let writer: GraphCaller;

beforeEach(async () => {
  entra = await startEntra({
    users: { ada: { displayName: 'Ada Lovelace' }, bob: {}, 'Grace Hopper': {} },
    groups: { staff: ['ada', 'dan'] },
  });
  reader = asApp(entra, 'User.Read.All');
  writer = asApp(entra, 'User.ReadWrite.All');
});
afterEach(() => entra.close());

const namesIn = (answer: Awaited<ReturnType<GraphCaller['get']>>) =>
  listIn(answer).map(({ displayName }) => displayName);
const upn = (name: string) => `${name}@contoso.onmicrosoft.com`;
const newUser = {
  accountEnabled: true,
  displayName: 'Eve Adams',
  mailNickname: 'eve',
  userPrincipalName: upn('eve'),
  passwordProfile: { password: 'x' },
};

describe('GET /me', () => {
  it('is the user of the token, with the usual properties', async () => {
    const { status, body } = await asUser(entra, 'ada', 'User.Read').get('/me');
    expect(status).toBe(200);
    expect(body).toEqual({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users/$entity',
      businessPhones: [],
      displayName: 'Ada Lovelace',
      givenName: 'Ada',
      jobTitle: null,
      mail: upn('ada'),
      mobilePhone: null,
      officeLocation: null,
      preferredLanguage: null,
      surname: 'Lovelace',
      userPrincipalName: upn('ada'),
      id: entra.objectIdOf('ada'),
    });
  });

  it('has no answer for an app', async () => {
    const answer = await asApp(entra, 'User.Read.All').get('/me');
    expect(answer).toMatchObject(refused(400, 'BadRequest', 'only valid with delegated'));
  });
});

describe('GET /users', () => {
  it('lists the users with facts', async () => {
    expect(namesIn(await reader.get('/users'))).toEqual(['Ada Lovelace', 'Bob Example', 'Grace Hopper']);
  });

  it.each([
    [`displayName eq 'ada lovelace'`, ['Ada Lovelace']],
    [`startsWith(displayName,'b') or endswith(surname, 'hopper')`, ['Bob Example', 'Grace Hopper']],
    [`accountEnabled eq false`, ['Bob Example']],
    [`not (accountEnabled eq true)`, ['Bob Example']],
    [`accountEnabled ne false and surname in ('Hopper', 'Turing')`, ['Grace Hopper']],
    [`jobTitle eq null and userType eq 'Member' and givenName ge 'Bob'`, ['Bob Example', 'Grace Hopper']],
    [`givenName lt 'b' and givenName gt 'a' and givenName le 'ada'`, ['Ada Lovelace']],
    [`displayName eq 'O''Brien'`, []],
    [`employeeId eq 7`, []],
  ])('$filter=%s', async (filter, expected) => {
    entra.disable('bob');
    const answer = await reader.get(`/users?$filter=${encodeURIComponent(filter)}`);
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual(expected);
  });

  it.each([
    `displayName`,
    `displayName eq`,
    `displayName eq 'a' 'b'`,
    `displayName like 'a'`,
    `(displayName eq 'a'`,
    `displayName eq 'a`,
    `startsWith(displayName 'a')`,
    `displayName in 'a'`,
  ])('$filter=%s is refused', async (filter) => {
    const answer = await reader.get(`/users?$filter=${encodeURIComponent(filter)}`);
    expect(answer).toMatchObject(refused(400, 'BadRequest', 'Invalid filter clause'));
  });

  it('has the selected properties, and pages by links', async () => {
    const first = await reader.get('/users?$select=displayName,accountEnabled&$top=2&$count=true');
    expect(listIn(first)[0]).toEqual({
      id: entra.objectIdOf('ada'),
      displayName: 'Ada Lovelace',
      accountEnabled: true,
    });
    expect(first.body['@odata.count']).toBe(3);
    const next = String(first.body['@odata.nextLink']);
    expect(next).toMatch(
      /^https:\/\/graph\.microsoft\.com\/v1\.0\/users\?\$select=displayName,accountEnabled&/,
    );
    const second = await reader.get(next);
    expect(namesIn(second)).toEqual(['Grace Hopper']);
    expect(second.body['@odata.nextLink']).toBeUndefined();
  });

  it.each(['0', '1000', 'all', '1.5'])('$top=%s is refused', async (top) => {
    expect(await reader.get(`/users?$top=${top}`)).toMatchObject(
      refused(400, 'Request_BadRequest', 'page size'),
    );
  });

  it.each([
    ['$skiptoken=nonsense', 400, 'skip token'],
    ['$top=1&top=2', 400, 'more than once'],
    ['$expand=manager', 501, '\\$expand'],
    ['$select=manager', 501, 'manager'],
    [`$filter=manager eq 'a'`, 501, 'manager'],
  ])('%s is refused', async (query, status, message) => {
    const code = status === 501 ? 'NotImplemented' : 'BadRequest';
    expect(await reader.get(`/users?${query}`)).toMatchObject(refused(status, code, new RegExp(message)));
  });
});

describe('GET /users/{id}', () => {
  it.each([
    ['object ID', () => entra.objectIdOf('ada'), 'Ada Lovelace'],
    ['object ID of a group’s member', () => entra.objectIdOf('dan'), expect.any(String)],
    ['user principal name', () => upn('ada'), 'Ada Lovelace'],
    ['user principal name in capitals', () => upn('ADA').toUpperCase(), 'Ada Lovelace'],
    ['user principal name of a name with a space', () => upn('grace.hopper'), 'Grace Hopper'],
    ['user principal name of any name', () => upn('zoe'), 'Zoe Example'],
  ])('by %s', async (_, id, displayName) => {
    const { status, body } = await reader.get(`/users/${id()}`);
    expect({ status, displayName: body.displayName }).toEqual({ status: 200, displayName });
  });

  it.each([
    'zoe',
    'zoe@fabrikam.example',
    '@contoso.onmicrosoft.com',
    '11111111-1111-4111-8111-111111111111',
  ])('is not found by %s', async (id) => {
    expect(await reader.get(`/users/${id}`)).toMatchObject(refused(404, 'Request_ResourceNotFound', id));
  });

  it('shows a basic profile to User.ReadBasic.All', async () => {
    const basic = asApp(entra, 'User.ReadBasic.All');
    const { body } = await basic.get(`/users/${upn('ada')}`);
    expect(new Set(Object.keys(body))).toEqual(
      new Set(['@odata.context', 'displayName', 'givenName', 'id', 'mail', 'surname', 'userPrincipalName']),
    );
    const answer = await basic.get(`/users/${upn('ada')}?$select=accountEnabled`);
    expect(answer).toMatchObject(refused(403, 'Authorization_RequestDenied', 'accountEnabled'));
    expect((await basic.get(`/users?$filter=accountEnabled eq true`)).status).toBe(501);
    // Oneself one sees in full.
    const own = asUser(entra, 'ada', 'User.Read');
    expect((await own.get(`/users/${upn('ada')}?$select=accountEnabled`)).body.accountEnabled).toBe(true);
    expect((await own.get(`/users/${upn('bob')}`)).status).toBe(403);
  });
});

describe('changing users', () => {
  it('by accountEnabled is like entra.disable and entra.enable', async () => {
    expect((await writer.patch(`/users/${upn('ada')}`, { accountEnabled: false })).status).toBe(204);
    expect((await asUser(entra, 'ada', 'User.Read').get('/me')).status).toBe(401);
    const select = `/users/${upn('ada')}?$select=accountEnabled`;
    expect((await reader.get(select)).body.accountEnabled).toBe(false);
    entra.enable('ada');
    expect((await reader.get(select)).body.accountEnabled).toBe(true);
    expect((await asUser(entra, 'ada', 'User.Read').get('/me')).status).toBe(200);
  });

  it('changes what tokens say', async () => {
    const change = { displayName: 'Ada King', surname: 'Byron', department: 'Engines' };
    expect((await writer.patch(`/users/${upn('ada')}`, change)).status).toBe(204);
    expect(entra.user('ada').claims.name).toBe('Ada King');
    const select = `/users/${upn('ada')}?$select=displayName,surname,department`;
    expect((await reader.get(select)).body).toMatchObject(change);
  });

  it.each([
    [{ displayName: '' }, 400, 'displayName'],
    [{ accountEnabled: 'no' }, 400, 'accountEnabled'],
    [{ department: 7 }, 400, 'department'],
    [{ userPrincipalName: 'x@contoso.onmicrosoft.com' }, 501, 'userPrincipalName'],
    [{ manager: 'bob' }, 501, 'manager'],
  ])('%j is refused, and nothing changes', async (change, status, message) => {
    const answer = await writer.patch(`/users/${upn('ada')}`, { jobTitle: 'Countess', ...change });
    const code = status === 501 ? 'NotImplemented' : 'Request_BadRequest';
    expect(answer).toMatchObject(refused(status, code, message));
    expect((await reader.get(`/users/${upn('ada')}?$select=jobTitle`)).body.jobTitle).toBeNull();
  });

  it('needs permissions: a user changes her own profile, and not her account', async () => {
    const ada = asUser(entra, 'ada', 'User.ReadWrite');
    expect((await ada.patch('/me', { mobilePhone: '1' })).status).toBe(204);
    expect((await ada.patch('/me', { accountEnabled: false })).status).toBe(403);
    expect((await ada.patch(`/users/${upn('bob')}`, { mobilePhone: '1' })).status).toBe(403);
    const operator = asApp(entra, 'User.EnableDisableAccount.All', 'User.Read.All');
    expect((await operator.patch(`/users/${upn('ada')}`, { accountEnabled: false })).status).toBe(204);
    expect((await operator.patch(`/users/${upn('ada')}`, { mobilePhone: '2' })).status).toBe(403);
  });

  it('removes, and creates again as another: earlier tokens stay refused', async () => {
    const before = asUser(entra, 'ada', 'User.Read');
    expect((await before.get('/me')).status).toBe(200);
    expect((await writer.delete(`/users/${upn('ada')}`)).status).toBe(204);
    expect(await reader.get(`/users/${upn('ada')}`)).toMatchObject({ status: 404 });
    expect(namesIn(await reader.get('/users'))).not.toContain('Ada Lovelace');
    expect((await before.get('/me')).status).toBe(401);
    const ada = { ...newUser, displayName: 'Ada Two', userPrincipalName: upn('ada') };
    expect((await writer.post('/users', ada)).status).toBe(201);
    expect((await before.get('/me')).status).toBe(401);
    entra.advance(2);
    expect((await asUser(entra, 'ada', 'User.Read').get('/me')).body.displayName).toBe('Ada Two');
  });

  it('creates a user, who can be disabled from the start', async () => {
    const answer = await writer.post('/users', { ...newUser, accountEnabled: false, jobTitle: 'Spy' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`${entra.graph}/users/${entra.objectIdOf('eve')}`);
    expect(answer.body).toMatchObject({ id: entra.objectIdOf('eve'), jobTitle: 'Spy' });
    expect(namesIn(await reader.get('/users'))).toContain('Eve Adams');
    expect((await asUser(entra, 'eve', 'User.Read').get('/me')).status).toBe(401);
  });

  it.each([
    [{ displayName: undefined }, 'displayName'],
    [{ mailNickname: undefined }, 'mailNickname'],
    [{ accountEnabled: undefined }, 'accountEnabled'],
    [{ passwordProfile: undefined }, 'passwordProfile'],
    [{ userPrincipalName: 'eve@fabrikam.example' }, 'verified domain is contoso.onmicrosoft.com'],
    [{ userPrincipalName: 'ada@contoso.onmicrosoft.com' }, 'already exists'],
  ])('does not create a user with %j', async (change, message) => {
    const answer = await writer.post('/users', { ...newUser, ...change });
    expect(answer).toMatchObject(refused(400, 'Request_BadRequest', message));
  });
});

describe('revokeSignInSessions', () => {
  it('ends what the user’s tokens may do, and a later sign-in counts', async () => {
    const before = asUser(entra, 'ada', 'User.Read');
    const operator = asApp(entra, 'User.RevokeSessions.All');
    const { status, body } = await operator.post(`/users/${upn('ada')}/revokeSignInSessions`);
    expect({ status, body }).toEqual({
      status: 200,
      body: { '@odata.context': `${entra.graph}/$metadata#Edm.Boolean`, value: true },
    });
    const answer = await before.get('/me');
    expect(answer).toMatchObject(
      refused(401, 'InvalidAuthenticationToken', 'TokenIssuedBeforeRevocationTimestamp'),
    );
    const claims = /claims="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toEqual({
      access_token: { nbf: { essential: true, value: expect.stringMatching(/^\d{10}$/) as string } },
    });
    expect((await asUser(entra, 'bob', 'User.Read').get('/me')).status).toBe(200);
    entra.advance(2);
    expect((await asUser(entra, 'ada', 'User.Read').get('/me')).status).toBe(200);
  });

  it('moves signInSessionsValidFromDateTime, and so does entra.revokeSessions', async () => {
    const select = `/users/${upn('ada')}?$select=signInSessionsValidFromDateTime`;
    const from = async () =>
      Date.parse(String((await reader.get(select)).body.signInSessionsValidFromDateTime));
    const first = await from();
    entra.advance('1h');
    entra.revokeSessions('ada');
    expect((await from()) - first).toBeGreaterThanOrEqual(3_600_000);
  });

  it('is for oneself, too', async () => {
    const ada = asUser(entra, 'ada', 'User.RevokeSessions.All');
    expect((await ada.post('/me/revokeSignInSessions')).status).toBe(200);
    expect((await ada.post('/me/revokeSignInSessions')).status).toBe(401);
  });
});
