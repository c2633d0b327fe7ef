import { ConfigurationError } from '@entra-guard/core';
import type { Client } from './connection.js';
import { ioredis } from './ioredis.js';
import { nodeRedis } from './node-redis.js';

/**
 * Recognises the application's client by what it can do, so that no package of a client has to be installed.
 *
 * @param what the function that was given the client, for errors
 * @param key one of the keys that are used
 * @throws ConfigurationError for anything that is not a client of `redis` or `ioredis`
 */
export function clientOf(what: string, given: unknown, key: string): Client {
  if (typeof given !== 'object' || given === null) {
    throw notAClient(what, `${given === null ? 'null' : typeof given}`);
  }
  const has = (...names: string[]) =>
    names.every((name) => typeof (given as Record<string, unknown>)[name] === 'function');
  // ioredis has sendCommand as well, with another meaning.
  if (has('call', 'multi', 'duplicate', 'disconnect')) return ioredis(given);
  if (has('sendCommand', 'multi', 'connect')) {
    if (has('duplicate', 'destroy')) return nodeRedis(given, key);
    if (has('acquire', 'destroy')) {
      throw noSecondConnection(
        what,
        "createSentinel(...) of redis 5, which can't open a second connection",
        'redis 6',
      );
    }
    if (has('execute')) {
      throw noSecondConnection(what, 'a pool of connections', 'createClient(...)');
    }
    throw noSecondConnection(what, 'a client of redis 4 or earlier', 'redis 5 or 6');
  }
  throw notAClient(what, "an object that has neither ioredis's call() nor redis's sendCommand()");
}

function noSecondConnection(what: string, found: string, instead: string): ConfigurationError {
  return new ConfigurationError(`${what} was given ${found}.`, `Use ${instead}, or ioredis 5 or 6.`);
}

function notAClient(what: string, found: string): ConfigurationError {
  return new ConfigurationError(
    `${what} was given ${found} instead of a Redis client.`,
    'Pass a client of the package redis (5 or 6) or ioredis (5 or 6), such as createClient({ url }).',
  );
}
