import { MAX_TOKEN_LENGTH } from '../signature/token-bytes.js';
import { sha256 } from './digest.js';
import { SeenOnce } from './seen-once.js';

/** Bounds of the memory, resolved. */
export interface MemoryLimits {
  readonly maxEntries: number;
  /** Estimated, in bytes. */
  readonly maxBytes: number;
}

/** What is kept of one token. Beside it there is nothing of the token but its digest. */
export interface Remembered {
  /** The memory that it is estimated to take, in bytes. */
  readonly bytes: number;
  /** From then on it is good for nothing, milliseconds since the epoch. */
  readonly until: number;
}

interface Entry<T extends Remembered> {
  readonly mark: number;
  /** SHA-256 of the whole token: what tells it from any other. */
  readonly digest: string;
  readonly value: T;
  newer: Entry<T> | undefined;
  older: Entry<T> | undefined;
}

const MARK_LENGTH = 12;

/**
 * A number of 32 bits from the end of the token's signature, where two tokens differ. It finds an entry, so that nothing has
 * to be hashed for a token that can't be remembered; whether the entry is this token's is for the digest to say.
 */
function markOf(token: string): number {
  let mark = 0;
  for (let at = Math.max(0, token.length - MARK_LENGTH); at < token.length; at++) {
    mark = (Math.imul(mark, 31) + token.charCodeAt(at)) | 0;
  }
  return mark;
}

/**
 * Remembers verified tokens, bounded by count and bytes; the least recently used leaves first. A token is remembered when
 * it comes for the second time: of one that is used once, as by a daemon that asks for a new token each time, only its
 * mark is noted, and it displaces none that is used again. Nothing that was not verified ever gets in.
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

  /** What is remembered of exactly this token. */
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
   * Whether a token that was accepted just now is worth remembering: it has been before. If not, it will be the next time.
   *
   * @param again whether it was remembered a moment ago
   */
  wants(token: string, again: boolean): boolean {
    if (again) return true;
    const mark = markOf(token);
    return this.#once.note(mark) || this.#entries.has(mark);
  }

  /**
   * Remembers a token that was accepted just now.
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

  /** Forgets what is remembered of exactly this token. */
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

  /** Lets the least recently used go while there are too many, or they are good for nothing any more. */
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
