import type { RevocationRecord, Revocations } from '@entra-guard/core';
import { endOfCutoff } from '@entra-guard/core/revocation';

/** How long Entra may go on issuing tokens to a user who was disabled, and how much longer than its life a token is accepted, in seconds. */
const PROPAGATION = 900;
const SLACK = 600;

/** The records of one feed: it finds, sets and lifts no others. */
export class OwnRecords {
  readonly #revocations: Revocations;
  readonly #tenantId: string;
  readonly #now: () => number;
  /** What the feed's records are marked with, and by what it knows them. */
  readonly source: string;

  constructor(revocations: Revocations, tenantId: string, now: () => number) {
    this.#revocations = revocations;
    this.#tenantId = tenantId;
    this.#now = now;
    this.source = `graph:${tenantId}`;
  }

  /** How long a ban lasts, in milliseconds. After that, no token from before can be valid. */
  get life(): number {
    return (PROPAGATION + this.#revocations.longestToken + SLACK) * 1000;
  }

  /** The feed's bans of a user. */
  bansOf(user: string): readonly RevocationRecord[] {
    return this.#revocations
      .list(this.#target(user))
      .filter(({ source, issuedBefore }) => source === this.source && issuedBefore === undefined);
  }

  /** Bans a user, or lets a ban end later. */
  async ban(user: string, because: string, until: number): Promise<void> {
    const { source } = this;
    await this.#revocations.revoke(this.#target(user), { because, until, source });
  }

  /** Refuses tokens that were issued until a time. */
  async cutOff(user: string, issuedBefore: number, because: string): Promise<void> {
    const { source } = this;
    await this.#revocations.revoke(this.#target(user), { because, issuedBefore, source });
  }

  async lift(bans: readonly RevocationRecord[], because: string): Promise<void> {
    for (const { id } of bans) await this.#revocations.lift(id, { because });
  }

  /** For how many milliseconds a token from before may be valid; 0 or less if none can be. */
  cutoffLasts(issuedBefore: number): number {
    const { longestToken, margin } = this.#revocations;
    return endOfCutoff(issuedBefore, { longestToken, margin }) - this.#now();
  }

  #target(user: string) {
    return { user, tenantId: this.#tenantId };
  }
}
