import { type AuthContext, consoleLog, type RevocationRecord, type Revocations } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { redisRevocations } from '@entra-guard/redis';
import { createClient } from 'redis';
import { REVOKED_TENANT } from '../engine/redis.js';
import { startStopwatch } from '../engine/stopwatch.js';
import { answer } from './answering.js';
import { type Stall, watchStalls } from './stalls.js';

const [port = ''] = process.argv.slice(2);

/** When each record refused its caller here, in milliseconds since the epoch, with fractions. */
const refusedAt = new Map<string, number>();
let store: Revocations | undefined;

/** How a start went. */
export interface Started {
  readonly milliseconds: number;
  readonly processorSeconds: number;
  readonly stall: Stall;
  /** Bytes of the heap for each record; `NaN` for none. */
  readonly bytesPerRecord: number;
  /** Bytes of the whole process for each record. */
  readonly residentPerRecord: number;
}

const now = () => performance.timeOrigin + performance.now();
const person = (number: number) => `22222222-2222-4222-8222-${String(number).padStart(12, '0')}`;

/** Test callers exist only outside of production. */
function callers(objectId: string): AuthContext {
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = 'development';
  try {
    return testAuth({ kind: 'user', scopes: ['Read'], tenantId: REVOKED_TENANT, objectId });
  } finally {
    process.env.NODE_ENV = before;
  }
}

async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage();
}

/** Notes from when on a request of this caller is refused. */
function note({ target, id }: RevocationRecord): void {
  if (typeof target === 'string' || !('user' in target) || refusedAt.has(id)) return;
  if (store?.find(callers(target.user)) !== undefined) refusedAt.set(id, now());
}

let stalls: () => Stall = () => ({ wall: Number.NaN, processor: Number.NaN });

const questions = {
  start: async ({ weigh }: { readonly weigh: boolean }): Promise<Started> => {
    const client = createClient({ socket: { host: '127.0.0.1', port: Number(port) } });
    client.on('error', () => {});
    await client.connect();
    const before = await memory();
    const stalled = watchStalls();
    const watch = startStopwatch();
    store = redisRevocations(client, {
      whenStale: 'refuse',
      margin: 0,
      log: consoleLog,
      startTimeout: '10m',
    });
    await store.ready();
    const { seconds, processorSeconds } = watch.stop(1);
    const stall = stalled();
    store.onChange((change) => {
      if (change.change === 'revoked') note(change.record);
      // Read from the whole copy, which says of no single record that it is new.
      else if (change.change === 'all') for (const record of store?.list() ?? []) note(record);
    });
    const records = store.list().length;
    const after = weigh ? await memory() : before;
    return {
      milliseconds: 1000 * seconds,
      processorSeconds,
      stall,
      bytesPerRecord: (after.heapUsed - before.heapUsed) / records,
      residentPerRecord: (after.rss - before.rss) / records,
    };
  },
  /** Begins to look for stalls. */
  watch: () => {
    stalls = watchStalls();
  },
  /** The longest one since then. */
  stall: () => stalls(),
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
      const target = { user: person(index), tenantId: REVOKED_TENANT };
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
