import type { HealthPart } from '@entra-guard/core';

/**
 * Where sessions of browsers are kept. What is kept is sealed: a store sees keys that are digests, and texts that it can't read.
 * `memorySessions()` is one, `redisSessions(...)` of `@entra-guard/redis` another. All times are in milliseconds.
 */
export interface SessionStore {
  /** Whether other processes see the same sessions. */
  readonly shared: boolean;
  get(key: string): Promise<string | undefined>;
  /** @param ttlMs after how long the entry ends */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Like `set`, and only for an entry that is there: what has ended does not come back. @returns whether it was there */
  replace(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Gets and deletes an entry in one step: of several at once, one gets it. */
  take(key: string): Promise<string | undefined>;
  delete(key: string): Promise<void>;
  /** Adds a member to a set, which ends no earlier than before. */
  add(index: string, member: string, ttlMs: number): Promise<void>;
  members(index: string): Promise<readonly string[]>;
  health(): HealthPart;
  close(): Promise<void>;
}
