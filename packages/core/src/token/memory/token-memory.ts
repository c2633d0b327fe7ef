import { MAX_TOKEN_LENGTH } from '../signature/token-bytes.js';
import { sha256 } from './digest.js';
import { SeenOnce } from './seen-once.js';

/** Limits of the memory, resolved. */
export interface MemoryLimits {
  readonly maxEntries: number;
  /** Estimated, in bytes. */
  readonly maxBytes: number;
}

/** A cache entry. Of the token itself, only the digest is kept with it. */
export interface Remembered {
  /** Estimated memory of the entry, in bytes. */
  readonly bytes: number;
  /** When the entry ends, in milliseconds since the epoch. */
  readonly until: number;
}

interface Entry<T extends Remembered> {
  readonly mark: number;
  /** SHA-256 of the whole token, which identifies it. */
  readonly digest: string;
  readonly value: T;
  newer: Entry<T> | undefined;
  older: Entry<T> | undefined;
}

const MARK_LENGTH = 12;

/**
 * Returns a number of 32 bits from the end of the token's signature, where tokens differ. It finds the entry without
 * hashing the token. Only the digest tells whether the entry is this token's.
 */
function markOf(token: string): number {
  let mark = 0;
  for (let at = Math.max(0, token.length - MARK_LENGTH); at < token.length; at++) {
    mark = (Math.imul(mark, 31) + token.charCodeAt(at)) | 0;
  }
  return mark;
}

/**
 * Caches verified tokens, bounded by count and bytes, and discards the least recently used first. A token is cached at
 * its second use. Of a token that is used once, as by a daemon that asks for a new token each time, only a mark is
 * noted, so it displaces no other. Unverified tokens never get in.
 */
export class TokenMemory<T extends Remembered> {
  readonly #limits: MemoryLimits;
  readonly #entries = new Map<number, Entry<T>>();
  #newest: Entry<T> | undefined;
  #oldest: Entry<T> | undefined;
  #bytes = 0;
  readonly #once: SeenOnce;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
    this.#once = new SeenOnce(limits.maxEntries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Estimated, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns the entry of exactly this token. */
  recall(token: string): T | undefined {
    if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return undefined;
    const entry = this.#entries.get(markOf(token));
    if (entry === undefined || entry.digest !== sha256(token)) return undefined;
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry.value;
  }

  /**
   * Tells whether to cache a token that was just accepted: if this is its second use. Notes the token otherwise.
   *
   * @param again whether it was cached until just now
   */
  wants(token: string, again: boolean): boolean {
    if (again) return true;
    const mark = markOf(token);
    return this.#once.note(mark) || this.#entries.has(mark);
  }

  /**
   * Caches a token that was just accepted.
   *
   * @param now milliseconds since the epoch
   */
  remember(token: string, value: T, now: number): void {
    const mark = markOf(token);
    const present = this.#entries.get(mark);
    if (present !== undefined) this.#remove(present);
    if (value.bytes > this.#limits.maxBytes) return;
    const entry: Entry<T> = { mark, digest: sha256(token), value, newer: undefined, older: undefined };
    this.#entries.set(mark, entry);
    this.#bytes += value.bytes;
    this.#link(entry);
    this.#shrink(now);
  }

  /** Removes the entry of exactly this token. */
  forget(token: string): void {
    const entry = this.#entries.get(markOf(token));
    if (entry !== undefined && entry.digest === sha256(token)) this.#remove(entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#newest = undefined;
    this.#oldest = undefined;
    this.#bytes = 0;
    this.#once.clear();
  }

  /** Discards the least recently used entries while there are too many, or they have ended. */
  #shrink(now: number): void {
    for (let oldest = this.#oldest; oldest !== undefined; oldest = this.#oldest) {
      const fits = this.#entries.size <= this.#limits.maxEntries && this.#bytes <= this.#limits.maxBytes;
      if (fits && now < oldest.value.until) return;
      this.#remove(oldest);
    }
  }

  #remove(entry: Entry<T>): void {
    this.#entries.delete(entry.mark);
    this.#bytes -= entry.value.bytes;
    this.#unlink(entry);
  }

  #link(entry: Entry<T>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink({ newer, older }: Entry<T>): void {
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
  }
}
