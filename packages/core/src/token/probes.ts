import { KeysUnavailableError, type TokenError } from '../base/errors.js';
import { shown } from '../base/refusal.js';
import type { IssuerClaims } from '../keys/accepted-issuers.js';
import type { Authority } from '../keys/authority.js';
import { budgetOf } from '../keys/documents/fetch-budget.js';
import { currentMoment } from '../keys/documents/remote-document.js';
import { cloudOf } from '../options/clouds.js';
import { lookOf } from './checks/look.js';
import { checkPolicy } from './checks/policy.js';
import { CHECKS_BUT_ISSUER, firstComplaint } from './checks.js';
import type { CompactJws } from './compact-jws.js';

/**
 * Answers tokens with unknown key IDs without revealing which tenants are accepted. For an accepted tenant, the keys
 * are read again, and during the cool-down after that the answer is a 503. A tenant that is not accepted has no keys to
 * read. So all tenants of one kind, accepted or not, share a cool-down here, which the first such token begins.
 */
export class Probes {
  readonly #authorities: readonly Authority[];
  readonly #now: () => number;
  /** In milliseconds. */
  readonly #coolDownMs: number;
  /** When each kind's cool-down began. There are only the few kinds of the configured authorities. */
  readonly #begun = new Map<string, number>();
  /** IDs of the loaded keys, and when they were collected. */
  #known: { readonly kids: ReadonlySet<string>; readonly moment: number } = { kids: new Set(), moment: -1 };
  /** The IDs are not collected again before this time, by `performance.now()`. */
  #gatherAt = 0;

  constructor(authorities: readonly Authority[]) {
    this.#authorities = authorities;
    this.#now = (authorities[0] as Authority).settings.now;
    this.#coolDownMs = Math.max(...authorities.map(({ settings }) => settings.limits.coolDownMs));
  }

  /**
   * To be called before keys are read again for an unknown key ID. Begins the cool-down if there is none.
   *
   * @returns 0 if the token may be refused now, or in how many seconds it may
   */
  begin(iss: string): number {
    const now = this.#now();
    const kind = kindOf(iss);
    const since = now - (this.#begun.get(kind) ?? Number.NaN);
    const left = since >= 0 && since < this.#coolDownMs ? (this.#coolDownMs - since) / 1000 : 0;
    // While the budget for such refreshes is used up, keys of accepted tenants can't be read again. Tenants that are
    // not accepted wait as long.
    const wait = budgetOf(this.#now).wait('look', now);
    if (left > 0) return wait > 0 ? Math.min(wait, left) : left;
    if (wait === 0) this.#begun.set(kind, now);
    return wait;
  }

  /** Ends the cool-down, because the key was found. */
  takeBack(iss: string): void {
    this.#begun.delete(kindOf(iss));
  }

  /**
   * Returns a 503 for a token of a tenant or issuer that is not accepted, if an accepted one would get a 503, too;
   * otherwise `undefined`. Reads nothing from an authority.
   *
   * @param refusal the refusal of the token
   */
  answer(refusal: TokenError, jws: CompactJws, whose: IssuerClaims): KeysUnavailableError | undefined {
    if (!this.#authorities.some((authority) => wouldLook(authority, jws, whose))) return undefined;
    const kid = jws.header.kid as string;
    if (this.#isKnown(kid)) return undefined;
    const wait = this.begin(whose.iss);
    return wait === 0 ? undefined : keyNotKnownYet(kid, wait, refusal);
  }

  #isKnown(kid: string): boolean {
    const moment = currentMoment();
    if (this.#known.moment !== moment && performance.now() >= this.#gatherAt) {
      const began = performance.now();
      const kids = new Set(this.#authorities.flatMap(({ documents }) => documents.keyIds()));
      this.#known = { kids, moment };
      // Collecting takes some milliseconds with thousands of tenants. Limits how often, so that junk can't make it take
      // more than a small part of the time.
      const end = performance.now();
      this.#gatherAt = end + 20 * (end - began - 1);
    }
    return this.#known.kids.has(kid);
  }
}

/**
 * Returns the kind of an issuer. Workforce tenants share hosts; B2C and External ID tenants have their own hosts with a
 * common suffix.
 */
function kindOf(iss: string): string {
  const host = new URL(iss).hostname;
  return cloudOf(host) === undefined ? host : host.split('.').slice(-2).join('.');
}

/** Tells whether keys would be read again for the token if this authority accepted its tenant. */
function wouldLook(authority: Authority, jws: CompactJws, whose: IssuerClaims): boolean {
  const look = lookOf(jws, whose, authority, authority.settings.now());
  if (firstComplaint(look, CHECKS_BUT_ISSUER) !== undefined) return false;
  return authority.couldIssue(whose) && checkPolicy(look) === undefined;
}

/**
 * Returns the error for an unknown key ID while the keys can't be read again.
 *
 * @param retryAfter in seconds
 * @param cause more for operators; does not change the answer to callers
 */
export function keyNotKnownYet(kid: string, retryAfter: number, cause?: TokenError): KeysUnavailableError {
  return new KeysUnavailableError({
    message: "The token names a signing key that is not known, and the keys can't be read again yet.",
    hint: `After a key rotation this ends when the keys are read again. If it does not, find out which client sends tokens with made-up key IDs: this one is ${shown(kid)}.`,
    retryAfter,
    cause,
  });
}
