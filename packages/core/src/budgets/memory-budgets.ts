import { ConfigurationError, UnavailableError } from '../base/errors.js';
import type { HealthPart } from '../base/health.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { Budget, BudgetStore, Spent } from '../options/budgets.js';
import { assertKnown } from '../options/option-readers.js';

/** Options of {@link memoryBudgets}. */
export interface MemoryBudgetOptions {
  /** How many budgets are kept at most, each about 200 bytes. Default 100,000. */
  readonly maxEntries?: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

interface Window {
  left: number;
  /** In milliseconds since the epoch. */
  readonly until: number;
}

const NAMES = ['maxEntries', 'now'] as const;
const MOST = 100_000;
const GRANTED: Spent = Object.freeze({ granted: true });

/**
 * Counts calls in the memory of this process, for the requirement `limit(...)`. Several processes grant as many budgets: use
 * `redisBudgets(...)` of `@entra-guard/redis` there. When it is full of budgets that have not ended, calls of further callers are
 * answered with 503, so that none is granted uncounted.
 *
 * @throws ConfigurationError for unknown options, and where `maxEntries` is not a whole number from 1 on
 */
export function memoryBudgets(given: MemoryBudgetOptions = {}): BudgetStore {
  const options = ownOptions('memoryBudgets()', given, NAMES);
  assertKnown('option of memoryBudgets() called', options, NAMES);
  const { maxEntries = MOST, now = Date.now } = options;
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new ConfigurationError(
      `maxEntries of memoryBudgets() is ${printable(maxEntries)}.`,
      `Write a whole number from 1 on; the default is ${MOST}.`,
    );
  }
  if (typeof now !== 'function') {
    throw new ConfigurationError(
      `now of memoryBudgets() is ${printable(now)}.`,
      'Pass a function that returns milliseconds since the epoch, or leave it out.',
    );
  }
  return new MemoryBudgets(maxEntries, now);
}

class MemoryBudgets implements BudgetStore {
  readonly shared = false;
  readonly #maxEntries: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(maxEntries: number, now: () => number) {
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  spend({ key, calls, seconds }: Budget): Spent {
    const now = this.#time();
    const known = this.#windows.get(key);
    if (known !== undefined && known.until > now) {
      if (known.left === 0) return { granted: false, retryAfterSeconds: (known.until - now) / 1000 };
      known.left -= 1;
      return GRANTED;
    }
    this.#windows.delete(key);
    if (this.#windows.size >= this.#maxEntries) this.#makeRoom(now);
    this.#windows.set(key, { left: calls - 1, until: now + seconds * 1000 });
    return GRANTED;
  }

  health(): HealthPart {
    const full = this.#windows.size >= this.#maxEntries;
    return {
      part: 'budgets',
      status: full ? 'degraded' : 'up',
      message: full
        ? 'No further budget fits into memory.'
        : 'Calls are counted in the memory of this process.',
      shared: false,
      entries: this.#windows.size,
    };
  }

  async close(): Promise<void> {
    this.#windows.clear();
  }

  #time(): number {
    const now = this.#now();
    if (Number.isFinite(now)) return now;
    throw unavailable('The clock of the budgets gave no number, so calls cannot be counted.');
  }

  /** @throws UnavailableError where no budget has ended */
  #makeRoom(now: number): void {
    for (const [key, { until }] of this.#windows) if (until <= now) this.#windows.delete(key);
    if (this.#windows.size >= this.#maxEntries) {
      throw unavailable(`All ${this.#maxEntries} budgets that fit into memory are in use.`);
    }
  }
}

function unavailable(message: string): UnavailableError {
  return new UnavailableError({
    part: 'budgets',
    message,
    hint: 'Raise maxEntries of memoryBudgets(), or count in Redis: redisBudgets(...) of @entra-guard/redis.',
    retryAfter: 5,
  });
}
