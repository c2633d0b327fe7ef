import type { HealthPart } from '../base/health.js';

/** How many calls are granted in a time, and to whom. */
export interface Budget {
  /** For whom: a text without personal data, the same in all processes. */
  readonly key: string;
  /** How many calls are granted, at least 1. */
  readonly calls: number;
  /** In how many seconds, from the first call on. */
  readonly seconds: number;
}

/** Whether a call is within its budget, and has been counted. */
export type Spent =
  | { readonly granted: true }
  | {
      readonly granted: false;
      /** After how many seconds there is a new budget. */
      readonly retryAfterSeconds: number;
    };

/**
 * Where calls are counted: `memoryBudgets()`, or `redisBudgets(...)` of `@entra-guard/redis` for more than one process. Anything but
 * `granted: true` refuses the call.
 */
export interface BudgetStore {
  /** Whether other processes count in the same place. */
  readonly shared: boolean;
  /**
   * Counts one call, if there is any left.
   *
   * @throws UnavailableError `budgets` where it can't be counted (at once or as a rejection)
   */
  spend(budget: Budget): Spent | Promise<Spent>;
  health(): HealthPart;
  close(): Promise<void>;
}
