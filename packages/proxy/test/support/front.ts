import { createGuard, type Guard } from '@entra-guard/core';
import {
  createDecisionService,
  type DecisionServiceOptions,
  type ListeningService,
  serverConfiguration,
} from '@entra-guard/proxy';
import { type Policy, readPolicy } from '@entra-guard/proxy/policy';
import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { type Front, FrontServer, freePort } from './front-server.js';
import { RawUpstream } from './raw-upstream.js';

export const HOST = 'orders.contoso.example';

/** Applications behind a server, and a decision service that it asks. */
export interface Place {
  readonly entra: LoopbackEntra;
  readonly upstream: RawUpstream;
  readonly guard: Guard;
  readonly policy: Policy;
  readonly service: ListeningService;
  readonly server: FrontServer;
  readonly port: number;
  /** Begins the service again, where it was. */
  serve(options?: Partial<DecisionServiceOptions>): Promise<ListeningService>;
  close(): Promise<void>;
}

/** The policy of the tests with servers. */
export const policyText = (authority: string, clientId: string, upstream: number): string => `version: 1
entra: { authority: ${authority}, clientId: ${clientId} }
assertion: { issuer: 'https://gate.contoso.example' }
apps:
  orders:
    host: ${HOST}
    upstream: http://127.0.0.1:${upstream}
    audience: orders
    cors: { origins: ['https://portal.contoso.example'], maxAge: 10m }
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: a probe }
      - { path: /public/**, methods: [any], require: anonymous(), because: a test }
      - { path: /orders/**, methods: [GET, POST], require: scopes('Orders.Read') }
      - { path: /admin/**, methods: [any], require: "allOf(scopes('Orders.Write'), authContext('c1'))" }
      - { path: /upload, methods: [POST], require: scopes('Orders.Read') }
  raw:
    host: raw.contoso.example
    upstream: http://127.0.0.1:${upstream}
    identity: none
    passToken: true
    rules:
      - { path: /**, methods: [any], require: anonymous(), because: a test }
`;

/** Starts all of it. */
export async function frontOf(front: Front, options: Partial<DecisionServiceOptions> = {}): Promise<Place> {
  const entra = await startEntra({ port: 0, apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'] } } });
  const upstream = await RawUpstream.start();
  const given = entra.options('orders');
  const policy = readPolicy(policyText(given.authority, given.clientId, upstream.port), { env: {} });
  const guard = createGuard({ ...given, log: false });
  const [servicePort, port] = [await freePort(), await freePort()];
  const listen = `127.0.0.1:${servicePort}`;
  const serve = (changes: Partial<DecisionServiceOptions> = {}) =>
    createDecisionService({
      policy,
      guard,
      dialect: front,
      listen,
      admin: '127.0.0.1:0',
      ...options,
      ...changes,
    }).listen();
  let service = await serve();
  const files = serverConfiguration(policy, front, { service: listen, server: `127.0.0.1:${port}` });
  const server = await FrontServer.start(front, files, port);
  return {
    entra,
    upstream,
    guard,
    policy,
    get service() {
      return service;
    },
    server,
    port,
    async serve(changes) {
      service = await serve(changes);
      return service;
    },
    async close() {
      await server.close();
      await service.close();
      await upstream.close();
      await guard.close();
      await entra.close();
    },
  };
}
