import type { HealthPart } from '@entra-guard/core';

/**
 * Where entries are kept that several processes share: `redisTokens(client)` of `@entra-guard/redis`, or one of your own. It gets
 * sealed bytes only. Calls that take longer than 150 ms in all for a request are not waited for.
 */
export interface TokenStore {
  /** Whether other processes see what it holds. */
  readonly shared: boolean;
  /** @returns the bytes as they were set; `undefined` if there are none */
  get(key: string): Promise<Uint8Array | undefined>;
  /** @param ttlMs for how long to keep them, in milliseconds */
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Reserves a key for one process, so that several do not ask Entra for the same token. Optional.
   *
   * @param ttlMs after how long the reservation ends if this process does not end it, in milliseconds
   * @returns ends it; `undefined` if another process has reserved the key
   */
  lock?(key: string, ttlMs: number): Promise<(() => Promise<void>) | undefined>;
  health?(): HealthPart;
  close?(): Promise<void>;
}
