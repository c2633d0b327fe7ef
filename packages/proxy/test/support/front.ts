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
import { HOST, policyText } from './policy-text.js';
import { RawUpstream } from './raw-upstream.js';

export { HOST };

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

/** Starts all of it. */
export async function frontOf(front: Front, options: Partial<DecisionServiceOptions> = {}): Promise<Place> {
  const entra = await startEntra({ port: 0, apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'] } } });
  const upstream = await RawUpstream.start();
  const given = entra.options('orders');
  const policy = readPolicy(policyText(given.authority, given.clientId, upstream.port), { env: {} });
  const guard = createGuard({ ...given, log: false });
  const [servicePort, port] = [await freePort(), await freePort()];
  const { listen = `127.0.0.1:${servicePort}` } = options;
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
