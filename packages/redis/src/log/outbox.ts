import type { Held } from './replicated-set.js';

/** Within which time an entry is read back, in milliseconds. */
const READ_BACK = 5000;

/**
 * Entries of this process that it has not read back yet. A reply that confirms a write is not enough: a server that takes over may
 * lack the last of them.
 */
export class Outbox {
  readonly #waiting = new Map<string, { readonly held: Held; since: number }>();

  get size(): number {
    return this.#waiting.size;
  }

  /** @param sent whether it is being written already */
  add(held: Held, sent: boolean): void {
    this.#waiting.set(held.key, { held, since: sent ? performance.now() : Number.NEGATIVE_INFINITY });
  }

  /** Says what the server has: an entry with this end, or a later one, waits no longer. */
  seen(held: Held): void {
    if (held.sharedUntil >= held.until) this.#waiting.delete(held.key);
  }

  /** Takes some of the entries that were not sent, or not read back in time, and lets them wait anew. */
  take(most: number): readonly Held[] {
    const now = performance.now();
    const taken: Held[] = [];
    for (const waiting of this.#waiting.values()) {
      if (now - waiting.since < READ_BACK) continue;
      waiting.since = now;
      taken.push(waiting.held);
      if (taken.length === most) break;
    }
    return taken;
  }
}
