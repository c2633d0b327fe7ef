import { startEntra } from '@entra-guard/testing';
import { expect, it } from 'vitest';
import { Client } from './client.js';
import { claimsOf } from './read-token.js';

const GRAPH = '00000003-0000-0000-c000-000000000000';
const DEFAULT = 'https://graph.microsoft.com/.default';

it('a test mints tokens for Microsoft Graph: version 1, with its audience', async () => {
  const entra = await startEntra({ apps: { orders: { scopes: ['Orders.Read'] } } });
  const job = entra.app('job', { api: 'graph', roles: ['User.Read.All'] }).claims;
  expect(job).toMatchObject({ aud: GRAPH, ver: '1.0', roles: ['User.Read.All'], idtyp: 'app' });
  const ada = entra.user('ada', { api: 'graph', scp: 'User.Read.All' }).claims;
  expect(ada).toMatchObject({ aud: GRAPH, scp: 'User.Read.All', upn: 'ada@contoso.onmicrosoft.com' });
  expect(entra.user('ada', { api: 'https://graph.microsoft.com/' }).claims.scp).toBe('User.Read');
});

it('the token endpoint gives an app the application permissions of its registration', async () => {
  const entra = await startEntra({
    apps: { job: { graph: ['User.Read.All', 'GroupMember.Read.All'] }, other: {} },
  });
  const roles = async (app: string) => {
    const form = { grant_type: 'client_credentials', client_secret: 'any', scope: DEFAULT };
    const { status, body } = await new Client(entra, app).token(form);
    expect(status).toBe(200);
    return claimsOf(String(body.access_token)).roles;
  };
  expect(await roles('job')).toEqual(['User.Read.All', 'GroupMember.Read.All']);
  expect(await roles('other')).toBeUndefined();
  // A user has none, not even one with the name of the app.
  expect(entra.user('job', { api: 'graph' }).claims.roles).toBeUndefined();
});

it.each([
  [['User.Raed.All'], 'apps.job.graph[0] is "User.Raed.All"', 'Did you mean "User.Read.All"?'],
  [['user.read.all'], 'apps.job.graph[0] is "user.read.all"', 'Did you mean "User.Read.All"?'],
  [['User.Read.All', 'nonsense-without-any-neighbour'], 'apps.job.graph[1]', 'Write one such as'],
  [[1], 'apps.job.graph[0] is 1', 'Write one such as'],
  ['User.Read.All', 'apps.job.graph is not a list', "['User.Read.All']"],
])('permissions %j are refused', async (graph, found, fix) => {
  const started = startEntra({ apps: { job: { graph: graph as string[] } } });
  await expect(started).rejects.toThrow(found);
  await expect(startEntra({ apps: { job: { graph: graph as string[] } } })).rejects.toThrow(fix);
});
