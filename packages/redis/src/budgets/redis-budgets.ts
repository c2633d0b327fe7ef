import { type Budget, type BudgetStore, type HealthPart, ownOptions, type Spent } from '@entra-guard/core';
import { clientOf } from '../client/client-of.js';
import { ownPrefix } from '../client/own-prefix.js';
import type { RedisClient } from '../client/redis-client.js';
import { assertKnown } from '../known-options.js';
import { takeCalls } from './take-calls.js';

/** Options of {@link redisBudgets}. */
export interface RedisBudgetsOptions {
  /** What the names of all keys begin with. Default `'entra-guard:budgets'`. APIs that count apart need different ones. */
  readonly prefix?: string;
}

const WHAT = 'redisBudgets(...)';
/** In which part of a budget a process takes it: of 100 calls 5 at a time. */
const PARTS = 20;
const LARGEST_SLICE = 1000;
/** How many budgets a process keeps slices of. */
const MOST_SLICES = 100_000;
/** For how long Redis is not asked again after it has failed, in milliseconds. */
const PAUSE = 1000;

/** What a process has taken of a budget. */
interface Slice {
  left: number;
  /** When the budget begins anew, in milliseconds by this process's clock. */
  readonly until: number;
  /** Whether Redis has said that all of the budget is taken. */
  readonly last: boolean;
}

const GRANTED: Spent = Object.freeze({ granted: true });

/**
 * Counts calls in Redis, for the requirement `limit(...)` in several processes. A process takes a twentieth of a budget at a time, at
 * most 1000 calls, and answers from that without asking Redis; it takes the next slice when half is used, while the request goes on. All
 * processes together grant as many calls as the budget has. A process that stops loses what it has taken. Around the end of the time
 * a process may grant one slice more, since its clock begins to count when the reply arrives. While Redis is away, a process grants
 * what it has taken, and answers further calls with 429. Uses `EVAL` of one key, so that it works with a cluster, too.
 *
 * @param client of `redis` 5 or 6, or of `ioredis` 5 or 6
 * @throws ConfigurationError for anything else, and for unknown options
 */
export function redisBudgets(client: RedisClient, options: RedisBudgetsOptions = {}): BudgetStore {
  const own = ownOptions(WHAT, options, ['prefix']);
  assertKnown(WHAT, own, ['prefix']);
  const prefix = ownPrefix(WHAT, own.prefix ?? 'entra-guard:budgets');
  // Told now, and not by the first request.
  clientOf(WHAT, client, prefix);
  return new RedisBudgets(client, prefix);
}

class RedisBudgets implements BudgetStore {
  readonly shared = true;
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #slices = new Map<string, Slice>();
  readonly #taking = new Map<string, Promise<void>>();
  #lastError: string | undefined;
  #askAgainAt = 0;

  constructor(client: RedisClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  spend(budget: Budget): Spent | Promise<Spent> {
    return this.#fromSlice(budget) ?? this.#wait(budget);
  }

  health(): HealthPart {
    const facts = { part: 'budgets', name: this.#prefix, shared: true, entries: this.#slices.size } as const;
    if (this.#lastError === undefined) return { ...facts, status: 'up', message: 'Redis counts calls.' };
    const message = 'Redis does not count calls: what was taken is granted, and further calls are refused.';
    return { ...facts, status: 'degraded', message, lastError: this.#lastError };
  }

  async close(): Promise<void> {
    this.#slices.clear();
  }

  /** Answers from what this process has; `undefined` where Redis has to be asked. */
  #fromSlice(budget: Budget): Spent | undefined {
    const slice = this.#slices.get(budget.key);
    if (slice === undefined) return undefined;
    const now = performance.now();
    if (slice.until <= now) {
      this.#slices.delete(budget.key);
      return undefined;
    }
    if (slice.left === 0) return slice.last ? refused(slice.until - now) : undefined;
    slice.left -= 1;
    if (!slice.last && slice.left < sliceOf(budget) / 2) this.#take(budget).catch(() => {});
    return GRANTED;
  }

  async #wait(budget: Budget): Promise<Spent> {
    // Others that wait for the same reply may be first.
    for (let attempt = 0; attempt <= PARTS; attempt += 1) {
      try {
        await this.#take(budget);
      } catch {
        return this.#fromSlice(budget) ?? refused(PAUSE);
      }
      const spent = this.#fromSlice(budget);
      if (spent !== undefined) return spent;
    }
    return refused(PAUSE);
  }

  /** Takes a slice, once for all that ask at the same time. */
  #take(budget: Budget): Promise<void> {
    const known = this.#taking.get(budget.key);
    if (known !== undefined) return known;
    const taking = this.#ask(budget).finally(() => this.#taking.delete(budget.key));
    this.#taking.set(budget.key, taking);
    return taking;
  }

  async #ask(budget: Budget): Promise<void> {
    if (performance.now() < this.#askAgainAt) throw new Error(this.#lastError);
    const wanted = sliceOf(budget);
    try {
      const key = `${this.#prefix}:1:${budget.key}`;
      const { calls, endsInMs } = await takeCalls(WHAT, this.#client, key, budget, wanted);
      this.#lastError = undefined;
      this.#keep(budget.key, calls, endsInMs, calls < wanted);
    } catch (error) {
      this.#lastError = error instanceof Error ? error.message : String(error);
      this.#askAgainAt = performance.now() + PAUSE;
      throw error;
    }
  }

  #keep(key: string, calls: number, endsInMs: number, last: boolean): void {
    const now = performance.now();
    const known = this.#slices.get(key);
    // What is left of a time that is over is not granted in the next one.
    const left = known !== undefined && known.until > now ? known.left : 0;
    this.#slices.delete(key);
    if (this.#slices.size >= MOST_SLICES) this.#forgetOldest();
    this.#slices.set(key, { left: left + calls, until: now + endsInMs, last });
  }

  /** What is forgotten was counted, so that nothing more is granted. */
  #forgetOldest(): void {
    const [oldest] = this.#slices.keys();
    this.#slices.delete(oldest as string);
  }
}

const sliceOf = ({ calls }: Budget): number =>
  Math.min(LARGEST_SLICE, Math.max(1, Math.floor(calls / PARTS)));

const refused = (milliseconds: number): Spent => ({ granted: false, retryAfterSeconds: milliseconds / 1000 });
