import type { Client, Command, Connection } from './connection.js';
import { OPENING, within } from './deadline.js';

/** What is used of `Redis` and `Cluster` of ioredis 5 and 6. */
interface IoRedis {
  readonly isCluster?: boolean;
  readonly options?: { readonly redisOptions?: object };
  call(name: string, ...args: string[]): Promise<unknown>;
  multi(): IoRedisTransaction;
  duplicate(...args: unknown[]): IoRedisDuplicate;
}

interface IoRedisTransaction {
  call(name: string, ...args: string[]): unknown;
  exec(): Promise<readonly (readonly [Error | null, unknown])[] | null>;
}

interface IoRedisDuplicate extends IoRedis {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  disconnect(): void;
}

/** The reader waits longer for a reply than the application may allow, and starts again when a connection ends. */
const WITHOUT_TIMEOUTS = { commandTimeout: undefined, blockingTimeout: undefined, socketTimeout: undefined };
const never = () => null;
const ONCE = {
  lazyConnect: true,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: false,
  retryStrategy: never,
  sentinelRetryStrategy: never,
};

/** Speaks to a client of ioredis. */
export function ioredis(given: unknown): Client {
  const client = given as IoRedis;
  const cluster = client.isCluster === true;
  return {
    name: cluster ? 'ioredis cluster' : 'ioredis',
    cluster,
    send: ([name, ...args]) => client.call(name, ...args),
    transaction: async (commands) => {
      const transaction = client.multi();
      for (const [name, ...args] of commands) transaction.call(name, ...args);
      const replies = await transaction.exec().catch(rethrowFirst);
      if (replies === null) throw new Error('The transaction was not run.');
      for (const [refusal] of replies) if (refusal) throw refusal;
    },
    open: () => opened(duplicateOf(client, cluster)),
  };
}

/** Throws why a transaction was discarded: the error for EXEC says only that it was. */
function rethrowFirst(reason: { readonly previousErrors?: readonly Error[] } & Error): never {
  throw reason.previousErrors?.[0] ?? reason;
}

function duplicateOf(client: IoRedis, cluster: boolean): IoRedisDuplicate {
  if (!cluster) return client.duplicate({ ...ONCE, ...WITHOUT_TIMEOUTS });
  const redisOptions = { ...client.options?.redisOptions, ...WITHOUT_TIMEOUTS };
  return client.duplicate([], { lazyConnect: true, clusterRetryStrategy: never, redisOptions });
}

async function opened(duplicate: IoRedisDuplicate): Promise<Connection> {
  // Without a listener, ioredis prints errors. What fails is told by the command that fails.
  duplicate.on('error', () => {});
  const destroy = () => duplicate.disconnect();
  try {
    await within(OPENING, duplicate.connect(), 'The server did not accept a connection');
  } catch (reason) {
    destroy();
    throw reason;
  }
  return { send: ([name, ...args]: Command) => duplicate.call(name, ...args), destroy };
}
