import type { ApprovalRecord } from '@entra-guard/core';

/** What is remembered at most; what ends first is forgotten first. */
const MOST = 10_000;

/**
 * The approvals that this process has used up, until they end. A replica that became the primary may have missed that one was removed,
 * and a writer to Redis can put a copy back; both would make it good for a second call.
 */
export class UsedApprovals {
  readonly #now: () => number;
  /** When each ends, by its ID. */
  readonly #ends = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns whether it was not used before */
  add({ id, expiresAt }: ApprovalRecord): boolean {
    if (this.#ends.has(id)) return false;
    if (this.#ends.size >= MOST) this.#forget();
    this.#ends.set(id, expiresAt);
    return true;
  }

  #forget(): void {
    const now = this.#now();
    for (const [id, end] of this.#ends) if (end <= now) this.#ends.delete(id);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size >= MOST && oldest !== undefined) this.#ends.delete(oldest);
  }
}
