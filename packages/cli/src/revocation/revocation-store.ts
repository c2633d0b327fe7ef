import type { Target } from '@entra-guard/core';
import { BadInputError } from '../bad-input.js';
import { REDIS_VARIABLE, redisAddress } from '../redis/redis-address.js';
import type { Session } from '../session.js';
import { apiStore } from './api-store.js';
import { redisStore } from './redis-store.js';

/** A record as the routes write it: times in ISO 8601, and `null` where it does not end. */
export interface RecordDocument {
  readonly id: string;
  readonly target: unknown;
  readonly because: string;
  readonly issuedBefore?: string;
  readonly until: string | null;
  readonly source?: string;
  readonly at: string;
  readonly reach: string;
}

/** What is asked for. Times are milliseconds since the epoch. */
export interface Revocation {
  readonly target: Target;
  readonly because: string;
  readonly issuedBefore?: number;
  readonly until?: number;
  readonly source: string;
}

/** Where revocations are: a Redis, or an API with the routes for them. */
export interface RevocationStore {
  /** For people. */
  readonly name: string;
  /** @returns the record, and whether the same was revoked before */
  revoke(revocation: Revocation): Promise<{ readonly record: RecordDocument; readonly before: boolean }>;
  /** @returns the newest first, and how many entries can't be read */
  list(target: Target | undefined): Promise<{
    readonly records: readonly RecordDocument[];
    readonly unreadable: number;
  }>;
  /** @returns whether it was lifted by this call, and not before */
  lift(id: string, because: string): Promise<boolean>;
}

/** Flags that name the store. */
export interface StoreFlags {
  readonly redis?: string;
  readonly prefix?: string;
  readonly api?: string;
  readonly token?: string;
}

/**
 * The store that flags and environment name.
 *
 * @param command what was run, after `entra-guard`
 * @throws BadInputError where they name none, or two
 */
export function chosenStore(
  session: Session,
  { redis, prefix, api, token }: StoreFlags,
  command: string,
): RevocationStore {
  if (api !== undefined) {
    const other = redis !== undefined ? '--redis' : prefix !== undefined ? '--prefix' : undefined;
    if (other !== undefined) {
      throw new BadInputError(
        `--api and ${other} name two stores.`,
        'Say which one: --api <url>, or --redis <url>.',
      );
    }
    return apiStore(session, api, token);
  }
  if (token !== undefined) {
    throw new BadInputError('--token is for an API.', 'Name the API with --api <url>, or leave it out.');
  }
  const address = redisAddress(redis, session.env);
  if (address === undefined) {
    throw new BadInputError(
      'Where are the revocations?',
      `Name the Redis of the API, with --redis <url> or in ${REDIS_VARIABLE}. Or name the API: --api <url>.`,
    );
  }
  return redisStore(session, address, prefix, command);
}
