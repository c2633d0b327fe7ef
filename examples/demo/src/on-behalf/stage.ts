import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDownstream, secretFrom } from '@entra-guard/downstream';
import { authOf, type ExpressGuard, entraGuard, scopes } from '@entra-guard/express';
import { type AppRegistrations, type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { registrations } from '../registrations.js';

/** A web app, the orders API that it calls, and the stock API that the orders API calls for its users. */
const apps = {
  'orders-web': registrations['orders-web'],
  orders: { scopes: ['Orders.Read'], secret: 'orders-secret' },
  stock: { scopes: ['Stock.Read'] },
} as const satisfies AppRegistrations;

/** A local Entra with its Graph, and two APIs. */
export interface OnBehalfStage {
  readonly entra: LoopbackEntra;
  /** Origin of the orders API. */
  readonly orders: string;
  close(): Promise<void>;
}

type Handle = (request: IncomingMessage) => Promise<unknown>;

/** Starts a local Entra, the stock API, and the orders API, which calls the stock API and Graph for its callers. */
export async function setOnBehalfStage(): Promise<OnBehalfStage> {
  const entra = await startEntra({ apps, port: 0, users: { ada: { displayName: 'Ada Lovelace' } } });
  const stockGuard = entraGuard({ ...entra.options('stock'), log: () => {} });
  const stock = await serving(
    guarded(stockGuard, 'Stock.Read', async (request) => ({ for: authOf(request)?.objectId, books: 3 })),
  );

  const ordersGuard = entraGuard({ ...entra.options('orders'), log: () => {} });
  const { apis, close: closeDownstream } = createDownstream({
    guard: ordersGuard,
    credential: secretFrom(() => apps.orders.secret),
    apis: {
      graph: { baseUrl: entra.graph, scopes: ['https://graph.microsoft.com/User.Read'] },
      stock: { baseUrl: originOf(stock), scopes: [`api://${entra.clientIdOf('stock')}/Stock.Read`] },
    },
  });
  const orders = await serving(
    guarded(ordersGuard, 'Orders.Read', async (request) =>
      request.url === '/me'
        ? apis.graph.forCaller(request).json('/me?$select=displayName')
        : apis.stock.forCaller(request).json('/items'),
    ),
  );

  const close = async () => {
    for (const server of [orders, stock]) {
      server.close();
      server.closeAllConnections();
    }
    await closeDownstream();
    await Promise.all([ordersGuard.close(), stockGuard.close()]);
    await entra.close();
  };
  return { entra, orders: originOf(orders), close };
}

/** Lets in callers with the scope, and answers what the handler returns. What it throws is answered as the guard does. */
function guarded(guard: ExpressGuard, scope: string, handle: Handle): RequestListener {
  const check = guard.require(scopes(scope));
  const answerError = guard.answerErrors();
  return (request, response) => {
    const failed = (error: unknown) =>
      answerError(error, request, response, () => response.writeHead(500).end());
    check(request, response, (error?: unknown) => {
      if (error === undefined)
        handle(request)
          .then((body) => send(response, body))
          .catch(failed);
      else failed(error);
    });
  };
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function serving(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function originOf(server: Server): string {
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
