import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DecisionEvent, onEvent } from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../src/app.js';

const HUMAN = { xms_act_fct: '1', xms_sub_fct: '1' };

async function serving() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const resource = `${origin}/mcp`;
  const entra = await startEntra({
    port: 0,
    apps: {
      orders: {
        applicationIdUri: resource,
        scopes: ['Orders.Read', 'Orders.Write', 'Approvals.Decide'],
        appRoles: { 'Orders.Admin': ['User'] },
        optionalClaims: ['xms_act_fct', 'xms_sub_fct', 'xms_par_app_azp'],
      },
    },
  });
  const { app, guard } = createApp({
    guard: { ...entra.options(), log: false },
    resource,
    page: {
      clientId: entra.clientIdOf('orders'),
      authority: entra.authority,
      scope: `${resource}/Approvals.Decide`,
    },
  });
  server.on('request', app);
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await guard.close();
    await entra.close();
  });
  /** A client with the token of one caller, as an editor has. */
  const connect = async (token: string): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    onTestFinished(() => client.close());
    const headers = { authorization: `Bearer ${token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(resource), { requestInit: { headers } }));
    return client;
  };
  const decide = (token: string, path: string, method = 'POST') =>
    fetch(`${origin}/api/approvals/${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  return { entra, origin, connect, decide };
}

const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);
async function call(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: args })) as { content: { text?: string }[] };
  return String(content[0]?.text);
}

const write = 'Orders.Read Orders.Write';

describe('the MCP server for orders', () => {
  it('shows each caller the tools that they may use', async () => {
    const { entra, connect } = await serving();
    const all = ['orders.list', 'orders.create', 'orders.pay'];
    // A tool that lacks only a scope is shown: it can be asked for.
    const reader = await connect(entra.user('ada', { scp: 'Orders.Read', ...HUMAN }).token);
    expect(await names(reader)).toEqual(all);
    const admin = await connect(entra.user('alan', { scp: write, roles: ['Orders.Admin'], ...HUMAN }).token);
    expect(await names(admin)).toEqual([...all, 'orders.delete']);
    const agent = await connect(
      entra.agent('helper', { onBehalfOf: 'alan', scp: write, roles: ['Orders.Admin'] }).token,
    );
    expect(await names(agent)).toEqual(all);
    await expect(call(agent, 'orders.delete', { id: 1 })).rejects.toThrow('not found');
  });

  it('lets an agent place ten orders an hour, and a person as many as she likes', async () => {
    const { entra, connect } = await serving();
    const order = { item: 'tea', amount: 1 };
    const person = await connect(entra.user('ada', { scp: write, ...HUMAN }).token);
    for (let n = 0; n < 11; n += 1) expect(await call(person, 'orders.create', order)).toContain('"tea"');
    const agent = await connect(entra.agent('helper', { onBehalfOf: 'ada', scp: write }).token);
    for (let n = 0; n < 10; n += 1) expect(await call(agent, 'orders.create', order)).toContain('"tea"');
    await expect(call(agent, 'orders.create', order)).rejects.toThrow('429');
  });

  it('lets an agent pay what a person has approved, once', async () => {
    const { entra, connect, decide } = await serving();
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
    const agent = await connect(entra.agent('helper', { onBehalfOf: 'ada', scp: write }).token);
    const pay = { id: 2, amount: 480 };
    const asked = await call(agent, 'orders.pay', pay);
    const id = /approvals\/([\w-]+)/.exec(asked)?.[1] as string;

    // Only she can approve, with the page's own scope, and never through the agent.
    const ada = entra.user('ada', { scp: 'Approvals.Decide', ...HUMAN }).token;
    expect(
      (await decide(entra.user('bob', { scp: 'Approvals.Decide', ...HUMAN }).token, `${id}/approve`)).status,
    ).toBe(404);
    expect((await decide(entra.user('ada', { scp: write, ...HUMAN }).token, `${id}/approve`)).status).toBe(
      403,
    );
    const itself = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Approvals.Decide' }).token;
    expect((await decide(itself, `${id}/approve`)).status).toBe(403);
    const shown = (await (await decide(ada, id, 'GET')).json()) as { readonly of: unknown };
    expect(shown).toMatchObject({ operation: 'orders.pay', of: pay, state: 'pending' });

    expect(await call(agent, 'orders.pay', pay)).toContain(id);
    expect((await decide(ada, `${id}/approve`)).status).toBe(200);
    // Another payment is not what she has approved.
    expect(await call(agent, 'orders.pay', { id: 2, amount: 481 })).not.toContain('"paid":true');
    expect(await call(agent, 'orders.pay', pay)).toContain('"paid":true');
    expect(await call(agent, 'orders.pay', pay)).toMatch(/approvals\//);
    const used = events.filter(({ tool, outcome }) => tool === 'orders.pay' && outcome === 'allow');
    expect(used).toMatchObject([
      {
        approvalId: id,
        argumentsDigest: expect.any(String),
        delegation: { client: entra.clientIdOf('helper') },
      },
    ]);
  });

  it('serves a page without data, which loads nothing from elsewhere', async () => {
    const { origin } = await serving();
    const page = await fetch(`${origin}/approvals/any`);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    const html = await page.text();
    for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      if (address?.startsWith('data:')) continue;
      expect((await fetch(new URL(address as string, origin))).status, address).toBe(200);
      expect(address).toMatch(/^\//);
    }
    expect(await (await fetch(`${origin}/approve.json`)).json()).toMatchObject({
      auth: { redirectUri: `${origin}/approvals` },
    });
  });
});
