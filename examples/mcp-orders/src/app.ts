import {
  allOf,
  approval,
  approvalRoutes,
  type ExpressGuard,
  type ExpressGuardOptions,
  entraGuard,
  limit,
  memoryApprovals,
  memoryBudgets,
  noAgents,
  scopes,
  userRoles,
  whenAgent,
} from '@entra-guard/express';
import { entraMcp } from '@entra-guard/mcp';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import express, { type Express } from 'express';
import { z } from 'zod';
import { approvalPage, type PageOptions } from './approval-page.js';
import { OrderBook } from './order-book.js';

/** What the server is set up with. */
export interface OrdersMcpOptions {
  /** Whose tokens it accepts: `optionsFromEnv()` in production, `entra.options()` in tests. */
  readonly guard: ExpressGuardOptions;
  /** The URL of the MCP server, which is the application ID URI of its registration. */
  readonly resource: string;
  /** How the page signs in who approves. */
  readonly page: PageOptions;
}

/** The application, and its guard, to be closed with it. */
export interface OrdersMcp {
  readonly app: Express;
  readonly guard: ExpressGuard;
}

/** Creates an MCP server for orders, on which people may do more than their agents. */
export function createApp(options: OrdersMcpOptions): OrdersMcp {
  const { resource, page } = options;
  const { origin } = new URL(resource);
  const orders = new OrderBook();
  const guard = entraGuard({ ...options.guard, budgets: memoryBudgets(), approvals: memoryApprovals() });
  const write = scopes('Orders.Write');
  const mcp = entraMcp({
    guard,
    resource,
    resourceName: 'Orders',
    initialScopes: ['Orders.Read'],
    tools: {
      'orders.list': scopes('Orders.Read'),
      // People write as much as they like, agents ten times an hour.
      'orders.create': allOf(write, whenAgent(limit({ calls: 10, per: '1h', by: 'agent' }))),
      // An agent pays only what a person has looked at.
      'orders.pay': allOf(write, whenAgent(approval('orders.pay'))),
      'orders.delete': allOf(write, userRoles('Orders.Admin'), noAgents()),
    },
  });

  const handler = createMcpHandler(({ authInfo }) => {
    const server = new McpServer({ name: 'orders', version: '1.0.0' });
    const { tool } = mcp.registrar(server, authInfo);
    tool('orders.list', { description: 'Lists all orders.' }, () => answer(orders.list()));
    tool(
      'orders.create',
      {
        description: 'Places an order.',
        inputSchema: z.object({ item: z.string().min(1), amount: z.number().positive() }),
      },
      ({ item, amount }, context) => answer(orders.place(item, amount, mcp.authOf(context).subjectKey)),
    );
    tool(
      'orders.pay',
      {
        description: 'Pays an order. The amount has to be that of the order.',
        inputSchema: z.object({ id: z.number().int(), amount: z.number().positive() }),
      },
      ({ id, amount }) => answer(orders.pay(id, amount) ?? 'There is no such order to be paid.'),
    );
    tool(
      'orders.delete',
      { description: 'Deletes an order.', inputSchema: z.object({ id: z.number().int() }) },
      ({ id }) => answer(orders.delete(id) ? 'Deleted.' : 'There is no such order.'),
    );
    return server;
  });

  const app = express().disable('x-powered-by');
  app.use(mcp.express(toNodeHandler(handler)));
  // What the page asks. A scope of its own keeps other clients of a person from approving in her name.
  app.use('/api', approvalRoutes(guard, { origin, allow: scopes('Approvals.Decide') }));
  // Open on purpose: the page itself, which knows nothing until its user has signed in.
  app.use(approvalPage(guard, page));
  guard.assertAllGuarded(app);
  return { app, guard };
}

const answer = (data: unknown) => ({
  content: [{ type: 'text' as const, text: typeof data === 'string' ? data : JSON.stringify(data) }],
});
