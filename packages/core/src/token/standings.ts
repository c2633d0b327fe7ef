import type { Trust } from '../keys/authority.js';
import type { SigningKey } from '../keys/key-set.js';
import { issuerClaims } from './claim-checks.js';
import type { JsonObject } from './json-object.js';

/** Which keys may have signed a token of one issuer with one key ID and algorithm, and what says so. */
export interface Standing {
  readonly trust: Trust;
  readonly serving: readonly SigningKey[];
}

/** One for each key and tenant in use; more than that, and they are found out anew. */
const MAX_STANDINGS = 4096;

/**
 * Remembers which keys serve which issuer, as long as the authority's documents are the ones that said so. Only what a
 * verified token has shown gets in: made-up tenants can't displace real ones.
 */
export class Standings {
  /** By header, which holds key ID and algorithm; then by issuer, then by B2C's policy. Never by two of them in one text. */
  #known = new WeakMap<JsonObject, Map<string, Map<string | undefined, Standing>>>();
  #count = 0;

  /**
   * @param header a known one: the same object each time
   * @param now milliseconds since the epoch
   */
  find(header: JsonObject, claims: JsonObject, now: number): Standing | undefined {
    const { iss, policy } = issuerClaims(claims);
    const standing = this.#known.get(header)?.get(iss)?.get(policy);
    return standing?.trust.grounds.hold(now) ? standing : undefined;
  }

  keep(header: JsonObject, claims: JsonObject, standing: Standing): void {
    const { iss, policy } = issuerClaims(claims);
    const known = this.#known.get(header)?.get(iss)?.has(policy);
    if (!known && ++this.#count > MAX_STANDINGS) this.clear();
    const ofHeader = this.#known.get(header) ?? new Map<string, Map<string | undefined, Standing>>();
    const ofIssuer = ofHeader.get(iss) ?? new Map<string | undefined, Standing>();
    this.#known.set(header, ofHeader.set(iss, ofIssuer.set(policy, standing)));
  }

  clear(): void {
    this.#known = new WeakMap();
    this.#count = 0;
  }
}
