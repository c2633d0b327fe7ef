import { Expiry } from './expiry.js';

/** That something was lifted: what, why, and when, in milliseconds since the epoch. */
export interface Lift {
  readonly lifts: string;
  readonly because: string;
  readonly at: number;
}

/** What an entry says. An entry adds something to the set, or lifts what another entry has added. */
export type Content<T> =
  | { readonly kind: 'put'; readonly id: string; readonly value: T }
  | ({ readonly kind: 'lift' } & Lift)
  /** Written by another release, or damaged. It is held and written again like any other. */
  | { readonly kind: 'unreadable'; readonly writer: string | undefined };

/** An entry as it is kept by the server: text that never changes, and when it ends, in milliseconds since the epoch. */
export interface Written {
  readonly text: string;
  readonly until: number;
}

/** An entry as it is held. Its end may move away. */
export interface Held<T> {
  readonly key: string;
  readonly text: string;
  until: number;
  readonly content: Content<T>;
  /** The end that the server has for it, as it was seen last. */
  sharedUntil: number;
  /** In which look at the server's copy it was seen last. */
  seenIn: number;
}

/** Where an entry is from: this process, the stream, or the sorted set. */
export type Origin = 'local' | 'log' | 'state';

/** What is told of each change. */
export interface SetListener<T> {
  /** Something was added, and was not lifted before. */
  added(value: T, until: number, origin: Origin): void;
  /** Something ends later than before. */
  prolonged(value: T, until: number): void;
  /** Something is lifted, whether it was added before or not. */
  lifted(lift: Lift, until: number, origin: Origin): void;
  /** An entry can't be read. */
  unreadable(writer: string | undefined): void;
}

/** How much longer than what it lifts an entry is kept, so that no copy of the other outlives it: a day. */
export const LIFTS_LONGER = 86_400_000;

/**
 * A set that only grows, and whose entries end by themselves. Order and repetition do not matter: two copies are merged by adding all
 * of one to the other, and the later end of an entry holds. So an entry may always be written again, and an older copy undoes nothing.
 */
export class ReplicatedSet<T> {
  readonly #held = new Map<string, Held<T>>();
  readonly #expiry: Expiry<Held<T>>;
  readonly #read: (written: Written) => Content<T>;
  readonly #listener: SetListener<T>;
  #unreadable = 0;

  /**
   * @param read reads an entry of any release
   * @param now in milliseconds since the epoch
   */
  constructor(read: (written: Written) => Content<T>, listener: SetListener<T>, now: number) {
    this.#read = read;
    this.#listener = listener;
    this.#expiry = new Expiry(now);
  }

  /** How many entries are held, with those that lift others. */
  get size(): number {
    return this.#held.size;
  }

  /** How many of them can't be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Returns the entry that has added something, by its ID. */
  get(id: string): Held<T> | undefined {
    return this.#held.get(putKey(id));
  }

  /** Returns the entry that has lifted something. */
  liftOf(id: string): Held<T> | undefined {
    return this.#held.get(liftKey(id));
  }

  /** All entries. Those that are added meanwhile may come or not. */
  values(): Iterable<Held<T>> {
    return this.#held.values();
  }

  /** Adds an entry. Returns it as it is held. */
  add(written: Written, origin: Origin): Held<T> {
    return this.#add(written, this.#read(written), origin);
  }

  /**
   * Adds entries, first those that lift others: what was added and lifted since the last look never takes effect. What has ended is
   * left out, because it can't refuse a token that is still valid. Yields each entry as it is held, and `undefined` for each that
   * has to wait, so that a long merge can be done in parts.
   */
  *merge(entries: Iterable<Written>, origin: Origin, now: number): Generator<Held<T> | undefined> {
    const later: (readonly [Written, Content<T>])[] = [];
    for (const written of entries) {
      if (written.until <= now) continue;
      const content = this.#read(written);
      if (content.kind === 'put') later.push([written, content]);
      yield content.kind === 'put' ? undefined : this.#add(written, content, origin);
    }
    for (const [written, content] of later) yield this.#add(written, content, origin);
  }

  /** Moves the end of an entry away. Never brings it nearer. */
  prolong(held: Held<T>, until: number): void {
    if (until <= held.until) return;
    held.until = until;
    this.#expiry.watch(held);
    const { content } = held;
    if (content.kind === 'lift') this.#listener.lifted(content, until, 'state');
    if (content.kind !== 'put') return;
    const lift = this.#held.get(liftKey(content.id));
    if (lift === undefined) this.#listener.prolonged(content.value, until);
    else this.prolong(lift, until + LIFTS_LONGER);
  }

  /** Drops what has ended. */
  sweep(now: number): void {
    for (const held of this.#expiry.ended(now)) {
      if (!this.#held.delete(held.key)) continue;
      if (held.content.kind === 'unreadable') this.#unreadable--;
    }
  }

  #add({ text, until }: Written, content: Content<T>, origin: Origin): Held<T> {
    const key = this.#keyOf(content, text);
    const known = this.#held.get(key);
    if (known !== undefined) {
      this.prolong(known, until);
      return shared(known, until, origin);
    }
    const held: Held<T> = {
      key,
      text,
      until,
      content,
      sharedUntil: Number.NEGATIVE_INFINITY,
      seenIn: 0,
    };
    this.#held.set(key, held);
    this.#expiry.watch(held);
    this.#tell(held, origin);
    return shared(held, until, origin);
  }

  /** Entries that say the same have one text. Should two texts have one ID, both are held. */
  #keyOf(content: Content<T>, text: string): string {
    if (content.kind === 'unreadable') return `=${text}`;
    const key = content.kind === 'put' ? putKey(content.id) : liftKey(content.lifts);
    const known = this.#held.get(key);
    return known === undefined || known.text === text ? key : `=${text}`;
  }

  #tell(held: Held<T>, origin: Origin): void {
    const { content, until } = held;
    if (content.kind === 'unreadable') {
      this.#unreadable++;
      this.#listener.unreadable(content.writer);
    } else if (content.kind === 'lift') {
      const lifted = this.#held.get(putKey(content.lifts));
      this.#listener.lifted(content, until, origin);
      if (lifted !== undefined) this.prolong(held, lifted.until + LIFTS_LONGER);
    } else {
      const lift = this.#held.get(liftKey(content.id));
      if (lift === undefined) this.#listener.added(content.value, until, origin);
      else this.prolong(lift, until + LIFTS_LONGER);
    }
  }
}

/** Notes the end that the server has for an entry. */
function shared<T>(held: Held<T>, until: number, origin: Origin): Held<T> {
  if (origin === 'state') held.sharedUntil = until;
  if (origin === 'log') held.sharedUntil = Math.max(held.sharedUntil, until);
  return held;
}

function putKey(id: string): string {
  return `+${id}`;
}

function liftKey(id: string): string {
  return `-${id}`;
}
