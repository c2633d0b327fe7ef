import { ConfigurationError } from '@entra-guard/core';
import { clientOf } from '../client/client-of.js';
import type { Client, Command, Connection } from '../client/connection.js';
import { within } from '../client/deadline.js';
import type { RedisClient } from '../client/redis-client.js';
import { readEpoch } from '../log/epoch.js';
import { assertHashTag, type Keys, keysOf, STANDARD_PREFIX } from '../log/keys.js';

/** Options of what operators do. */
export interface OperatorOptions {
  /** The beginning of all keys, as the processes have it. Default `'{entra-guard}'`. */
  readonly prefix?: string;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** For how long the server may take to reply, in milliseconds. */
const WAITS = 5000;

/** One prefix of a server, and the operator's client. */
export class Server {
  readonly client: Client;
  readonly keys: Keys;
  readonly prefix: string;
  readonly now: () => number;
  /** The client, with a deadline for every reply. */
  readonly connection: Connection;

  /** @throws ConfigurationError for anything that is not a client, and for a prefix that is not valid */
  constructor(what: string, given: RedisClient, { prefix, now = () => Date.now() }: OperatorOptions) {
    this.keys = keysOf(what, prefix);
    this.prefix = prefix ?? STANDARD_PREFIX;
    this.client = clientOf(what, given, this.keys.state);
    if (this.client.cluster) assertHashTag(what, this.prefix);
    this.now = now;
    this.connection = {
      send: (command) => within(WAITS, this.client.send(command), 'Redis did not reply'),
      destroy: () => {},
    };
  }

  send(command: Command): Promise<unknown> {
    return this.connection.send(command);
  }

  /**
   * Returns the epoch, which tells that a process has started on this prefix.
   *
   * @throws ConfigurationError if there is none: what would be written then concerns no process that is known of
   */
  async epoch(): Promise<string> {
    const epoch = await readEpoch(this.connection, this.keys);
    if (epoch !== undefined) return epoch;
    throw new ConfigurationError(
      `No process has started on the prefix '${this.prefix}' of this Redis, or its data is lost.`,
      'Compare the address, the database and the prefix with those of the API. If none has started yet, run: entra-guard revocations init',
    );
  }
}
