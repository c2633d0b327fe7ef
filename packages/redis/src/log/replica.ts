import type { Client, Connection } from '../client/connection.js';
import { within } from '../client/deadline.js';
import { numberReply, ReplyError, readReply, type StreamEntry } from '../client/replies.js';
import { BEGINNING, Continuity } from './continuity.js';
import { epochOf, isReadOnly, isYoung, readEpoch } from './epoch.js';
import { inTurns } from './in-turns.js';
import type { Keys } from './keys.js';
import { Outbox } from './outbox.js';
import { Pause } from './pause.js';
import { FIELDS, Publisher } from './publisher.js';
import type { Held, ReplicatedSet, Written } from './replicated-set.js';
import { ServerClock } from './server-clock.js';
import { snapshot } from './snapshot.js';

/** For how long the server may let a read wait for an entry, in milliseconds. Short, so that a connection can log in again. */
const BLOCK = 1000;
/** How much later a reply may come before the connection counts as dead: its other end may have vanished without a word. */
const GRACE = 3000;
/** How often, at most, it is looked whether entries were missed, and whether own entries were not read back. */
const CHECK_EVERY = 900;
/** How often the whole copy of the server is read, whatever happened, and what is missing there is written. */
const WHOLE_EVERY = 300_000;
/** How many entries are written again before it is read whether others wrote. */
const AGAIN = 1000;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;
const CLOSING = 1000;

/** How a replica fares. */
export interface ReplicaState {
  /** Whether all that the server had was read once. */
  readonly complete: boolean;
  /** Whether the server was reached at the last attempt. */
  readonly connected: boolean;
  /** Whether the server has lost its data a moment ago, so that processes are writing again what they know. */
  readonly recovering: boolean;
  /** The server's epoch that is followed. */
  readonly epoch: string | undefined;
  /** Entries of this process that the server does not have yet, as far as is known. */
  readonly waiting: number;
  /** For how long the server has not been heard, in milliseconds; `Infinity` before the first time. */
  readonly staleMs: number;
  /** What failed last, and has not worked since. */
  readonly lastError: unknown;
}

/** What a replica is made of. */
export interface ReplicaParts<T> {
  readonly client: Client;
  readonly keys: Keys;
  readonly set: ReplicatedSet<T>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Called each time that all of the server's copy was read, before the set counts as complete.
   *
   * @param recovering whether other processes may be writing again what they know
   */
  readonly whole: (recovering: boolean) => void;
  /** Called when {@link ReplicaState.complete}, `connected` or `recovering` may have changed. */
  readonly changed: () => void;
  /** Called when an operator asks all processes something. */
  readonly asked: (question: string) => void;
}

/** Keeps a set equal to the server's copy: writes what is added here, and reads what others write, on a connection of its own. */
export class Replica<T> {
  readonly #parts: ReplicaParts<T>;
  readonly #publisher: Publisher;
  readonly #outbox = new Outbox();
  readonly #clock = new ServerClock();
  readonly #continuity = new Continuity();
  readonly #pause = new Pause();
  #connection: Connection | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #complete = false;
  #connected = false;
  #recovering = false;
  #readOnly = false;
  #epoch: string | undefined;
  #lastError: unknown;
  #generation = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #heardTime = Number.NEGATIVE_INFINITY;
  #checkedAt = 0;
  #wholeAt = 0;

  constructor(parts: ReplicaParts<T>) {
    this.#parts = parts;
    this.#publisher = new Publisher(parts.client, parts.keys, this.#clock, parts.now);
  }

  get state(): ReplicaState {
    return {
      complete: this.#complete,
      connected: this.#connected,
      recovering: this.#recovering,
      epoch: this.#epoch,
      waiting: this.#outbox.size,
      staleMs: this.staleMs,
      lastError: this.#lastError,
    };
  }

  /**
   * For how long the server has not been heard, in milliseconds. By two clocks: one stands still while the machine sleeps, the other
   * may be set back.
   */
  get staleMs(): number {
    return Math.max(0, performance.now() - this.#heardAt, this.#parts.now() - this.#heardTime);
  }

  /** Begins to read. Fails in no way: what goes wrong is in {@link state}, and tried again. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends reading and writing. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#connection?.destroy();
    this.#pause.end();
    // A connection that is being opened ends as soon as that has worked or failed.
    await Promise.race([this.#running, new Pause().wait(CLOSING)]);
  }

  /**
   * Adds entries here at once, and then on the server.
   *
   * @throws what kept them from being written (as a rejection). They hold here all the same, and are written when that is possible.
   */
  async add(entries: readonly Written[]): Promise<void> {
    const held = entries.map((written) => this.#parts.set.add(written, 'local'));
    for (const one of held) this.#outbox.add(one, true);
    try {
      if (this.#closed) throw new Error('The store is closed.');
      await this.#publisher.write(held);
    } catch (reason) {
      for (const one of held) if (one.sharedUntil < one.until) this.#outbox.add(one, false);
      throw reason;
    }
  }

  /** Has entries written that are held, when that is possible. */
  send(entries: Iterable<Held>): void {
    for (const held of entries) this.#outbox.add(held, false);
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!this.#closed) {
      try {
        const connection = await this.#parts.client.open();
        this.#connection = connection;
        this.#readOnly = false;
        if (!this.#closed) await this.#follow(connection, () => (pause = FIRST_PAUSE));
      } catch (reason) {
        this.#lastError = reason;
        // What can't be read now can't be read the next time either: it is in the whole copy, or nowhere.
        if (reason instanceof ReplyError) this.#epoch = undefined;
      }
      this.#connection?.destroy();
      this.#connection = undefined;
      this.#setConnected(false);
      if (this.#closed) return;
      // Processes that lost the same server do not come back at the same moment.
      await this.#pause.wait(pause * (0.5 + Math.random()));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  async #follow(connection: Connection, works: () => void): Promise<void> {
    if (!(await this.#isContinuous(connection))) await this.#readWhole(connection);
    this.#setConnected(true);
    for (;;) {
      this.#heard();
      works();
      if (this.#closed) return;
      const wrote = await this.#writeAgain(connection);
      const entries = await this.#read(connection, wrote ? 1 : BLOCK);
      await inTurns(this.#merge(entries), (held) => {
        if (held !== undefined) this.#outbox.seen(held);
      });
      for (const { fields } of entries) {
        const question = fields.get(FIELDS.question);
        if (question !== undefined) this.#parts.asked(question);
      }
      const last = entries.at(-1)?.id;
      if (last !== undefined) {
        this.#continuity.advance(last);
        this.#clock.observe(last);
      }
      if (performance.now() - this.#checkedAt >= CHECK_EVERY) await this.#check(connection);
    }
  }

  async #read(connection: Connection, block: number): Promise<readonly StreamEntry[]> {
    const { log } = this.#parts.keys;
    const { last } = this.#continuity;
    const reply = await this.#reply(
      connection,
      connection.send(['XREAD', 'COUNT', String(AGAIN), 'BLOCK', String(block), 'STREAMS', log, last]),
      block + GRACE,
    );
    return readReply(reply);
  }

  #merge(entries: readonly StreamEntry[]): Iterable<Held | undefined> {
    const written = entries.flatMap(({ fields }) => {
      const text = fields.get(FIELDS.entry);
      return text === undefined ? [] : [{ text, until: numberReply(fields.get(FIELDS.until)) }];
    });
    return this.#parts.set.merge(written, 'log', this.#parts.now());
  }

  async #check(connection: Connection): Promise<void> {
    this.#checkedAt = performance.now();
    const due = performance.now() - this.#wholeAt >= WHOLE_EVERY * (0.8 + 0.4 * Math.random());
    if (due || this.#recovering || !(await this.#isContinuous(connection))) await this.#readWhole(connection);
  }

  async #isContinuous(connection: Connection): Promise<boolean> {
    if (this.#epoch === undefined) return false;
    const guarded = this.#guarded(connection);
    if ((await readEpoch(guarded, this.#parts.keys)) !== this.#epoch) return false;
    return this.#continuity.holds(guarded, this.#parts.keys);
  }

  /** Reads all that the server has, and writes what it lacks. */
  async #readWhole(connection: Connection): Promise<void> {
    const { keys, set, now, whole, changed } = this.#parts;
    const guarded = this.#guarded(connection);
    const epoch = await epochOf(guarded, keys);
    // Asked before the copy is read: once it is no longer young, the copy has what others have written again.
    const young = await isYoung(guarded, keys);
    const { last, missing } = await snapshot(guarded, keys, set, ++this.#generation, !this.#complete, now);
    if ((await readEpoch(guarded, keys)) !== epoch) throw new Error('Redis lost its data while it was read.');
    this.#epoch = epoch;
    this.#continuity.begin(last);
    this.#clock.observe(last);
    this.#wholeAt = performance.now();
    this.#checkedAt = performance.now();
    whole(young);
    await inTurns(missing, (held) => this.#outbox.add(held, false));
    if (last === BEGINNING) await this.#beginLog(guarded);
    const wasComplete = this.#complete;
    if (!young) this.#complete = true;
    this.#connected = true;
    this.#heard();
    const wasRecovering = this.#recovering;
    this.#recovering = young;
    if (wasRecovering !== young || this.#complete !== wasComplete) changed();
  }

  /** Writes an entry of no meaning, so that a place in the stream can be told from its loss. */
  async #beginLog(connection: Connection): Promise<void> {
    try {
      await connection.send(['XADD', this.#parts.keys.log, '*', 'epoch', '1']);
    } catch (reason) {
      if (!isReadOnly(reason)) throw reason;
    }
  }

  /**
   * Writes entries again that were not written, or not read back. Over the connection that reads, since that one is known to work.
   *
   * @returns whether there was anything to write
   */
  async #writeAgain(connection: Connection): Promise<boolean> {
    const entries = this.#readOnly ? [] : this.#outbox.take(AGAIN);
    if (entries.length === 0) return false;
    try {
      await this.#publisher.writeOver(this.#guarded(connection), entries);
    } catch (reason) {
      this.#lastError = reason;
      // The server said no. It is asked again when these entries are due, or after the next connection.
      if (isReadOnly(reason)) this.#readOnly = true;
    }
    return true;
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#heardTime = this.#parts.now();
    if (this.#outbox.size === 0) this.#lastError = undefined;
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#parts.changed();
  }

  /** A connection whose every command has a deadline. */
  #guarded(connection: Connection): Connection {
    return {
      send: (command) => this.#reply(connection, connection.send(command), GRACE),
      destroy: () => connection.destroy(),
    };
  }

  async #reply<R>(connection: Connection, reply: Promise<R>, milliseconds: number): Promise<R> {
    try {
      return await within(milliseconds, reply, 'Redis did not reply');
    } catch (reason) {
      connection.destroy();
      throw reason;
    }
  }
}
