/** First readings: so many at once, as when the callers of thousands of tenants come after a start, until tokens are verified. */
const LOADS_AT_ONCE = 10_000;
const LOADS_PER_SECOND = 10;
/** Looks for unknown key IDs. */
const LOOKS_AT_ONCE = 60;
const LOOKS_PER_SECOND = 0.5;
/** A proven document has one exchange of its own in this time, milliseconds, whatever the others use up. */
const RESERVE = 300_000;

/** What unverified tokens make a process fetch: a document's first reading, or a look for an unknown key ID. */
export type Spending = 'load' | 'look';

/** When a proven document last used its own share, milliseconds since the epoch. */
export interface Reserve {
  usedAt: number | undefined;
}

/** Holds a number of tokens, and gains some each second. */
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

  /** @returns 0 where there is one to take, or in how many seconds there will be */
  wait(now: number): number {
    // After the clock was set back nothing is gained until it has moved on.
    const gained = (Math.max(0, now - (this.#at ?? now)) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#capacity, this.#level + gained);
    this.#at = now;
    return this.#level < 1 ? (1 - this.#level) / this.#perSecond : 0;
  }

  /** Puts one back, where more than half has been taken: no process that has seen few tenants needs it. */
  giveBack(): void {
    if (this.#level < this.#capacity / 2) this.#level++;
  }

  /** Takes one. @returns 0, or in how many seconds there will be one */
  take(now: number): number {
    const wait = this.wait(now);
    if (wait === 0) this.#level--;
    return wait;
  }
}

/**
 * Bounds what tokens that nobody has verified can make this process fetch, over all documents. What has proven good, by a
 * token whose signature held, has a share of its own, which junk that names other tenants can't use up.
 */
export class FetchBudget {
  readonly #buckets: Readonly<Record<Spending, Bucket>> = {
    load: new Bucket(LOADS_AT_ONCE, LOADS_PER_SECOND),
    look: new Bucket(LOOKS_AT_ONCE, LOOKS_PER_SECOND),
  };

  /** What was spent turned out not to be for junk: a token has been verified with it. */
  giveBack(what: Spending): void {
    this.#buckets[what].giveBack();
  }

  /** @returns 0 when there is something left of what all share, or in how many seconds there will be */
  wait(what: Spending, now: number): number {
    return this.#buckets[what].wait(now);
  }

  /**
   * @param reserve the document's own share, if it has proven good
   * @returns 0 when the exchange may be made, or in how many seconds it may
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

/** The budget of all documents that go by one clock: in production, of the process. */
export function budgetOf(now: () => number): FetchBudget {
  const known = byClock.get(now);
  if (known !== undefined) return known;
  const budget = new FetchBudget();
  byClock.set(now, budget);
  return budget;
}
