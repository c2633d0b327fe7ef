import {
  allOf,
  approval,
  createGuard,
  type Grant,
  memoryApprovals,
  scopes,
  whenAgent,
} from '@entra-guard/core';
import { ApprovalRequests } from '@entra-guard/core/approvals';
import { expect, it } from 'vitest';
import { entraMcp } from '../src/index.js';
import { call, ordersServer, RESOURCE, request } from './support/orders-server.js';

const origin = 'https://orders.contoso.com';
const read = scopes('Orders.Read');
const approved = (operation: string): Grant => allOf(read, whenAgent(approval(operation)));

/** A server whose tools and resources need approvals of what they are called with. */
async function serving() {
  const { entra } = await ordersServer();
  const approvals = memoryApprovals();
  const guard = createGuard({ ...entra.options('orders'), log: false, approvals });
  const requests = new ApprovalRequests(guard, { origin, allow: read });
  const handled: unknown[] = [];
  const mcp = entraMcp({
    guard,
    resource: RESOURCE,
    initialScopes: ['Orders.Read'],
    tools: { pay: approved('orders.pay') },
    resources: { 'orders://{id}': approved('orders.open') },
  });
  const agent = entra.agent('helper', { api: 'orders', onBehalfOf: 'ada', scp: 'Orders.Read' });
  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read', xms_act_fct: '1', xms_sub_fct: '1' });
  const post = async (body: object) => {
    const made = new Request(RESOURCE, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...agent.headers },
      body: JSON.stringify(body),
    });
    const answer = await mcp.handle(made, async () => {
      handled.push(body);
      return Response.json({ jsonrpc: '2.0', id: 1, result: { content: [] } });
    });
    return answer?.text() ?? '';
  };
  /** Asks, and has Ada approve what was asked for. */
  const approve = async (body: object) => {
    const [, id = ''] = /\/approvals\/([\w-]{32})/.exec(await post(body)) ?? [];
    return requests.answer({ request: ada, method: 'POST', id, action: 'approve' });
  };
  return { post, approve, handled };
}

it('a tool is called once with the very arguments that a person has approved', async () => {
  const { post, approve, handled } = await serving();
  const pay = (amount: number) => call('pay', { amount });
  expect(await approve(pay(120))).toMatchObject({
    body: { operation: 'orders.pay', of: { amount: 120 }, state: 'approved' },
  });
  expect(await post(pay(121))).toContain(`${origin}/approvals/`);
  expect(handled).toEqual([]);
  await post(pay(120));
  expect(handled).toHaveLength(1);
  expect(await post(pay(120))).toContain(`${origin}/approvals/`);
  expect(handled).toHaveLength(1);
});

it('a resource is read once at the very URI that a person has approved', async () => {
  const { post, approve, handled } = await serving();
  const open = (uri: string) => request('resources/read', { uri });
  expect(await approve(open('orders://7'))).toMatchObject({
    body: { operation: 'orders.open', of: { uri: 'orders://7' } },
  });
  expect(await post(open('orders://8'))).toContain(`${origin}/approvals/`);
  expect(handled).toEqual([]);
  await post(open('orders://7'));
  expect(handled).toHaveLength(1);
});
