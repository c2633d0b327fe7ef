// A project with the SDKs, @entra-guard/mcp and @entra-guard/express compiles (skipLibCheck), and names of tools are checked.
import type { IncomingMessage } from 'node:http';
import { type AuthContext, entraGuard, scopes } from '@entra-guard/express';
import { entraMcp, type Middleware } from '@entra-guard/mcp';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer as McpServer2 } from '@modelcontextprotocol/server';
import type { Express } from 'express5';
import { z } from 'zod';

declare const app: Express;

const guard = entraGuard({ tenantId: '', clientId: '' });
const mcp = entraMcp({
  guard,
  resource: 'https://mcp.contoso.com/mcp',
  tools: { 'orders.list': scopes('Orders.Read'), 'orders.create': scopes('Orders.Write') },
  prompts: { summary: scopes('Orders.Read') },
  resources: { 'orders://{id}': scopes('Orders.Read') },
});
const words = (text: string) => ({ content: [{ type: 'text' as const, text }] });

export const first: Middleware = mcp.express(async (req, res, body) => {
  const server = new McpServer({ name: 'orders', version: '1' });
  const { tool, prompt } = mcp.registrar(server);
  tool('orders.list', { inputSchema: { first: z.number(), after: z.string().optional() } }, (args, extra) => {
    const { first, after }: { first: number; after?: string | undefined } = args;
    const auth: AuthContext = mcp.authOf(extra);
    extra.signal.throwIfAborted();
    return words(`${first} ${after} ${auth.objectId}`);
  });
  tool('orders.create', { inputSchema: z.object({ amount: z.number() }) }, ({ amount }) =>
    words(amount.toFixed()),
  );
  // @ts-expect-error there is no such tool
  tool('orders.lsit', {}, () => words(''));
  // @ts-expect-error a tool returns content
  tool('orders.list', {}, () => 'text');
  // @ts-expect-error the amount is a number
  tool('orders.create', { inputSchema: { amount: z.number() } }, ({ amount }) => words(amount.trim()));
  prompt('summary', { argsSchema: { day: z.string() } }, ({ day }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: day.trim() } }],
  }));
  const transport = new StreamableHTTPServerTransport({});
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  await transport.handleRequest(req, res, body);
});

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer2({ name: 'orders', version: '1' });
  const { tool, resource } = mcp.registrar(server, authInfo);
  tool('orders.list', { inputSchema: z.object({ first: z.number() }) }, async ({ first }, ctx) => {
    ctx.mcpReq.signal.throwIfAborted();
    return words(`${first.toFixed()} ${mcp.authOf(ctx).objectId}`);
  });
  tool('orders.create', {}, (ctx) => words(mcp.authOf(ctx).clientId));
  // @ts-expect-error there is no such resource
  resource('order', 'orders://{nr}', {}, (uri) => ({ contents: [{ uri: uri.href, text: '' }] }));
  return server;
});
app.use(mcp.express(toNodeHandler(handler)));
app.all('/mcp', mcp.gate(), mcp.serve(toNodeHandler(handler)));
app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => {
  res.json({ caller: mcp.authOf(req).objectId });
});

export const caller = (req: IncomingMessage): AuthContext => mcp.authOf(req);

export const web = async (request: Request): Promise<Response> => {
  const authInfo = mcp.authInfoOf(request);
  return (
    (await mcp.handle(request)) ?? (await handler.fetch(request, authInfo === undefined ? {} : { authInfo }))
  );
};
export const whole = (request: Request): Promise<Response> => mcp.handle(request, handler.fetch);

// @ts-expect-error a tool without a requirement
entraMcp({ guard, resource: '', tools: { 'orders.list': undefined } });
// @ts-expect-error a scope as text
entraMcp({ guard, resource: '', tools: { 'orders.list': 'Orders.Read' } });
// @ts-expect-error another word
entraMcp({ guard, resource: '', tools: {}, denied: 'hidden' });
