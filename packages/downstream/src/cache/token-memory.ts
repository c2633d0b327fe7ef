/** A token that was got, kept in memory. */
export interface KeptToken {
  /** The token's bytes: a snapshot of the heap shows strings, but no buffers. */
  readonly bytes: Buffer;
  /** Whose it is; `undefined` for this API itself. */
  readonly owner: string | undefined;
  /** When it expires, as Entra says. This and the others are milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Until when it is handed out. */
  readonly usableUntil: number;
  /** When it is got anew, while it is still handed out. */
  refreshAt: number;
  /** The claims request of another API for which it was got, and when; `undefined` for none. */
  readonly demanded: { readonly claims: string; readonly at: number } | undefined;
}

/** How much is kept. */
export interface MemoryLimits {
  readonly maxEntries: number;
  /** Estimated, in bytes. */
  readonly maxBytes: number;
}

/** What an entry takes apart from the token's bytes, estimated, in bytes. */
const OVERHEAD = 500;

/** Tokens in memory, bounded by count and bytes. Discards the least recently used first. */
export class TokenMemory {
  readonly #limits: MemoryLimits;
  /** The least recently used first. */
  readonly #entries = new Map<string, KeptToken>();
  #bytes = 0;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  /** @param now milliseconds since the epoch */
  get(key: string, now: number): KeptToken | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // Not `>=`: a broken clock must not prolong a token.
    if (!(now < entry.usableUntil)) {
      this.delete(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, entry: KeptToken): void {
    this.delete(key);
    this.#entries.set(key, entry);
    this.#bytes += sizeOf(entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#limits.maxEntries && this.#bytes <= this.#limits.maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(entry);
  }

  /** @returns the keys of what was there */
  deleteOf(owner: string): readonly string[] {
    const keys = [...this.#entries].filter(([, entry]) => entry.owner === owner).map(([key]) => key);
    for (const key of keys) this.delete(key);
    return keys;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}

const sizeOf = ({ bytes }: KeptToken): number => bytes.length + OVERHEAD;
