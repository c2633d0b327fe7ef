import {
  allOf,
  approval,
  createGuard,
  type DecisionEvent,
  memoryApprovals,
  onEvent,
  scopes,
  whenAgent,
} from '@entra-guard/core';
import { ApprovalRequests } from '@entra-guard/core/approvals';
import { entraMcp } from '@entra-guard/mcp';
import type { IssuedToken } from '@entra-guard/testing';
import { expect, it, onTestFinished } from 'vitest';
import { entraOf, MODERN, RESOURCE, request } from './support/orders-server.js';

const PAGE = /^https:\/\/orders\.contoso\.com\/approvals\/[\w-]+$/;
/** By these claims a token says that no agent is involved. */
const person = { xms_act_fct: '1', xms_sub_fct: '1' };
const opensUrls = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } };

/** A server whose payments a person approves where an agent makes them. */
async function payments() {
  const entra = await entraOf();
  const approvals = memoryApprovals({ now: entra.now });
  const guard = createGuard({ ...entra.options('orders'), log: false, approvals });
  onTestFinished(() => guard.close());
  const routes = new ApprovalRequests(guard, { origin: 'https://orders.contoso.com' });
  const mcp = entraMcp({
    guard,
    resource: RESOURCE,
    denied: 'hide',
    tools: { pay: allOf(scopes('Orders.Write'), whenAgent(approval('pay'))), list: scopes('Orders.Write') },
  });
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const agent = entra.agent('helper', { api: 'orders', onBehalfOf: 'ada', scp: 'Orders.Write' });
  const post = async (body: object, token: IssuedToken, headers: Readonly<Record<string, string>> = {}) => {
    const asked = new Request(RESOURCE, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...token.headers, ...headers },
      body: JSON.stringify(body),
    });
    const response = await mcp.handle(asked, () => Response.json({ result: 'carried out' }));
    return {
      status: response.status,
      body: (await response.json()) as { readonly result?: unknown; readonly error?: unknown },
    };
  };
  const pay = (args: object, token: IssuedToken = agent) =>
    post(request('tools/call', { name: 'pay', arguments: args }), token);
  /** Decides as a person does on the page: by the ID in the link of a result. */
  const decide = (result: unknown, action: 'approve' | 'deny', token: IssuedToken) => {
    const id = /approvals\/([\w-]+)/.exec(JSON.stringify(result))?.[1] ?? '';
    return routes.answer({ request: { headers: token.headers }, method: 'POST', id, action });
  };
  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Write', ...person });
  return { entra, guard, mcp, events, agent, ada, post, pay, decide };
}

it('an agent asks, a person approves, and the very same call passes once', async () => {
  const { ada, pay, decide, events } = await payments();
  const asked = await pay({ to: 'bob', amount: 10 });
  expect(asked).toMatchObject({
    status: 200,
    body: {
      result: {
        isError: true,
        content: [{ text: expect.stringMatching(/https:\/\/orders\.contoso\.com\/approvals\//) }],
      },
    },
  });
  expect(events.at(-1)).toMatchObject({ outcome: 'deny', code: 'approval_required', tool: 'pay' });
  await decide(asked.body, 'approve', ada);
  expect((await pay({ amount: 10, to: 'bob' })).body.result).toBe('carried out');
  expect(events.at(-1)).toMatchObject({
    outcome: 'allow',
    tool: 'pay',
    approvalId: expect.any(String),
    argumentsDigest: expect.any(String),
    delegation: { user: expect.any(String), agent: expect.any(String) },
  });
  expect(await pay({ to: 'bob', amount: 10 })).toMatchObject({ body: { result: { isError: true } } });
});

it('an approval is for the arguments that were approved, and no others', async () => {
  const { ada, pay, decide } = await payments();
  await decide((await pay({ to: 'bob', amount: 10 })).body, 'approve', ada);
  expect(await pay({ to: 'bob', amount: 11 })).toMatchObject({ body: { result: { isError: true } } });
  expect(await pay({ to: 'eve', amount: 10 })).toMatchObject({ body: { result: { isError: true } } });
});

it('an agent does not approve what it has asked for', async () => {
  const { agent, pay, decide } = await payments();
  const asked = await pay({ to: 'bob', amount: 10 });
  await expect(decide(asked.body, 'approve', agent)).rejects.toThrow();
  expect(await pay({ to: 'bob', amount: 10 })).toMatchObject({ body: { result: { isError: true } } });
});

it('an approval ends', async () => {
  const { entra, pay, decide } = await payments();
  const asked = await pay({ to: 'bob', amount: 10 });
  entra.advance('11m');
  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Write', ...person });
  await expect(decide(asked.body, 'approve', ada)).rejects.toThrow();
});

it('what a person has denied is said to be denied, and not hidden', async () => {
  const { ada, pay, decide } = await payments();
  await decide((await pay({ to: 'bob', amount: 10 })).body, 'deny', ada);
  const refused = await pay({ to: 'bob', amount: 10 });
  expect(refused).toMatchObject({ status: 200, body: { result: { isError: true } } });
  expect(JSON.stringify(refused.body)).not.toContain('/approvals/');
});

it('a person needs no approval of her own call', async () => {
  const { ada, pay } = await payments();
  expect((await pay({ to: 'bob', amount: 10 }, ada)).body.result).toBe('carried out');
});

it.each<[string, object, Readonly<Record<string, string>>, object]>([
  [
    'that opens URLs is asked to open the page (2026-07-28)',
    opensUrls,
    MODERN,
    {
      resultType: 'input_required',
      inputRequests: {
        approval: {
          method: 'elicitation/create',
          params: { mode: 'url', message: expect.any(String), url: expect.stringMatching(PAGE) },
        },
      },
    },
  ],
  ['that does not is told the link', {}, MODERN, { isError: true, resultType: 'complete' }],
  ['of an earlier revision is told the link', opensUrls, {}, { isError: true }],
])('a client %s', async (_, meta, headers, result) => {
  const { agent, post } = await payments();
  const body = request('tools/call', { name: 'pay', arguments: { to: 'bob' }, _meta: meta });
  expect(await post(body, agent, headers)).toMatchObject({ status: 200, body: { id: 1, result } });
});

it('a batch that is refused for another call asks for no approval, and uses none up', async () => {
  const { ada, agent, pay, decide, post } = await payments();
  await decide((await pay({ to: 'bob', amount: 10 })).body, 'approve', ada);
  const batch = [
    request('tools/call', { name: 'pay', arguments: { to: 'bob', amount: 10 } }, 1),
    request('tools/call', { name: 'none', arguments: {} }, 2),
  ];
  await post(batch, agent);
  expect((await pay({ to: 'bob', amount: 10 })).body.result).toBe('carried out');
});
