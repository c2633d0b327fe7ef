import { connect, type Socket } from 'node:net';
import { createGuard, type Guard } from '@entra-guard/core';
import {
  createDecisionService,
  type DecisionServiceOptions,
  type ListeningService,
} from '@entra-guard/proxy';
import { type Policy, readPolicy } from '@entra-guard/proxy/policy';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { policyText } from './policy-text.js';
import { type RawAnswer, readAnswer, request } from './raw-client.js';

export type Header = readonly [name: string, value: string];

/** A service without a server in front. */
export interface Serving {
  readonly entra: InProcessEntra;
  readonly guard: Guard;
  readonly policy: Policy;
  readonly service: ListeningService;
  /** Sends one request as it is. */
  send(line: string, headers: readonly Header[]): Promise<RawAnswer>;
  close(): Promise<void>;
}

export async function serving(options: Partial<DecisionServiceOptions> = {}): Promise<Serving> {
  const entra = await startEntra({ apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'] } } });
  const given = entra.options('orders');
  const policy = readPolicy(policyText('http://localhost:1/tenant', given.clientId, 1), { env: {} });
  const guard = createGuard({ ...given, log: false });
  const service = await createDecisionService({
    policy,
    guard,
    dialect: 'nginx',
    listen: '127.0.0.1:0',
    ...options,
  }).listen();
  return {
    entra,
    guard,
    policy,
    service,
    async send(line, headers) {
      const socket = dial(service.url);
      socket.on('error', () => {});
      socket.write(request(line, [['Host', 'service'], ...headers]));
      try {
        return await readAnswer(socket, line.startsWith('HEAD '));
      } finally {
        socket.destroy();
      }
    },
    async close() {
      await service.close();
      await guard.close();
      await entra.close();
    },
  };
}

function dial(url: string): Socket {
  if (url.startsWith('unix:')) return connect(url.slice('unix:'.length));
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

/** What a server in front says of a request to the orders application. */
export function forwarded(changes: Readonly<Record<string, string | undefined>> = {}): readonly Header[] {
  const facts: Readonly<Record<string, string | undefined>> = {
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-Uri': '/orders/42?page=2',
    'X-Forwarded-Host': 'orders.contoso.example',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-For': '10.0.0.9',
    ...changes,
  };
  return Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
