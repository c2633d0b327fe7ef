import { type HealthPart, ownOptions, UnavailableError } from '@entra-guard/core';
import { within } from '../client/deadline.js';
import { keyedCommands, milliseconds } from '../client/keyed-commands.js';
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
  const commands = keyedCommands(WHAT, client, own.prefix ?? 'entra-guard:sessions', (reply) =>
    within(LONGEST_MS, reply, 'Redis did not reply'),
  );
  const { name, health } = commands;
  const send: typeof commands.send = async (...command) => {
    try {
      return await commands.send(...command);
    } catch (error) {
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
    health: () => health('sessions'),
    async close() {},
  });
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError({
    part: 'sessions',
    message: 'Redis did not answer about a session.',
    hint: 'See the health of redisSessions(...), and whether Redis is reachable.',
    retryAfter: 5,
    cause,
  });
}
