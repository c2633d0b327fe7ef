import type { Client, Command, Connection } from './connection.js';
import { OPENING, within } from './deadline.js';

/** What is used of clients, clusters and sentinels of `redis` 5 and 6. */
interface NodeRedis {
  readonly options?: { readonly socket?: object };
  readonly nodeClient?: unknown;
  readonly acquire?: unknown;
  sendCommand(...args: unknown[]): Promise<unknown>;
  multi(): NodeRedisTransaction;
  duplicate(overrides?: object): NodeRedisDuplicate;
}

interface NodeRedisTransaction {
  addCommand(...args: unknown[]): unknown;
  exec(): Promise<unknown>;
}

interface NodeRedisDuplicate extends NodeRedis {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
}

/** How the three kinds want to be given a command. */
interface Kind {
  readonly name: string;
  readonly cluster: boolean;
  given(command: Command): readonly unknown[];
}

/**
 * Speaks to a client of `redis`.
 *
 * @param key any of the keys: it names the server of a cluster
 */
export function nodeRedis(given: unknown, key: string): Client {
  const client = given as NodeRedis;
  const { name, cluster, given: args } = kindOf(client, key);
  return {
    name,
    cluster,
    send: async (command) => client.sendCommand(...args(command)),
    transaction: async (commands) => {
      const transaction = client.multi();
      for (const command of commands) transaction.addCommand(...args(command));
      await transaction.exec();
    },
    open: () => opened(client.duplicate(overridesOf(client)), args),
  };
}

function kindOf(client: NodeRedis, key: string): Kind {
  if (typeof client.nodeClient === 'function') {
    return { name: 'redis cluster', cluster: true, given: (command) => [key, false, [...command]] };
  }
  if (typeof client.acquire === 'function') {
    return { name: 'redis sentinel', cluster: false, given: (command) => [false, [...command]] };
  }
  return { name: 'redis', cluster: false, given: (command) => [[...command]] };
}

/** A connection that has ended is not used again, so it must not reconnect. Clusters and sentinels have no such option. */
function overridesOf({ options }: NodeRedis): object | undefined {
  if (options?.socket === undefined) return undefined;
  return { socket: { ...options.socket, reconnectStrategy: false, socketTimeout: undefined } };
}

async function opened(duplicate: NodeRedisDuplicate, args: Kind['given']): Promise<Connection> {
  // Without a listener, an error would end the process. What fails is told by the command that fails.
  duplicate.on('error', () => {});
  const destroy = () => {
    try {
      duplicate.destroy();
    } catch {
      // It was closed before.
    }
  };
  const send = (command: Command) => duplicate.sendCommand(...args(command));
  try {
    await within(OPENING, duplicate.connect(), 'The server did not accept a connection');
  } catch (reason) {
    destroy();
    throw reason;
  }
  return { send, destroy };
}
