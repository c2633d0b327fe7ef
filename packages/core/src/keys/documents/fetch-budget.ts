/**
 * First readings of documents at once. Enough for a start at which callers of thousands of tenants arrive before their
 * tokens are verified.
 */
const LOADS_AT_ONCE = 10_000;
const LOADS_PER_SECOND = 10;
/** Refreshes for unknown key IDs at once. */
const LOOKS_AT_ONCE = 60;
const LOOKS_PER_SECOND = 0.5;
/** How often a proven document may be read without using the budget, in milliseconds. */
const RESERVE = 300_000;

/**
 * What unverified tokens make a process fetch: a document for the first time (`load`), or a document again for an
 * unknown key ID (`look`).
 */
export type Spending = 'load' | 'look';

/** When a proven document was last read without using the budget, in milliseconds since the epoch. */
export interface Reserve {
  usedAt: number | undefined;
}

/** A token bucket: holds a number of permits, and gains some each second. */
class Bucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #level: number;
  #at: number | undefined;

  constructor(capacity: number, perSecond: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#level = capacity;
  }

  /** @returns 0 if there is a permit, or in how many seconds there will be one */
  wait(now: number): number {
    // Gains nothing after the clock was set back, until it has moved on.
    const gained = (Math.max(0, now - (this.#at ?? now)) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#capacity, this.#level + gained);
    this.#at = now;
    return this.#level < 1 ? (1 - this.#level) / this.#perSecond : 0;
  }

  /** Puts one permit back if more than half are taken. A process with few tenants does not need it. */
  giveBack(): void {
    if (this.#level < this.#capacity / 2) this.#level++;
  }

  /** Takes a permit. @returns 0, or in how many seconds there will be one */
  take(now: number): number {
    const wait = this.wait(now);
    if (wait === 0) this.#level--;
    return wait;
  }
}

/**
 * Bounds what unverified tokens can make this process fetch, over all documents. A proven document, which a verified
 * token has needed, has its own reserve: junk that names other tenants can't use that up.
 */
export class FetchBudget {
  readonly #buckets: Readonly<Record<Spending, Bucket>> = {
    load: new Bucket(LOADS_AT_ONCE, LOADS_PER_SECOND),
    look: new Bucket(LOOKS_AT_ONCE, LOOKS_PER_SECOND),
  };

  /** Puts a permit back, because a token was verified with what was fetched. */
  giveBack(what: Spending): void {
    this.#buckets[what].giveBack();
  }

  /** @returns 0 if the shared budget has a permit, or in how many seconds it will have one */
  wait(what: Spending, now: number): number {
    return this.#buckets[what].wait(now);
  }

  /**
   * @param reserve the document's reserve, if it is proven
   * @returns 0 if the exchange may be made, or in how many seconds it may
   */
  spend(what: Spending, now: number, reserve: Reserve | undefined): number {
    if (
      reserve !== undefined &&
      !(reserve.usedAt !== undefined && Math.abs(now - reserve.usedAt) < RESERVE)
    ) {
      reserve.usedAt = now;
      return 0;
    }
    return this.#buckets[what].take(now);
  }
}

const byClock = new WeakMap<object, FetchBudget>();

/** Returns the budget of all documents with one clock. In production that is one budget for the process. */
export function budgetOf(now: () => number): FetchBudget {
  const known = byClock.get(now);
  if (known !== undefined) return known;
  const budget = new FetchBudget();
  byClock.set(now, budget);
  return budget;
}
