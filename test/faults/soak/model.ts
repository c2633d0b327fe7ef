import type { TestKey } from '../../support/forger.js';
import type { Given, Tenant } from './tenant.js';

/** The limits of the validator under test, in seconds, so short that much happens in an hour. */
export const LIMITS = { softAge: 120, hardAge: 600, coolDown: 30, timeout: 0.01, maxBytes: 65_536 };

/** Milliseconds: the longest pause after a failure or between two refreshes for an unknown key, and one second. */
const PAUSE = 31_000;
/** Maximum attempts to read one document within a minute: by age, for unknown keys, and after failures. */
const MOST_ATTEMPTS = 10;

/** A token that is sent. */
export type Sent =
  /** Signed with a key that is or was published. */
  | { readonly what: 'signed'; readonly key: TestKey }
  /** With an unknown key ID. */
  | { readonly what: 'junk' }
  /** With a published key ID, and signed with another key. */
  | { readonly what: 'forged'; readonly key: TestKey }
  /** Invalid without regard to keys. */
  | { readonly what: 'expired' | 'malformed' }
  /** Of a tenant that is not accepted, with the ID of a key that an accepted tenant has published. */
  | { readonly what: 'foreign'; readonly key: TestKey };

export type Outcome = 'accepted' | 'refused' | 'undecided';

/** What the validator may know of a tenant, and since when it could read both documents. */
export interface Knowledge {
  readonly metadata: Given<true> | undefined;
  readonly keys: Given<readonly TestKey[]> | undefined;
}

/**
 * Decides which outcomes are correct, only from the exchanges with the authorities. It shares no code with the validator,
 * and knows nothing of stores, leases or back-off.
 */
export class Model {
  readonly #now: () => number;
  /** When each key was first published. */
  readonly #published = new Map<string, number>();
  /** When the last trouble of each tenant was. */
  readonly #troubled = new Map<Tenant, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  publish(tenant: Tenant, key: TestKey): void {
    this.#published.set(`${tenant.id} ${key.kid}`, this.#now());
  }

  /** Records a fault, its end, a step of the clock, or a new validator. */
  trouble(tenant: Tenant): void {
    this.#troubled.set(tenant, this.#now());
  }

  knows({ metadata, keys }: Tenant): Knowledge {
    return { metadata, keys };
  }

  /** Whether there was no trouble for so long that everything must work. */
  isWell(tenant: Tenant): boolean {
    const now = this.#now();
    const since = this.#troubled.get(tenant) ?? Number.NEGATIVE_INFINITY;
    return tenant.faults.size === 0 && now >= since + PAUSE && now > tenant.patience + 1000;
  }

  /**
   * Judges an outcome.
   * @param before what was known when the token was sent
   * @param since key sets that were read since then
   * @returns what is wrong with the outcome, if it is wrong
   */
  judge(tenant: Tenant, sent: Sent, outcome: Outcome, before: Knowledge): string | undefined {
    const since = tenant.lately;
    switch (sent.what) {
      case 'expired':
      case 'malformed':
        return outcome === 'refused' ? undefined : 'an expired or malformed token is always refused';
      case 'foreign':
        if (outcome === 'accepted') return 'the tenant is not accepted';
        // An unknown key ID has one outcome for accepted and other tenants: undecided within the cool-down.
        return outcome === 'undecided' && this.#mustKnow(sent.key, before, since)
          ? 'the key is known, so the token is refused for its tenant'
          : undefined;
      case 'junk':
        return outcome === 'accepted' ? 'this key was never published' : undefined;
      case 'forged':
        if (outcome === 'accepted') return 'the signature is forged';
        return outcome === 'undecided' && this.#mustKnow(sent.key, before, since)
          ? 'the key is known, so the forged token is refused'
          : undefined;
      case 'signed':
        return this.#judgeSigned(tenant, sent.key, outcome, before, since);
    }
  }

  #judgeSigned(
    tenant: Tenant,
    key: TestKey,
    outcome: Outcome,
    before: Knowledge,
    since: readonly Given<readonly TestKey[]>[],
  ): string | undefined {
    if (outcome === 'accepted') {
      const might = (this.#trusted(before.keys) && before.keys?.value.includes(key)) === true;
      return might || since.some(({ value }) => value.includes(key))
        ? undefined
        : 'the key is in no set that may still be trusted';
    }
    if (this.#mustKnow(key, before, since)) return 'the key is known and trusted';
    if (!tenant.published.includes(key)) return undefined;
    if (outcome === 'refused') return 'a token with a published key is not refused';
    const published = this.#published.get(`${tenant.id} ${key.kid}`) ?? Number.NEGATIVE_INFINITY;
    return this.isWell(tenant) && this.#now() >= published + PAUSE
      ? 'there was no trouble for long enough'
      : undefined;
  }

  /** Whether metadata and keys are loaded, and no newer key set lacks the key. */
  #mustKnow(
    key: TestKey,
    { metadata, keys }: Knowledge,
    since: readonly Given<readonly TestKey[]>[],
  ): boolean {
    return (
      this.#trusted(metadata) &&
      this.#trusted(keys) &&
      keys?.value.includes(key) === true &&
      since.every(({ value }) => value.includes(key))
    );
  }

  #trusted(given: Given<unknown> | undefined): boolean {
    return given !== undefined && this.#now() - given.at < LIMITS.hardAge * 1000;
  }

  /** Checks the state after a valid token, when no background work is left. */
  atRest(tenant: Tenant): string | undefined {
    const now = this.#now();
    tenant.attempts = tenant.attempts.filter(({ at }) => at <= now && now - at < 60_000);
    for (const document of ['metadata', 'keys'] as const) {
      const attempts = tenant.attempts.filter((attempt) => attempt.document === document).length;
      if (attempts > MOST_ATTEMPTS) return `${attempts} attempts to read ${document} within a minute`;
      const given = tenant[document];
      if (this.isWell(tenant) && !(given !== undefined && now - given.at < LIMITS.softAge * 1000)) {
        return `${document} should have been read again`;
      }
    }
    return undefined;
  }
}
