import { allOf, noAgents, scopes, userRoles } from '@entra-guard/core';
import { entraGuard } from '@entra-guard/express';
import { entraMcp } from '@entra-guard/mcp';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express from 'express';
import { z } from 'zod';

const guard = entraGuard({
  tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
  clientId: '00001111-aaaa-2222-bbbb-3333cccc4444',
  applicationIdUri: 'https://mcp.contoso.com/mcp',
});
const mcp = entraMcp({
  guard,
  resource: 'https://mcp.contoso.com/mcp',
  initialScopes: ['Orders.Read'],
  tools: {
    'orders.list': scopes('Orders.Read'),
    'orders.purge': allOf(scopes('Orders.Write'), userRoles('Orders.Admin'), noAgents()),
  },
});

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  const { tool } = mcp.registrar(server, authInfo);
  tool('orders.list', { inputSchema: z.object({ first: z.number() }) }, ({ first }, ctx) => {
    const most: number = first;
    return { content: [{ type: 'text', text: `${most} of ${mcp.authOf(ctx).objectId}` }] };
  });
  // @ts-expect-error: it has no requirement.
  tool('orders.lsit', {}, () => ({ content: [] }));
  return server;
});

const app = express();
app.use(mcp.express(toNodeHandler(handler)));
app.use(
  mcp.express(async (req, res, body) => {
    const server = new McpServer1({ name: 'orders', version: '1.0.0' });
    mcp.registrar(server).tool('orders.list', { inputSchema: { first: z.number() } }, ({ first }, extra) => ({
      content: [{ type: 'text', text: `${first.toFixed()} of ${mcp.authOf(extra).objectId}` }],
    }));
    const transport = new StreamableHTTPServerTransport({});
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    await transport.handleRequest(req, res, body);
  }),
);
app.get('/orders/:id', guard.require(scopes('Orders.Read')), (req, res) => {
  const id: string = req.params.id;
  res.json({ id, caller: req.auth.objectId });
});
guard.assertAllGuarded(app);
