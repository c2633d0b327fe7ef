import { type RevocationRecord, secondsOf, type Target, UnavailableError } from '@entra-guard/core';
import { endOfCutoff, RecordIndex, readTarget } from '@entra-guard/core/revocation';
import { readReply } from '../client/replies.js';
import { readEpoch } from '../log/epoch.js';
import { FIELDS, Publisher } from '../log/publisher.js';
import { type Held, type Lift, ReplicatedSet, type Written } from '../log/replicated-set.js';
import { ServerClock } from '../log/server-clock.js';
import { snapshot } from '../log/snapshot.js';
import { idIn, readShared, type Shared } from '../revocations/contents.js';
import type { Server } from './server.js';

/** How long tokens may live where no process has said so, in seconds. */
const USUAL = secondsOf('longestToken', '28h');
const PAGE = 1000;

/** All that Redis has at one moment, and what is written from then on. */
export class StoredRecords {
  readonly set: ReplicatedSet<Shared>;
  readonly index: RecordIndex;
  /** What processes have announced and no operator has taken back: seconds, by the ID of the entry. */
  readonly announced = new Map<string, number>();
  /** Releases that have written what this one can't read. */
  readonly writers = new Set<string>();
  readonly #server: Server;
  readonly #epoch: string;
  /** Records that were read before it is known how long tokens may live. */
  #unread: RevocationRecord[] | undefined = [];
  #last = '';

  private constructor(server: Server, epoch: string) {
    this.#server = server;
    this.#epoch = epoch;
    const { now } = server;
    const longestToken = () => this.longestToken;
    this.index = new RecordIndex({
      now,
      margin: undefined,
      get longestToken() {
        return longestToken();
      },
    });
    this.set = new ReplicatedSet(readShared, idIn, this.#listener(), now());
  }

  /** @throws ConfigurationError if no process has started on the prefix; what the client says (as rejections) */
  static async read(server: Server): Promise<StoredRecords> {
    const { connection, keys, now } = server;
    const records = new StoredRecords(server, await server.epoch());
    const { last } = await snapshot(connection, keys, records.set, 1, true, now);
    records.#last = last;
    records.#fill();
    return records;
  }

  /** How long a token may live, in seconds: the largest value that was announced, and 28 hours where there is none. */
  get longestToken(): number {
    return this.announced.size === 0 ? USUAL : Math.max(...this.announced.values());
  }

  list(target?: Target): readonly RevocationRecord[] {
    return this.index.list(target === undefined ? undefined : readTarget(target).key);
  }

  /** The entries of cutoffs that end too early for the tokens that are accepted, with their ends moved away. */
  prolonged(): readonly Held[] {
    const limits = { longestToken: this.longestToken, margin: undefined };
    return this.index.list().flatMap(({ id, issuedBefore }) => {
      const held = this.set.get(id);
      if (issuedBefore === undefined || held === undefined) return [];
      this.set.prolong(held, endOfCutoff(issuedBefore, limits));
      return held.sharedUntil < held.until ? [held] : [];
    });
  }

  /**
   * Writes entries, and reads them back.
   *
   * @throws what the client says; UnavailableError if Redis has confirmed them and does not have them (as rejections)
   */
  async write(entries: readonly Written[]): Promise<void> {
    const { client, connection, keys, now } = this.#server;
    const clock = new ServerClock();
    clock.observe(this.#last);
    for (const entry of entries) this.set.add(entry, 'local');
    await new Publisher(client, keys, clock, now).write(entries);
    const missing = new Set(entries.map(({ text }) => text));
    while (missing.size > 0) {
      const read = readReply(
        await connection.send(['XREAD', 'COUNT', String(PAGE), 'STREAMS', keys.log, this.#last]),
      );
      for (const { id, fields } of read) {
        missing.delete(fields.get(FIELDS.entry) ?? '');
        this.#last = id;
      }
      if (read.length === 0) break;
    }
    if (missing.size === 0 && (await readEpoch(connection, keys)) === this.#epoch) return;
    throw new UnavailableError({
      part: 'revocations',
      message:
        'Redis has confirmed the change, and does not have it: another server has taken over, or its data is lost.',
      hint: 'Run the command again.',
      retryAfter: 1,
    });
  }

  #fill(): void {
    const read = this.#unread ?? [];
    this.#unread = undefined;
    for (const record of read) this.index.add(record);
  }

  #put(record: RevocationRecord): void {
    if (this.#unread === undefined) this.index.add(record);
    else this.#unread.push(record);
  }

  #listener() {
    return {
      added: (value: Shared, until: number) => {
        if (value.kind === 'longest') this.announced.set(value.id, value.seconds);
        else this.#put({ ...value.record, until });
      },
      prolonged: (value: Shared, until: number) => {
        if (value.kind === 'record') this.#put({ ...value.record, until });
      },
      lifted: ({ lifts: id, because, at }: Lift, until: number) => {
        this.announced.delete(id);
        this.index.lift({ id, because, at, until });
      },
      liftProlonged: () => {},
      unreadable: (writer = 'an unknown writer') => void this.writers.add(writer),
    };
  }
}
