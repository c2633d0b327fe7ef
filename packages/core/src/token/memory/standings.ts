import type { JsonObject } from '../../base/json-object.js';
import type { IssuerClaims, Trust } from '../../keys/authority.js';
import type { SigningKey } from '../../keys/key-set.js';

/** Which keys may have signed a token of one issuer with one key ID and algorithm, and what says so. */
export interface Standing {
  readonly trust: Trust;
  readonly serving: readonly SigningKey[];
}

/** One for each key and tenant in use; more than that, and they are found out anew. */
const MAX_STANDINGS = 4096;

interface Latest extends IssuerClaims {
  readonly header: JsonObject;
  readonly standing: Standing;
}

/**
 * Remembers which keys serve which issuer, as long as the authority's documents are the ones that said so. Only what a
 * verified token has shown gets in: made-up tenants can't displace real ones.
 */
export class Standings {
  /** By header, which holds key ID and algorithm; then by issuer, then by B2C's policy. Never by two of them in one text. */
  #known = new WeakMap<JsonObject, Map<string, Map<string | undefined, Standing>>>();
  #count = 0;
  /** Mostly the next token is of the same tenant. */
  #latest: Latest | undefined;

  /**
   * Whether the latest token that was found plausible began like this one and named the same issuer, tenant and policy:
   * what was found of those is found again.
   *
   * @param header a known one: the same object each time
   */
  haveJustSeen(header: JsonObject, { iss, tid, policy }: IssuerClaims): boolean {
    const latest = this.#latest;
    return (
      latest !== undefined &&
      latest.header === header &&
      latest.iss === iss &&
      latest.tid === tid &&
      latest.policy === policy
    );
  }

  /**
   * @param header a known one: the same object each time
   * @param whose what was found plausible
   * @param now milliseconds since the epoch
   */
  find(header: JsonObject, whose: IssuerClaims, now: number): Standing | undefined {
    if (!this.haveJustSeen(header, whose)) {
      const kept = this.#known.get(header)?.get(whose.iss)?.get(whose.policy);
      if (kept === undefined) return undefined;
      this.#latest = { ...whose, header, standing: kept };
    }
    const { standing } = this.#latest as Latest;
    return standing.trust.grounds.hold(now) ? standing : undefined;
  }

  keep(header: JsonObject, whose: IssuerClaims, standing: Standing): void {
    const { iss, policy } = whose;
    const known = this.#known.get(header)?.get(iss)?.has(policy);
    if (!known && ++this.#count > MAX_STANDINGS) this.clear();
    const ofHeader = this.#known.get(header) ?? new Map<string, Map<string | undefined, Standing>>();
    const ofIssuer = ofHeader.get(iss) ?? new Map<string | undefined, Standing>();
    this.#known.set(header, ofHeader.set(iss, ofIssuer.set(policy, standing)));
    this.#latest = { ...whose, header, standing };
  }

  clear(): void {
    this.#known = new WeakMap();
    this.#count = 0;
    this.#latest = undefined;
  }
}
