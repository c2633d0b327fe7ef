import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Socket } from 'node:net';
import { createGuard, type Guard, memoryRevocations, type Revocations } from '@entra-guard/core';
import { createProxy, type ListeningProxy, type ProxyOptions } from '@entra-guard/proxy';
import { type Policy, readPolicy } from '@entra-guard/proxy/policy';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { HOST, policyText } from './policy-text.js';

/** A test's application, with the embedded proxy in front of it. */
export interface Behind {
  readonly entra: InProcessEntra;
  readonly guard: Guard;
  readonly revocations: Revocations;
  readonly policy: Policy;
  readonly proxy: ListeningProxy;
  readonly port: number;
  /** The head of a request of a reader of orders. */
  readonly reader: { readonly Host: string; readonly Authorization: string };
  close(): Promise<void>;
}

/** @param port where the application listens; its URL in place of it for another scheme */
export async function behind(port: number | string, options: Partial<ProxyOptions> = {}): Promise<Behind> {
  const entra = await startEntra({ apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'] } } });
  const given = entra.options('orders');
  const revocations = memoryRevocations();
  const guard = createGuard({ ...given, revocations, log: false });
  const text = policyText('http://localhost:1/tenant', given.clientId, 1);
  const upstream = typeof port === 'string' ? port : `http://127.0.0.1:${port}`;
  const policy = readPolicy(text.replaceAll('http://127.0.0.1:1', upstream), { env: {} });
  const proxy = await createProxy({
    policy,
    guard,
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    log: false,
    ...options,
  }).listen();
  return {
    entra,
    guard,
    revocations,
    policy,
    proxy,
    port: Number(new URL(proxy.url).port),
    reader: { Host: HOST, Authorization: `Bearer ${entra.user('ada', { scp: 'Orders.Read' }).token}` },
    async close() {
      await proxy.close();
      await guard.close();
      await revocations.close();
      await entra.close();
    },
  };
}

/** A server that a test ends. */
export interface Started {
  readonly port: number;
  /** How many connections it has taken. */
  connections(): number;
  close(): Promise<void>;
}

/** An application that answers by HTTP. @param tls its certificate and key, in PEM */
export async function application(
  listener: RequestListener,
  tls?: { readonly cert: string; readonly key: string },
): Promise<Started & { readonly server: Server }> {
  const server = tls === undefined ? createHttp(listener) : createHttps(tls, listener);
  let count = 0;
  server.on('connection', () => {
    count += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as { port: number }).port,
    connections: () => count,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An application that answers with bytes. */
export async function bytesApplication(
  serve: (socket: Socket, count: number) => void,
  port = 0,
): Promise<Started> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createTcp((socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, count);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    connections: () => count,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
