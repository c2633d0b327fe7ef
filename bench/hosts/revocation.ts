import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type AuthContext, consoleLog, type Revocations } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { redisRevocations } from '@entra-guard/redis';
import { createClient } from 'redis';
import { answer } from './answering.js';

const [port = ''] = process.argv.slice(2);
const TENANT = '11111111-1111-4111-8111-111111111111';

/** When each record refused its caller here, in milliseconds since the epoch, with fractions. */
const refusedAt = new Map<string, number>();
let store: Revocations | undefined;

/** How a start went. */
export interface Started {
  readonly milliseconds: number;
  /** The longest time for which nothing else could run. */
  readonly stall: number;
  /** Bytes that each record occupies; `NaN` for none. */
  readonly bytesPerRecord: number;
}

const now = () => performance.timeOrigin + performance.now();
const person = (number: number) => `22222222-2222-4222-8222-${String(number).padStart(12, '0')}`;

/** Test callers exist only outside of production. */
function callers(objectId: string): AuthContext {
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = 'development';
  try {
    return testAuth({ kind: 'user', scopes: ['Read'], tenantId: TENANT, objectId });
  } finally {
    process.env.NODE_ENV = before;
  }
}

async function heap(): Promise<number> {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

const questions = {
  start: async ({ weigh }: { readonly weigh: boolean }): Promise<Started> => {
    const client = createClient({ socket: { host: '127.0.0.1', port: Number(port) } });
    client.on('error', () => {});
    await client.connect();
    const before = weigh ? await heap() : 0;
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    const begun = now();
    const started = redisRevocations(client, {
      whenStale: 'refuse',
      margin: 0,
      log: consoleLog,
      startTimeout: '10m',
    });
    await started.ready();
    const milliseconds = now() - begun;
    delays.disable();
    started.onChange((change) => {
      if (change.change !== 'revoked' || typeof change.record.target === 'string') return;
      const { target, id } = change.record;
      if (!('user' in target)) return;
      // The moment from which on a request of this caller is refused.
      if (started.find(callers(target.user)) !== undefined) refusedAt.set(id, now());
    });
    store = started;
    const records = started.list().length;
    const after = weigh ? await heap() : 0;
    return { milliseconds, stall: delays.max / 1e6, bytesPerRecord: (after - before) / records };
  },
  /** Revokes people one after another; returns when each call began. */
  revoke: async ({
    from,
    count,
    pause,
  }: {
    readonly from: number;
    readonly count: number;
    readonly pause: number;
  }) => {
    const begun: [string, number][] = [];
    for (let index = from; index < from + count; index++) {
      const at = now();
      const target = { user: person(index), tenantId: TENANT };
      const record = await (store as Revocations).revoke(target, { because: 'bench' });
      begun.push([record.id, at]);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return begun;
  },
  /** When which record refused. */
  refused: () => [...refusedAt],
};

export type RevocationQuestions = typeof questions;
answer(questions);
