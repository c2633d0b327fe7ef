import { allOf, inGroups, memoryRevocations, scopes } from '@entra-guard/core';
import { createDownstream, secretFrom } from '@entra-guard/downstream';
import { entraGuard } from '@entra-guard/express';
import { graphLeavers, groupsFromGraph } from '@entra-guard/graph';
import { startEntra } from '@entra-guard/testing';
import express from 'express5';
import { expect, it, onTestFinished } from 'vitest';

const SECRET = 'local-secret-of-orders';

/** An API that asks the local Graph as itself, through the APIs that it calls anyway. */
async function started() {
  const entra = await startEntra({
    apps: {
      orders: {
        secret: SECRET,
        scopes: ['Orders.Read'],
        graph: ['User.Read.All', 'User.ReadBasic.All', 'GroupMember.Read.All'],
      },
    },
    users: { ada: {}, bob: {} },
    groups: { auditors: ['ada'] },
  });
  const revocations = memoryRevocations({ margin: 0, oneProcess: true });
  const options = { ...entra.options('orders'), log: false } as const;
  const guard = entraGuard({ ...options, revocations, groupsOf: groupsFromGraph(() => apis.graph) });
  onTestFinished(() => guard.close());
  const { apis } = createDownstream({
    guard,
    credential: secretFrom(() => SECRET),
    apis: { graph: { baseUrl: entra.graph, appScope: 'https://graph.microsoft.com/.default' } },
  });
  return { entra, guard, apis, revocations };
}

it('the leaver feed asks Graph through it', async () => {
  const { entra, apis, revocations } = await started();
  const feed = graphLeavers({
    revocations,
    tenantId: entra.tenantId,
    graph: apis.graph.asApp(),
    pollEvery: '10s',
    log: false,
  });
  onTestFinished(() => feed.stop());
  entra.disable('ada');
  await feed.start();
  const { oid } = entra.user('ada').claims;
  await expect
    .poll(() => revocations.list({ user: String(oid), tenantId: entra.tenantId }), { timeout: 5000 })
    .toMatchObject([{ source: `graph:${entra.tenantId}` }]);
});

it('groups that a token does not hold are asked for through it', async () => {
  const { entra, guard, apis } = await started();
  const { value } = await apis.graph.asApp().json<{ value: { id: string }[] }>('/groups?$select=id');
  const [auditors] = value.map(({ id }) => id);
  const app = express();
  app.get('/audit', guard.require(allOf(scopes('Orders.Read'), inGroups(String(auditors)))), (_req, res) => {
    res.json('audited');
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const ask = async (user: string) => {
    const { headers } = entra.user(user, { scp: 'Orders.Read', hasgroups: true });
    return (await fetch(`http://127.0.0.1:${port}/audit`, { headers })).status;
  };
  expect([await ask('ada'), await ask('bob')]).toEqual([200, 403]);
});
