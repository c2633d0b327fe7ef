import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis6';
import * as redis5 from 'redis5';
import * as redis6 from 'redis6';
import type { IoRedisClient, NodeRedisClient, RedisClient } from '../../src/index.js';

/** A client that the test has made, as an application would. */
export interface TestClient {
  readonly client: RedisClient;
  /** Ends it. */
  close(): void;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

type Make = (port: number, login?: Login) => Promise<TestClient>;

interface Connecting extends NodeRedisClient {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
}

async function ofNodeRedis(client: Connecting): Promise<TestClient> {
  client.on('error', () => {});
  // A server that is down is a state that is tested: the client goes on trying.
  void client.connect().catch(() => {});
  return {
    client,
    close: () => {
      try {
        client.destroy();
      } catch {
        // It never connected.
      }
    },
  };
}

function ofIoRedis(
  client: IoRedisClient & { on(event: 'error', listener: () => void): unknown },
): TestClient {
  client.on('error', () => {});
  return { client, close: () => client.disconnect() };
}

const socket = (port: number) => ({ host: '127.0.0.1', port });

/** The clients that are supported, each with the protocol that is its default, and redis 5 with RESP3 too. */
export const clients: Readonly<Record<string, Make>> = {
  'redis 6': (port, login) => ofNodeRedis(redis6.createClient({ socket: socket(port), ...login })),
  'ioredis 5': async (port, login) => ofIoRedis(new Redis5({ ...socket(port), ...login })),
  'redis 5': (port, login) => ofNodeRedis(redis5.createClient({ socket: socket(port), ...login })),
  'redis 5, RESP3': (port, login) =>
    ofNodeRedis(redis5.createClient({ socket: socket(port), RESP: 3, ...login })),
  'redis 6, RESP2': (port, login) =>
    ofNodeRedis(redis6.createClient({ socket: socket(port), RESP: 2, ...login })),
  'ioredis 6': async (port, login) => ofIoRedis(new Redis6({ ...socket(port), ...login })),
  'ioredis 6, RESP2': async (port, login) =>
    ofIoRedis(new Redis6({ ...socket(port), protocol: 2, ...login })),
};

const full = process.env.ENTRA_GUARD_FULL === '1';

/** Two of the clients, or all with `ENTRA_GUARD_FULL=1`. */
export const clientNames = Object.keys(clients).slice(0, full ? undefined : 2);

export function connect(name: string, port: number, login?: Login): Promise<TestClient> {
  return (clients[name] as Make)(port, login);
}

/** Clusters, by the name of their client. */
export const clusters: Readonly<Record<string, (port: number) => Promise<TestClient>>> = {
  'redis 6': async (port) => {
    const client = redis6.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    client.on('error', () => {});
    await client.connect();
    return { client, close: () => void client.destroy() };
  },
  'redis 5': async (port) => {
    const client = redis5.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    client.on('error', () => {});
    await client.connect();
    return { client, close: () => void client.destroy() };
  },
  'ioredis 5': async (port) => ofIoRedis(new Cluster5([socket(port)])),
  'ioredis 6': async (port) => ofIoRedis(new Cluster6([socket(port)])),
};

/** Clients that ask a Sentinel for the server, by name. */
export const sentinels: Readonly<Record<string, (port: number) => Promise<TestClient>>> = {
  'redis 6': async (port) => {
    const client = redis6.createSentinel({ name: 'entra', sentinelRootNodes: [socket(port)] });
    client.on('error', () => {});
    await client.connect();
    return { client, close: () => void client.destroy() };
  },
  'ioredis 5': async (port) => ofIoRedis(new Redis5({ sentinels: [socket(port)], name: 'entra' })),
  'ioredis 6': async (port) => ofIoRedis(new Redis6({ sentinels: [socket(port)], name: 'entra' })),
};
