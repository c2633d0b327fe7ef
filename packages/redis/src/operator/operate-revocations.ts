import {
  type Duration,
  ownOptions,
  type RevocationRecord,
  type RevokeOptions,
  type Target,
} from '@entra-guard/core';
import {
  readReason,
  readRevocation,
  recordOf,
  recordText,
  tombstoneText,
  unknown,
} from '@entra-guard/core/revocation';
import type { RedisClient } from '../client/redis-client.js';
import { LIFTS_LONGER } from '../log/replicated-set.js';
import { WRITER } from '../revocations/writer.js';
import { type ChangedLongestToken, changeLongestToken } from './change-longest-token.js';
import { type OperatorOptions, Server } from './server.js';
import { StoredRecords } from './stored-records.js';

/** What has become of a call of {@link RevocationOperator.revoke}. */
export interface RevokedByOperator {
  readonly record: RevocationRecord;
  /** Whether the same was revoked before. */
  readonly before: boolean;
}

/** Revocations over Redis, for a command that ends. All that it writes was read back when its promise resolves. */
export interface RevocationOperator {
  /** How long a token may live, in seconds: one value for all processes. */
  readonly longestToken: number;
  /** How many entries this release can't read, and the releases that have written them. */
  readonly unreadable: { readonly count: number; readonly writers: readonly string[] };
  /** Returns the records of a target, or all; the newest first. @throws ConfigurationError for a target that is not valid */
  list(target?: Target): readonly RevocationRecord[];
  /**
   * Revokes access in all processes that share the records.
   *
   * @throws ConfigurationError for a target, reason or time that is not valid; UnavailableError; what the client says (as rejections)
   */
  revoke(target: Target, options: RevokeOptions): Promise<RevokedByOperator>;
  /**
   * Ends a record. Returns it; `undefined` if it was lifted before.
   *
   * @throws ConfigurationError if there is no such record, or no reason; UnavailableError; what the client says (as rejections)
   */
  lift(id: string, options: { readonly because: string }): Promise<RevocationRecord | undefined>;
  /**
   * Sets how long a token may live. Takes 5 seconds, in which processes that were started with more say so.
   *
   * @throws ConfigurationError that names these processes, and then nothing has changed; UnavailableError; what the client says (as
   * rejections)
   */
  setLongestToken(value: Duration): Promise<ChangedLongestToken>;
}

/**
 * Reads the revocations that processes share over Redis, to list and to change them from a command. Takes no part in sharing:
 * it announces nothing, and knows nothing of later changes.
 *
 * @param client a client of `redis` 5 or 6, or of `ioredis` 5 or 6, connected. It is not closed.
 * @throws ConfigurationError for anything else, invalid options, and a prefix on which no process has started; what the client says
 * (as rejections)
 */
export async function operateRevocations(
  client: RedisClient,
  options: OperatorOptions = {},
): Promise<RevocationOperator> {
  const server = new Server('operateRevocations(...)', client, options);
  return new Operator(server, await StoredRecords.read(server));
}

class Operator implements RevocationOperator {
  readonly #server: Server;
  readonly #records: StoredRecords;

  constructor(server: Server, records: StoredRecords) {
    this.#server = server;
    this.#records = records;
  }

  get longestToken(): number {
    return this.#records.longestToken;
  }

  get unreadable(): RevocationOperator['unreadable'] {
    const { set, writers } = this.#records;
    return { count: set.unreadable, writers: [...writers] };
  }

  list(target?: Target): readonly RevocationRecord[] {
    return this.#records.list(target);
  }

  async revoke(target: Target, options: RevokeOptions): Promise<RevokedByOperator> {
    const { index, set } = this.#records;
    const limits = { longestToken: this.longestToken, margin: undefined };
    const read = readRevocation(target, options, this.#server.now(), limits);
    const same = index.same(read.key, read.issuedBefore, read.source);
    if (same !== undefined) {
      const held = set.get(same.id);
      if (held !== undefined) {
        set.prolong(held, read.until);
        if (held.sharedUntil < held.until) await this.#records.write([held]);
      }
      return { record: index.get(same.id) ?? same, before: true };
    }
    const record = recordOf(read, 'shared');
    await this.#records.write([{ text: recordText(record, WRITER), until: record.until }]);
    return { record: index.get(record.id) ?? record, before: false };
  }

  async lift(id: string, options: { readonly because: string }): Promise<RevocationRecord | undefined> {
    const because = readReason('lift(...)', ownOptions('lift(id, …)', options, ['because']).because);
    const { index, set } = this.#records;
    const record = index.get(id);
    if (record === undefined && set.liftOf(id) !== undefined) return undefined;
    if (record === undefined) throw unknown(id);
    const until = record.until + LIFTS_LONGER;
    const tombstone = { id, because, at: this.#server.now(), until };
    await this.#records.write([{ text: tombstoneText(tombstone, WRITER), until }]);
    return record;
  }

  setLongestToken(value: Duration): Promise<ChangedLongestToken> {
    return changeLongestToken(this.#server, this.longestToken, value);
  }
}
