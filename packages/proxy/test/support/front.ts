import { createGuard, type Guard } from '@entra-guard/core';
import {
  createDecisionService,
  createProxy,
  type DecisionServiceOptions,
  type ListeningProxy,
  type ListeningService,
  type ProxyOptions,
  serverConfiguration,
} from '@entra-guard/proxy';
import { type Policy, readPolicy } from '@entra-guard/proxy/policy';
import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { freePort } from '../../../../scripts/free-port.mjs';
import { type Front, FrontServer, type ServerFront } from './front-server.js';
import { HOST, policyText } from './policy-text.js';
import { RawUpstream } from './raw-upstream.js';

export { HOST };

/** Applications behind a server, and a decision service that it asks. */
export interface Place {
  readonly entra: LoopbackEntra;
  readonly upstream: RawUpstream;
  readonly guard: Guard;
  readonly policy: Policy;
  readonly service: Pick<ListeningService, 'adminUrl' | 'issuer' | 'use'>;
  readonly port: number;
  close(): Promise<void>;
}

/** A server that asks a decision service. */
export interface ServerPlace extends Place {
  readonly service: ListeningService;
  readonly server: FrontServer;
  /** Begins the service again, where it was. */
  serve(options?: Partial<DecisionServiceOptions>): Promise<ListeningService>;
}

interface Backstage {
  readonly entra: LoopbackEntra;
  readonly upstream: RawUpstream;
  readonly guard: Guard;
  readonly policy: Policy;
}

async function backstage(): Promise<Backstage> {
  const entra = await startEntra({ port: 0, apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'] } } });
  const upstream = await RawUpstream.start();
  const given = entra.options('orders');
  const policy = readPolicy(policyText(given.authority, given.clientId, upstream.port), { env: {} });
  return { entra, upstream, policy, guard: createGuard({ ...given, log: false }) };
}

async function clear({ entra, upstream, guard }: Backstage): Promise<void> {
  await upstream.close();
  await guard.close();
  await entra.close();
}

/** Starts applications behind what stands in front. */
export function placeOf(front: Front): Promise<Place> {
  return front === 'embedded' ? embeddedPlace() : frontOf(front);
}

/** Starts the proxy that decides itself. */
export async function embeddedPlace(
  options: Partial<ProxyOptions> = {},
): Promise<Place & { readonly service: ListeningProxy }> {
  const behind = await backstage();
  const { policy, guard } = behind;
  const service = await createProxy({
    policy,
    guard,
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    log: false,
    ...options,
  }).listen();
  return {
    ...behind,
    service,
    port: Number(new URL(service.url).port),
    async close() {
      await service.close();
      await clear(behind);
    },
  };
}

/** Starts all of it. */
export async function frontOf(
  front: ServerFront,
  options: Partial<DecisionServiceOptions> = {},
): Promise<ServerPlace> {
  const behind = await backstage();
  const { policy, guard } = behind;
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
    ...behind,
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
      await clear(behind);
    },
  };
}
