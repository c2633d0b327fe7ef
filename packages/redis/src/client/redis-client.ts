/** A client of `ioredis` 5 or 6: `new Redis(...)` with or without Sentinel, or `new Cluster(...)`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  multi(): unknown;
  duplicate(): unknown;
  disconnect(): void;
}

/** A client of `redis` 5 or 6: `createClient(...)`, `createCluster(...)`, and `createSentinel(...)` of version 6. */
export interface NodeRedisClient {
  sendCommand(...args: never[]): Promise<unknown>;
  multi(...args: never[]): unknown;
  connect(): Promise<unknown>;
  duplicate(): unknown;
}

/**
 * A client of `redis` or `ioredis`, as the application has made it: addresses, TLS, user and password are its. The store sends
 * its commands through it, and reads on a second connection with the same settings. It never closes the client.
 */
export type RedisClient = IoRedisClient | NodeRedisClient;
