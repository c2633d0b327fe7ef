import { type HealthPart, ownOptions, UnavailableError } from '@entra-guard/core';
import { clientOf } from '../client/client-of.js';
import { within } from '../client/deadline.js';
import { ownPrefix } from '../client/own-prefix.js';
import type { RedisClient } from '../client/redis-client.js';
import { membersReply, textReply } from '../client/replies.js';
import { assertKnown } from '../known-options.js';

/** Options of {@link redisSessions}. */
export interface RedisSessionsOptions {
  /** What the names of all keys begin with. Default `'entra-guard:sessions'`. Proxies with different keys need different ones. */
  readonly prefix?: string;
}

/** A store of sealed sessions of browsers: pass it to `createProxy({ sessions })` of `@entra-guard/proxy`. */
export interface RedisSessions {
  readonly shared: true;
  get(key: string): Promise<string | undefined>;
  /** @param ttlMs after how long the entry ends, in milliseconds */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Like `set`, and only for an entry that is there. @returns whether it was */
  replace(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Gets and deletes an entry in one step. */
  take(key: string): Promise<string | undefined>;
  delete(key: string): Promise<void>;
  /** Adds a member to a set, which ends no earlier than before. */
  add(index: string, member: string, ttlMs: number): Promise<void>;
  members(index: string): Promise<readonly string[]>;
  health(): HealthPart;
  /** Does nothing: the client is the application's. */
  close(): Promise<void>;
}

const WHAT = 'redisSessions(...)';
/** How long Redis may take for one command, in milliseconds: a browser waits. */
const LONGEST_MS = 1_000;

/** `PEXPIRE` with `GT` is of Redis 7. */
const ADD =
  "redis.call('sadd', KEYS[1], ARGV[1]) if redis.call('pttl', KEYS[1]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[1], ARGV[2]) end return 1";

/**
 * Keeps sessions of browsers in Redis, each with its end, so that all processes of a proxy see them, and a restart ends none. What is kept
 * is sealed by the proxy. Uses `GET`, `SET` with `PX` and `XX`, `GETDEL`, `DEL`, `SMEMBERS` and `EVAL` of one key, so that it works with a
 * cluster, too. Redis 6.2 or later.
 *
 * Each method rejects with an UnavailableError (`sessions_unavailable`) where Redis fails, or takes over a second: no request passes then
 * that needs a session.
 *
 * @param client of `redis` 5 or 6, or of `ioredis` 5 or 6
 * @throws ConfigurationError for anything else, and for unknown options
 */
export function redisSessions(client: RedisClient, options: RedisSessionsOptions = {}): RedisSessions {
  const own = ownOptions(WHAT, options, ['prefix']);
  assertKnown(WHAT, own, ['prefix']);
  const prefix = ownPrefix(WHAT, own.prefix ?? 'entra-guard:sessions');
  // Told now, and not by the first request.
  clientOf(WHAT, client, prefix);
  const name = (key: string): string => `${prefix}:${key}`;
  let lastError: string | undefined;
  const send = async (key: string, command: string, ...args: readonly string[]): Promise<unknown> => {
    try {
      // A cluster finds the server by the key.
      const reply = await within(
        LONGEST_MS,
        clientOf(WHAT, client, name(key)).send([command, ...args]),
        'Redis did not reply',
      );
      lastError = undefined;
      return reply;
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error);
      throw unavailable(error);
    }
  };
  return Object.freeze({
    shared: true,
    get: async (key: string) => textReply(await send(key, 'GET', name(key))),
    async set(key: string, value: string, ttlMs: number) {
      await send(key, 'SET', name(key), value, 'PX', milliseconds(ttlMs));
    },
    async replace(key: string, value: string, ttlMs: number) {
      const reply = await send(key, 'SET', name(key), value, 'XX', 'PX', milliseconds(ttlMs));
      return reply !== null && reply !== undefined;
    },
    take: async (key: string) => textReply(await send(key, 'GETDEL', name(key))),
    async delete(key: string) {
      await send(key, 'DEL', name(key));
    },
    async add(index: string, member: string, ttlMs: number) {
      await send(index, 'EVAL', ADD, '1', name(index), member, milliseconds(ttlMs));
    },
    members: async (index: string) => membersReply(await send(index, 'SMEMBERS', name(index))),
    health(): HealthPart {
      const facts = { part: 'sessions', name: prefix, shared: true } as const;
      return lastError === undefined
        ? { ...facts, status: 'up', message: 'Redis answers.' }
        : { ...facts, status: 'degraded', message: 'The last command to Redis failed.', lastError };
    },
    async close() {},
  });
}

const milliseconds = (ttlMs: number): string => String(Math.max(1, Math.floor(ttlMs)));

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError({
    part: 'sessions',
    message: 'Redis did not answer about a session.',
    hint: 'See the health of redisSessions(...), and whether Redis is reachable.',
    retryAfter: 5,
    cause,
  });
}
