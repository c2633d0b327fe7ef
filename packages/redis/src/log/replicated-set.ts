import { WideMap } from '@entra-guard/core/revocation';
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

/** An entry as it is held: little more than its text, since there may be a million. Its end may move away. */
export interface Held {
  readonly key: string;
  readonly text: string;
  until: number;
  readonly kind: Content<unknown>['kind'];
  /** The end that the server has for it, as it was seen last. */
  sharedUntil: number;
  /** In which look at the server's copy it was seen last. */
  seenIn: number;
}

/** An entry that was read, and is not added yet. */
export interface Later<T> {
  readonly written: Written;
  readonly content: Content<T>;
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
  /** Something stays lifted for longer than before. */
  liftProlonged(id: string, until: number): void;
  /** An entry can't be read. */
  unreadable(writer: string | undefined): void;
}

/** How much longer than what it lifts an entry is kept, so that no copy of the other outlives it: a day. */
export const LIFTS_LONGER = 86_400_000;

/**
 * A set that only grows, and whose entries end without a command. Order and repetition do not matter: two copies are merged by adding all
 * of one to the other, and the later end of an entry holds. So an entry may always be written again, and an older copy undoes nothing.
 */
export class ReplicatedSet<T> {
  readonly #held = new WideMap<Held>();
  readonly #expiry: Expiry<Held>;
  readonly #read: (written: Written) => Content<T>;
  readonly #idIn: (text: string) => string | undefined;
  readonly #listener: SetListener<T>;
  #unreadable = 0;

  /**
   * @param read reads an entry of any release
   * @param idIn guesses the ID that an entry has, or lifts, without reading it
   * @param now in milliseconds since the epoch
   */
  constructor(
    read: (written: Written) => Content<T>,
    idIn: (text: string) => string | undefined,
    listener: SetListener<T>,
    now: number,
  ) {
    this.#read = read;
    this.#idIn = idIn;
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
  get(id: string): Held | undefined {
    return this.#held.get(id);
  }

  /** Returns the entry that has lifted something. */
  liftOf(id: string): Held | undefined {
    return this.#held.get(liftKey(id));
  }

  /** All entries. Those that are added meanwhile may come or not. */
  values(): Iterable<Held> {
    return this.#held.values();
  }

  /** Adds an entry. Returns it as it is held. */
  add(written: Written, origin: Origin): Held {
    return this.#add(written, this.#read(written), origin);
  }

  /**
   * Adds entries, first those that lift others: what was added and lifted since the last look never takes effect. What has ended is
   * left out, because it can't refuse a token that is still valid. Yields each entry as it is held, and `undefined` for each that
   * has to wait, so that a long merge can be done in parts.
   */
  *merge(entries: Iterable<Written>, origin: Origin, now: number): Generator<Held | undefined> {
    const later: Later<T>[] = [];
    yield* this.mergeLifts(entries, origin, now, later);
    for (const one of later) yield this.addLater(one, origin);
  }

  /** Adds what was left for later. */
  addLater({ written, content }: Later<T>, origin: Origin): Held {
    return this.#add(written, content, origin);
  }

  /** Adds entries, except those that add something that is new here. Those come into `later`, as they were read. */
  *mergeLifts(
    entries: Iterable<Written>,
    origin: Origin,
    now: number,
    later: Later<T>[],
  ): Generator<Held | undefined> {
    for (const written of entries) {
      if (written.until <= now) continue;
      const known = this.#known(written.text);
      if (known !== undefined) {
        this.prolong(known, written.until);
        yield shared(known, written.until, origin);
        continue;
      }
      const content = this.#read(written);
      if (content.kind === 'put') {
        later.push({ written, content });
        yield undefined;
      } else yield this.#add(written, content, origin);
    }
  }

  /** Moves the end of an entry away. Never brings it nearer. */
  prolong(held: Held, until: number): void {
    if (until <= held.until) return;
    held.until = until;
    this.#expiry.watch(held);
    const { kind, key } = held;
    if (kind === 'lift') this.#listener.liftProlonged(liftedBy(key), until);
    if (kind !== 'put') return;
    const lift = this.#held.get(liftKey(key));
    if (lift !== undefined) {
      this.prolong(lift, until + LIFTS_LONGER);
      return;
    }
    // Rare, so it is read once more. The listener may have dropped what it adds, which had ended for it.
    const content = this.#read(held);
    if (content.kind === 'put') this.#listener.prolonged(content.value, until);
  }

  /** Drops what has ended. */
  sweep(now: number): void {
    for (const held of this.#expiry.ended(now)) {
      if (!this.#held.delete(held.key)) continue;
      if (held.kind === 'unreadable') this.#unreadable--;
    }
  }

  #add({ text, until }: Written, content: Content<T>, origin: Origin): Held {
    const key = this.#keyOf(content, text);
    const known = this.#held.get(key);
    if (known !== undefined) {
      this.prolong(known, until);
      return shared(known, until, origin);
    }
    const held: Held = {
      key,
      text,
      until,
      kind: content.kind,
      sharedUntil: Number.NEGATIVE_INFINITY,
      seenIn: 0,
    };
    this.#held.set(key, held);
    this.#expiry.watch(held);
    this.#tell(held, content, origin);
    return shared(held, until, origin);
  }

  /** Finds an entry without reading it: most entries of a copy are known. */
  #known(text: string): Held | undefined {
    const id = this.#idIn(text);
    if (id === undefined) return undefined;
    const put = this.#held.get(id);
    if (put?.text === text) return put;
    const lift = this.#held.get(liftKey(id));
    return lift?.text === text ? lift : undefined;
  }

  /** Entries that say the same have one text. Should two texts have one ID, both are held. IDs begin with a letter or digit. */
  #keyOf(content: Content<T>, text: string): string {
    if (content.kind === 'unreadable') return `=${text}`;
    const key = content.kind === 'put' ? content.id : liftKey(content.lifts);
    const known = this.#held.get(key);
    return known === undefined || known.text === text ? key : `=${text}`;
  }

  #tell(held: Held, content: Content<T>, origin: Origin): void {
    const { until } = held;
    if (content.kind === 'unreadable') {
      this.#unreadable++;
      this.#listener.unreadable(content.writer);
    } else if (content.kind === 'lift') {
      const lifted = this.#held.get(content.lifts);
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
function shared(held: Held, until: number, origin: Origin): Held {
  if (origin === 'state') held.sharedUntil = until;
  if (origin === 'log') held.sharedUntil = Math.max(held.sharedUntil, until);
  return held;
}

function liftKey(id: string): string {
  return `-${id}`;
}

function liftedBy(key: string): string {
  return key.slice(1);
}
