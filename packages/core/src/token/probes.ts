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
 * Answers tokens with unknown key IDs, where several tenants are accepted, without telling which. A listed tenant's keys are
 * looked at again, and within the cool-down of that look the answer is a 503; a tenant that is not listed has no keys to look
 * at. So all tenants of one kind, listed or not, have one cool-down here, which the first such token begins.
 */
export class Probes {
  readonly #authorities: readonly Authority[];
  readonly #now: () => number;
  /** Milliseconds. */
  readonly #coolDown: number;
  /** When each kind's cool-down began. There are few kinds: only those that the authorities here are of. */
  readonly #begun = new Map<string, number>();
  /** IDs of the keys that have been read, and when they were gathered. */
  #known: { readonly kids: ReadonlySet<string>; readonly moment: number } = { kids: new Set(), moment: -1 };
  /** Not again before this time, by `performance.now()`. */
  #gatherAt = 0;

  constructor(authorities: readonly Authority[]) {
    this.#authorities = authorities;
    this.#now = (authorities[0] as Authority).settings.now;
    this.#coolDown = Math.max(...authorities.map(({ settings }) => settings.limits.coolDown));
  }

  /**
   * To be asked before a key that is not known is looked for. Begins the cool-down, where there is none.
   *
   * @returns 0 when the token may be refused, or in how many seconds it may
   */
  begin(iss: string): number {
    const now = this.#now();
    const kind = kindOf(iss);
    const since = now - (this.#begun.get(kind) ?? Number.NaN);
    const left = since >= 0 && since < this.#coolDown ? (this.#coolDown - since) / 1000 : 0;
    // While this process has looked too often, a listed tenant can't be looked at: what is not listed waits as long.
    const wait = budgetOf(this.#now).wait('look', now);
    if (left > 0) return wait > 0 ? Math.min(wait, left) : left;
    if (wait === 0) this.#begun.set(kind, now);
    return wait;
  }

  /** The key was found: its ID was not made up. */
  takeBack(iss: string): void {
    this.#begun.delete(kindOf(iss));
  }

  /**
   * The answer for a token of a tenant or issuer that is not accepted, where an accepted one would have to wait; else
   * `undefined`. Asks for nothing.
   *
   * @param refusal what the token is refused with
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
      // With thousands of tenants it takes some milliseconds: junk must not make it take more than a small part of all time.
      const end = performance.now();
      this.#gatherAt = end + 20 * (end - began - 1);
    }
    return this.#known.kids.has(kid);
  }
}

/** Workforce tenants share hosts; B2C and External ID tenants have hosts of their own, with an end in common. */
function kindOf(iss: string): string {
  const host = new URL(iss).hostname;
  return cloudOf(host) === undefined ? host : host.split('.').slice(-2).join('.');
}

/** Whether the token's key would be looked for, if its tenant were an accepted one of this authority. */
function wouldLook(authority: Authority, jws: CompactJws, whose: IssuerClaims): boolean {
  const look = lookOf(jws, whose, authority, authority.settings.now());
  if (firstComplaint(look, CHECKS_BUT_ISSUER) !== undefined) return false;
  return authority.couldIssue(whose) && checkPolicy(look) === undefined;
}

/**
 * A key ID that is not known, while the keys can't be read again.
 *
 * @param retryAfter seconds
 * @param cause what operators should know besides; callers get the same answer with and without
 */
export function keyNotKnownYet(kid: string, retryAfter: number, cause?: TokenError): KeysUnavailableError {
  return new KeysUnavailableError({
    message: "The token names a signing key that is not known, and the keys can't be read again yet.",
    hint: `After a key rotation this passes by itself. If it stays, see who sends tokens with made-up key IDs: this one is ${shown(kid)}.`,
    retryAfter,
    cause,
  });
}
