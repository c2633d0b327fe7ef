import type { Client, Command, Connection } from '../client/connection.js';
import { within } from '../client/deadline.js';
import type { Keys } from './keys.js';
import type { Written } from './replicated-set.js';
import type { ServerClock } from './server-clock.js';

/** For how long a write may wait for its reply, in milliseconds. */
export const WRITING = 5000;
/** How long the stream keeps entries. A reader that was away for longer reads the sorted set. */
const LOG_KEEPS = 7_200_000;
/** How much later than its end an entry is removed: a process that starts may have a clock that is behind. */
const STATE_KEEPS = 600_000;
const BATCH = 200;

/**
 * Names of the fields of the stream. A question and an answer are in the stream alone, and concern no entry: releases that don't know
 * them pass over them.
 */
export const FIELDS = { entry: 'entry', until: 'until', question: 'question', answer: 'answer' } as const;

/** Writes entries to the server. */
export class Publisher {
  readonly #client: Client;
  readonly #keys: Keys;
  readonly #clock: ServerClock;
  readonly #now: () => number;

  constructor(client: Client, keys: Keys, clock: ServerClock, now: () => number) {
    this.#client = client;
    this.#keys = keys;
    this.#clock = clock;
    this.#now = now;
  }

  /**
   * Writes entries, each batch with all of it or none. What is there already stays, and ends at the later of both times.
   *
   * @throws what the client or the server says (as a rejection); DeadlineError after 5 seconds. The entries may be written all the same.
   */
  async write(entries: readonly Written[]): Promise<void> {
    for (let from = 0; from < entries.length; from += BATCH) {
      const commands = this.#commands(entries.slice(from, from + BATCH));
      await within(WRITING, this.#client.transaction(commands), 'Redis did not confirm what was written');
    }
  }

  /**
   * Writes entries over a connection that can't run a transaction. Should it end between two commands, they are written again, which
   * does no harm.
   */
  async writeOver(connection: Connection, entries: readonly Written[]): Promise<void> {
    for (let from = 0; from < entries.length; from += BATCH) {
      const [first, ...rest] = this.#commands(entries.slice(from, from + BATCH));
      // First the state: who reads it from now on has the entries, and who has read it before gets them from the stream.
      if (first !== undefined) await connection.send(first);
      await Promise.all(rest.map((command) => connection.send(command)));
    }
  }

  #commands(entries: readonly Written[]): readonly Command[] {
    const { state, log } = this.#keys;
    const oldest = String(Math.max(0, this.#clock.now() - LOG_KEEPS));
    // By the earlier of two clocks. What ends too early would be gone for processes that start.
    const ended = Math.min(this.#now(), this.#clock.now()) - STATE_KEEPS;
    return [
      ['ZADD', state, 'GT', ...entries.flatMap(({ text, until }) => [score(until), text])],
      ...entries.map(
        ({ text, until }): Command => [
          'XADD',
          log,
          'MINID',
          '~',
          oldest,
          '*',
          FIELDS.entry,
          text,
          FIELDS.until,
          score(until),
        ],
      ),
      ['ZREMRANGEBYSCORE', state, '-inf', String(ended)],
    ];
  }
}

/** Prints an end as a score. */
export function score(until: number): string {
  return until === Number.POSITIVE_INFINITY ? '+inf' : String(until);
}
