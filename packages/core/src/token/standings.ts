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
  readonly #known = new Map<string, Standing>();

  /** @param now milliseconds since the epoch */
  find(header: JsonObject, claims: JsonObject, now: number): Standing | undefined {
    const standing = this.#known.get(nameOf(header, claims));
    return standing?.trust.grounds.hold(now) ? standing : undefined;
  }

  keep(header: JsonObject, claims: JsonObject, standing: Standing): void {
    const name = nameOf(header, claims);
    if (this.#known.size >= MAX_STANDINGS && !this.#known.has(name)) this.#known.clear();
    this.#known.set(name, standing);
  }

  clear(): void {
    this.#known.clear();
  }
}

/** Everything that the answer depends on, beside the documents. */
function nameOf({ kid, alg }: JsonObject, claims: JsonObject): string {
  const { iss, policy = '' } = issuerClaims(claims);
  return `${alg} ${policy} ${iss} ${kid}`;
}
