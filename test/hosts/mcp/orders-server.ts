import { allOf, memoryRevocations, noAgents, type Revocations, scopes, userRoles } from '@entra-guard/core';
import { type EntraMcp, entraMcp, type NodeHandler } from '@entra-guard/mcp';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import express from 'express5';
import { onTestFinished } from 'vitest';
import { listen } from '../../support/listen.js';

export type Tool = 'orders.list' | 'orders.create' | 'orders.purge' | 'orders.ship';

/** An MCP server on loopback, in front of which a local Entra signs users in. */
export interface OrdersServer {
  readonly entra: LocalEntra;
  readonly mcp: EntraMcp<Tool>;
  readonly url: URL;
  readonly revocations: Revocations;
  /** What was asked of the server, as `POST /mcp tools/call 200`, oldest first. */
  readonly requests: () => readonly string[];
  /** The challenges of the answers, oldest first. */
  readonly challenges: string[];
}

/** Starts the server. @param handlerOf makes what answers MCP, of one line of the SDK */
export async function startOrders(
  handlerOf: (mcp: EntraMcp<Tool>) => NodeHandler,
  options: { readonly facade?: boolean } = {},
): Promise<OrdersServer> {
  const app = express();
  const host = await listen(app);
  onTestFinished(() => host.close());
  const url = new URL(`${host.origin.replace('127.0.0.1', 'localhost')}/mcp`);
  const entra = await startEntra({
    port: 0,
    apps: {
      orders: {
        scopes: ['Orders.Read', 'Orders.Write'],
        appRoles: { 'Orders.Admin': ['User'] },
        applicationIdUri: url.href,
      },
      editor: { platform: 'public' },
    },
  });
  onTestFinished(() => entra.close());
  const revocations = memoryRevocations({ now: entra.now });
  const mcp = entraMcp({
    ...entra.options('orders'),
    log: false,
    revocations,
    resource: url.href,
    initialScopes: ['Orders.Read'],
    tools: {
      'orders.list': scopes('Orders.Read'),
      'orders.create': scopes('Orders.Write'),
      'orders.purge': allOf(scopes('Orders.Read'), userRoles('Orders.Admin')),
      'orders.ship': allOf(scopes('Orders.Read'), noAgents({ unknown: 'allow' })),
    },
    ...(options.facade ? { authorizationServer: { facade: 'metadata' } } : {}),
  });
  const answered: (() => string)[] = [];
  const challenges: string[] = [];
  app.use((req, res, next) => {
    answered.push(() => {
      // The body is there only of what was let in.
      const { method } = (req.body ?? {}) as { readonly method?: string };
      return [req.method, req.originalUrl, method, res.statusCode].filter(Boolean).join(' ');
    });
    res.on('finish', () => {
      const challenge = res.getHeader('www-authenticate');
      if (challenge !== undefined) challenges.push(String(challenge));
    });
    next();
  });
  app.use(mcp.express(handlerOf(mcp)));
  return { entra, mcp, url, revocations, requests: () => answered.map((one) => one()), challenges };
}
