import type { TestKey } from '../../support/forger.js';
import type { Given, Tenant } from './tenant.js';

/** The limits that the validator under test is given: an hour is long then. */
export const LIMITS = { softAge: 120_000, hardAge: 600_000, coolDown: 30_000, timeout: 10, maxBytes: 65_536 };

/** Longest pause after a failure, or between two looks for an unknown key, and a second to come round. */
const PAUSE = 31_000;
/** Most attempts to read one document within a minute: by age, for unknown keys, and after failures. */
const MOST_ATTEMPTS = 10;

/** What is sent. */
export type Sent =
  /** Signed by a key that is or was published. */
  | { readonly what: 'signed'; readonly key: TestKey }
  /** A made-up key ID. */
  | { readonly what: 'junk' }
  /** A published key ID, and a signature by another key. */
  | { readonly what: 'forged'; readonly key: TestKey }
  /** Bad without a look at any key. */
  | { readonly what: 'expired' | 'malformed' }
  /** Of a tenant that is not accepted, with the ID of a key that an accepted one has published. */
  | { readonly what: 'foreign'; readonly key: TestKey };

export type Outcome = 'accepted' | 'refused' | 'undecided';

/** What the validator may know of a tenant, and since when nothing stands in its way. */
export interface Knowledge {
  readonly metadata: Given<true> | undefined;
  readonly keys: Given<readonly TestKey[]> | undefined;
}

/**
 * Says which outcomes are right, from what went over the wire alone; shares no code and no idea of stores, leases or
 * back-off with what it judges.
 */
export class Model {
  readonly #now: () => number;
  /** When each key was first published, and when the last thing went wrong, for each tenant. */
  readonly #published = new Map<string, number>();
  readonly #troubled = new Map<Tenant, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  publish(tenant: Tenant, key: TestKey): void {
    this.#published.set(`${tenant.id} ${key.kid}`, this.#now());
  }

  /** A fault, its end, a step of the clock, a new validator. */
  trouble(tenant: Tenant): void {
    this.#troubled.set(tenant, this.#now());
  }

  knows({ metadata, keys }: Tenant): Knowledge {
    return { metadata, keys };
  }

  /** Nothing has been in the way for so long that everything must work. */
  isWell(tenant: Tenant): boolean {
    const now = this.#now();
    const since = this.#troubled.get(tenant) ?? Number.NEGATIVE_INFINITY;
    return tenant.faults.size === 0 && now >= since + PAUSE && now > tenant.patience + 1000;
  }

  /**
   * @param before what was known when the token came
   * @param since key sets given since then
   * @returns the complaint, if the outcome is wrong
   */
  judge(tenant: Tenant, sent: Sent, outcome: Outcome, before: Knowledge): string | undefined {
    const since = tenant.lately;
    switch (sent.what) {
      case 'expired':
      case 'malformed':
        return outcome === 'refused' ? undefined : 'a bad token is refused, whatever else happens';
      case 'foreign':
        if (outcome === 'accepted') return 'the tenant is not accepted';
        // A key ID that is not known reads the same for accepted tenants and others: undecided within the cool-down.
        return outcome === 'undecided' && this.#mustKnow(sent.key, before, since)
          ? 'the key is known, so the tenant is what is wrong'
          : undefined;
      case 'junk':
        return outcome === 'accepted' ? 'this key was never published' : undefined;
      case 'forged':
        if (outcome === 'accepted') return 'the signature is forged';
        return outcome === 'undecided' && this.#mustKnow(sent.key, before, since)
          ? 'the key is known, so the forgery is'
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
        : 'the key is in no set that may be trusted any more';
    }
    if (this.#mustKnow(key, before, since)) return 'the key is known and trusted';
    if (!tenant.published.includes(key)) return undefined;
    if (outcome === 'refused') return 'a published key reads as a bad token';
    const published = this.#published.get(`${tenant.id} ${key.kid}`) ?? Number.NEGATIVE_INFINITY;
    return this.isWell(tenant) && this.#now() >= published + PAUSE
      ? 'nothing has been in the way for long enough'
      : undefined;
  }

  /** Metadata and keys are cached, and no newer set takes the key away. */
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
    return given !== undefined && this.#now() - given.at < LIMITS.hardAge;
  }

  /** What must hold after a good client came and everything has come to rest. */
  atRest(tenant: Tenant): string | undefined {
    const now = this.#now();
    tenant.attempts = tenant.attempts.filter(({ at }) => at <= now && now - at < 60_000);
    for (const document of ['metadata', 'keys'] as const) {
      const attempts = tenant.attempts.filter((attempt) => attempt.document === document).length;
      if (attempts > MOST_ATTEMPTS) return `${attempts} attempts to read ${document} within a minute`;
      const given = tenant[document];
      if (this.isWell(tenant) && !(given !== undefined && now - given.at < LIMITS.softAge)) {
        return `${document} ought to have been read again`;
      }
    }
    return undefined;
  }
}
