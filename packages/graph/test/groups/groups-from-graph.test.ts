import { type AuthContext, allOf, createGuard, inGroups, scopes } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { startEntra } from '@entra-guard/testing';
import { describe, expect, it } from 'vitest';
import { type GroupGraph, groupsFromGraph } from '../../src/index.js';

const oid = '11111111-2222-4333-8444-555555555555';
const tenantId = '22222222-2222-4222-8222-222222222222';

function graphThat(answers: (path: string, init: RequestInit) => unknown) {
  const tenants: string[] = [];
  const graph: GroupGraph = {
    asApp: (options) => {
      tenants.push(options.tenantId);
      return { json: async (path, init) => answers(path, init) };
    },
  };
  return { graph, tenants };
}

const user = testAuth({ kind: 'user', scopes: ['Read'], tenantId, objectId: oid });
const app = testAuth({ kind: 'app', roles: ['Read.All'], tenantId, objectId: oid });

describe('groupsFromGraph(...)', () => {
  it.each<[string, AuthContext, string]>([
    ['a user', user, `/users/${oid}/getMemberObjects`],
    ['a service principal', app, `/servicePrincipals/${oid}/getMemberObjects`],
  ])("asks for %s as the application, in the caller's tenant", async (_, auth, path) => {
    const asked: unknown[] = [];
    const { graph, tenants } = graphThat((...request) => {
      asked.push(request);
      return { value: ['a', 'b'] };
    });
    expect(await groupsFromGraph(() => graph)(auth)).toEqual(['a', 'b']);
    expect(tenants).toEqual([tenantId]);
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"securityEnabledOnly":false}',
    };
    expect(asked).toEqual([[path, init]]);
  });

  it('asks for the API when it needs it, so that it may be made later', async () => {
    let graph: GroupGraph | undefined;
    const groupsOf = groupsFromGraph(() => graph as GroupGraph);
    await expect(groupsOf(user)).rejects.toThrow();
    graph = graphThat(() => ({ value: [] })).graph;
    expect(await groupsOf(user)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['no list', { value: 'a' }],
    ['nothing', undefined],
    ['a list of other things', { value: ['a', 7] }],
    ['a list with a hole', { value: ['a', null] }],
    ['one page of several', { value: ['a'], '@odata.nextLink': 'https://graph.microsoft.com/v1.0/x' }],
    ['an error', { error: { code: 'X' } }],
    ['a list itself', ['a']],
  ])('takes no answer for groups that is %s', async (_, answer) => {
    const { graph } = graphThat(() => answer);
    await expect(groupsFromGraph(() => graph)(user)).rejects.toThrow('a complete list of object IDs');
  });

  it('does not ask for a caller without an object ID', async () => {
    const { graph, tenants } = graphThat(() => ({ value: [] }));
    const nameless = Object.create(user, { objectId: { value: '../me' } }) as AuthContext;
    await expect(groupsFromGraph(() => graph)(nameless)).rejects.toThrow('no object ID');
    expect(tenants).toEqual([]);
  });

  it('refuses an API instead of a function', () => {
    expect(() => groupsFromGraph({} as never)).toThrow('Pass a function that returns the API');
  });

  it('resolves the groups of a caller who has too many, against the local Graph', async () => {
    await using entra = await startEntra({
      users: { ada: {} },
      groups: { staff: ['ada'], everyone: ['staff'] },
      apps: { orders: { scopes: ['Read'] } },
    });
    const { headers } = entra.app('job', {
      api: 'graph',
      roles: ['GroupMember.Read.All', 'User.ReadBasic.All'],
    });
    const { graph } = graphThat(async (path, init) => {
      const answer = await entra.fetch(`${entra.graph}${path}`, {
        ...init,
        headers: { ...headers, ...(init.headers as object) },
      });
      return answer.json();
    });
    const guard = createGuard({ ...entra.options('orders'), groupsOf: groupsFromGraph(() => graph) });
    const token = entra.user('ada', {
      api: 'orders',
      scp: 'Read',
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: 'https://graph.windows.net/x' } },
    });
    const groups = (await (
      await entra.fetch(`${entra.graph}/groups`, {
        headers: entra.app('job', { api: 'graph', roles: ['Group.Read.All'] }).headers,
      })
    ).json()) as { value: { id: string; displayName: string }[] };
    const everyone = groups.value.find(({ displayName }) => displayName === 'everyone')?.id ?? '';
    const request = { headers: token.headers };
    const auth = await guard.require(request, allOf(scopes('Read'), inGroups(everyone)));
    expect(auth.objectId).toBe(entra.objectIdOf('ada'));
    const other = guard.require(request, allOf(scopes('Read'), inGroups(oid)));
    await expect(other).rejects.toMatchObject({ code: 'group_missing' });
    await guard.close();
  });
});
