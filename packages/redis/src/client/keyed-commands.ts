import type { HealthPart } from '@entra-guard/core';
import { clientOf } from './client-of.js';
import { ownPrefix } from './own-prefix.js';
import type { RedisClient } from './redis-client.js';

/** Commands about the entries of one store, and how the last one went. */
export interface KeyedCommands {
  /** The name in Redis of one of the store's keys. */
  name(key: string): string;
  /**
   * Sends a command about a key.
   *
   * @throws what the client does (as a rejection)
   */
  send(key: string, command: string, ...args: readonly string[]): Promise<unknown>;
  health(part: HealthPart['part']): HealthPart;
}

/**
 * @param what the calling function, for errors
 * @param given the option `prefix`, or its default
 * @param limited limits how long a reply may take
 * @throws ConfigurationError for what is not a client, and for a prefix that is not one
 */
export function keyedCommands(
  what: string,
  client: RedisClient,
  given: unknown,
  limited: <T>(reply: Promise<T>) => Promise<T> = (reply) => reply,
): KeyedCommands {
  const prefix = ownPrefix(what, given);
  // Told now, and not by the first request.
  clientOf(what, client, prefix);
  const name = (key: string): string => `${prefix}:${key}`;
  let lastError: string | undefined;
  return {
    name,
    async send(key, command, ...args) {
      try {
        // A cluster finds the server by the key.
        const reply = await limited(clientOf(what, client, name(key)).send([command, ...args]));
        lastError = undefined;
        return reply;
      } catch (error) {
        lastError = error instanceof Error ? error.message : String(error);
        throw error;
      }
    },
    health(part) {
      const facts = { part, name: prefix, shared: true } as const;
      return lastError === undefined
        ? { ...facts, status: 'up', message: 'Redis answers.' }
        : { ...facts, status: 'degraded', message: 'The last command to Redis failed.', lastError };
    },
  };
}

/** A time for `PX`: whole milliseconds, and at least one. */
export const milliseconds = (ttlMs: number): string => String(Math.max(1, Math.floor(ttlMs)));
