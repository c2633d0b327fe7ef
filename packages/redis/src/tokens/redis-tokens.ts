import { randomUUID } from 'node:crypto';
import { type HealthPart, ownOptions } from '@entra-guard/core';
import { clientOf } from '../client/client-of.js';
import { ownPrefix } from '../client/own-prefix.js';
import type { RedisClient } from '../client/redis-client.js';
import { textReply } from '../client/replies.js';
import { assertKnown } from '../known-options.js';

/** Options of {@link redisTokens}. */
export interface RedisTokensOptions {
  /** What the names of all keys begin with. Default `'entra-guard:tokens'`. APIs with different key rings need different ones. */
  readonly prefix?: string;
}

/** A store for sealed tokens: pass it to `sealed(store, ring)` of `@entra-guard/downstream`. */
export interface RedisTokens {
  readonly shared: true;
  get(key: string): Promise<Uint8Array | undefined>;
  /** @param ttlMs for how long to keep them, in milliseconds */
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * @param ttlMs after how long the reservation ends, in milliseconds
   * @returns ends it; `undefined` if the key is reserved
   */
  lock(key: string, ttlMs: number): Promise<(() => Promise<void>) | undefined>;
  health(): HealthPart;
  /** Does nothing: the client is the application's. */
  close(): Promise<void>;
}

const WHAT = 'redisTokens(...)';

/** Ends a reservation that is still this process's: after its time it may be another one's. */
const RELEASE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

/**
 * Keeps sealed tokens in Redis, each with its end. Uses `GET`, `SET` with `PX`, `DEL` and `EVAL` of one key, so that it works with a
 * cluster, too. The store never waits on its own: `sealed(...)` limits how long a request waits for it.
 *
 * @param client of `redis` 5 or 6, or of `ioredis` 5 or 6
 * @throws ConfigurationError for anything else, and for unknown options
 */
export function redisTokens(client: RedisClient, options: RedisTokensOptions = {}): RedisTokens {
  const own = ownOptions(WHAT, options, ['prefix']);
  assertKnown(WHAT, own, ['prefix']);
  const prefix = ownPrefix(WHAT, own.prefix ?? 'entra-guard:tokens');
  // Told now, and not by the first request.
  clientOf(WHAT, client, prefix);
  const name = (key: string): string => `${prefix}:${key}`;
  let lastError: string | undefined;
  const send = async (key: string, command: string, ...args: readonly string[]): Promise<unknown> => {
    try {
      // A cluster finds the server by the key.
      const reply = await clientOf(WHAT, client, name(key)).send([command, ...args]);
      lastError = undefined;
      return reply;
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  return Object.freeze({
    shared: true,
    async get(key: string) {
      // As text: clients differ in how they hand out bytes.
      const text = textReply(await send(key, 'GET', name(key)));
      return text === undefined ? undefined : Buffer.from(text, 'base64');
    },
    async set(key: string, value: Uint8Array, ttlMs: number) {
      await send(key, 'SET', name(key), Buffer.from(value).toString('base64'), 'PX', milliseconds(ttlMs));
    },
    async delete(key: string) {
      await send(key, 'DEL', name(key));
    },
    async lock(key: string, ttlMs: number) {
      const owner = randomUUID();
      const reply = await send(key, 'SET', name(key), owner, 'NX', 'PX', milliseconds(ttlMs));
      if (reply === null || reply === undefined) return undefined;
      return async () => void (await send(key, 'EVAL', RELEASE, '1', name(key), owner));
    },
    health(): HealthPart {
      const facts = { part: 'downstream', name: prefix, shared: true } as const;
      return lastError === undefined
        ? { ...facts, status: 'up', message: 'Redis answers.' }
        : { ...facts, status: 'degraded', message: 'The last command to Redis failed.', lastError };
    },
    async close() {},
  });
}

const milliseconds = (ttlMs: number): string => String(Math.max(1, Math.floor(ttlMs)));
