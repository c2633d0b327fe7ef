import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { asApp, type GraphCaller, listIn, refused } from './caller.js';

let entra: InProcessEntra;
let graph: GraphCaller;

beforeEach(async () => {
  entra = await startEntra({ users: { ada: {}, bob: {}, cy: {}, dan: {} } });
  graph = asApp(entra, 'User.ReadWrite.All');
});
afterEach(() => entra.close());

const deltaOf = ({ body }: Awaited<ReturnType<GraphCaller['get']>>) => String(body['@odata.deltaLink']);
const first = async (query = '') => deltaOf(await graph.get(`/users/delta${query}`));

it('lists all users, and then only what changed', async () => {
  const all = await graph.get('/users/delta?$select=displayName,accountEnabled');
  expect(listIn(all)).toHaveLength(4);
  const quiet = await graph.get(deltaOf(all));
  expect(listIn(quiet)).toEqual([]);
  entra.disable('ada');
  const changed = await graph.get(deltaOf(quiet));
  expect(listIn(changed)).toEqual([
    { id: entra.objectIdOf('ada'), displayName: 'Ada Example', accountEnabled: false },
  ]);
  expect(listIn(await graph.get(deltaOf(changed)))).toEqual([]);
  // A link may be used again: nothing is lost when a client fails in between.
  expect(listIn(await graph.get(deltaOf(quiet)))).toHaveLength(1);
});

it.each<[string, (entra: InProcessEntra, graph: GraphCaller) => unknown]>([
  ['entra.disable', (entra) => entra.disable('ada')],
  ['entra.enable', (entra) => entra.enable('ada')],
  ['entra.revokeSessions', (entra) => entra.revokeSessions('ada')],
  ['PATCH', (_, graph) => graph.patch('/users/ada@contoso.onmicrosoft.com', { jobTitle: 'Countess' })],
  [
    'revokeSignInSessions',
    (_, graph) => graph.post('/users/ada@contoso.onmicrosoft.com/revokeSignInSessions'),
  ],
])('%s shows', async (_, change) => {
  const link = await first();
  await change(entra, graph);
  expect(listIn(await graph.get(link)).map(({ id }) => id)).toEqual([entra.objectIdOf('ada')]);
});

it.each<[string, (entra: InProcessEntra, graph: GraphCaller) => unknown]>([
  ['entra.remove', (entra) => entra.remove('ada')],
  ['DELETE', (_, graph) => graph.delete('/users/ada@contoso.onmicrosoft.com')],
])('%s shows as @removed', async (_, change) => {
  const link = await first();
  await change(entra, graph);
  const removed = { id: entra.objectIdOf('ada'), '@removed': { reason: 'changed' } };
  expect(listIn(await graph.get(link))).toEqual([removed]);
  expect(listIn(await graph.get('/users/delta'))).toHaveLength(3);
});

it('shows a restored user again', async () => {
  const restore = entra.remove('ada');
  const link = await first();
  restore();
  expect(listIn(await graph.get(link))).toMatchObject([{ displayName: 'Ada Example' }]);
});

it('a user that only a test names shows when the account changes', async () => {
  const link = await first();
  entra.disable('zoe');
  expect(listIn(await graph.get(link))).toMatchObject([{ displayName: 'Zoe Example' }]);
});

it('pages, and what changes meanwhile is in the next round', async () => {
  const one = await graph.get('/users/delta?$top=3&$select=displayName');
  expect(listIn(one)).toHaveLength(3);
  const [seen] = listIn(one);
  const name = String(seen?.displayName).split(' ')[0]?.toLowerCase() ?? '';
  entra.remove(name);
  const two = await graph.get(String(one.body['@odata.nextLink']));
  expect(listIn(two)).toHaveLength(1);
  expect(listIn(two)[0]).toHaveProperty('displayName');
  expect(listIn(await graph.get(deltaOf(two)))).toEqual([
    { id: seen?.id, '@removed': { reason: 'changed' } },
  ]);
});

it('starts from now with $deltatoken=latest', async () => {
  const now = await graph.get('/users/delta?$deltatoken=latest&$select=displayName');
  expect(listIn(now)).toEqual([]);
  entra.disable('bob');
  expect(listIn(await graph.get(deltaOf(now)))).toEqual([
    { id: entra.objectIdOf('bob'), displayName: 'Bob Example' },
  ]);
});

it('links expire after seven days, and the answer says where to start again', async () => {
  const link = await first();
  entra.advance('6d');
  const fresh = asApp(entra, 'User.Read.All');
  expect((await fresh.get(link)).status).toBe(200);
  entra.advance('1d');
  const answer = await asApp(entra, 'User.Read.All').get(link);
  expect(answer).toMatchObject(refused(410, 'syncStateNotFound', 'synchronized again'));
  expect(answer.headers.get('location')).toBe(`${entra.graph}/users/delta`);
});

it('links of another local Entra are gone, and nonsense is refused', async () => {
  const other = await startEntra({ users: { ada: {} } });
  const link = deltaOf(await asApp(other, 'User.Read.All').get('/users/delta'));
  expect(await graph.get(link)).toMatchObject(
    refused(410, 'syncStateNotFound', 'before this local Entra started'),
  );
  for (const token of [
    'nonsense',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('null').toString('base64url'),
  ]) {
    const answer = await graph.get(`/users/delta?$deltatoken=${token}`);
    expect(answer).toMatchObject(refused(400, 'BadRequest', 'Badly formed token'));
  }
  expect((await graph.get(`/users/delta?$filter=displayName eq 'a'`)).status).toBe(501);
  await other.close();
});
