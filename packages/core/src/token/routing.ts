import { ConfigurationError, type KeysUnavailableError, type TokenError } from '../base/errors.js';
import { isRefusal, type Refusal, tokenError } from '../base/refusal.js';
import type { TokenKind } from '../caller/token-kind.js';
import type { IssuerClaims } from '../keys/accepted-issuers.js';
import type { Trust } from '../keys/authority.js';
import { currentMoment } from '../keys/documents/remote-document.js';
import type { SigningKey } from '../keys/key-set.js';
import type { Algorithm } from '../options/options.js';
import { authorityName, overlapError, sharedAudience } from '../options/overlap.js';
import type { Candidate } from './candidate.js';
import { issuerClaims } from './checks/issuer.js';
import { lookOf } from './checks/look.js';
import { CHECKS, CHECKS_OF_CLAIMS, firstComplaint } from './checks.js';
import { soundTime } from './clock.js';
import type { CompactJws } from './compact-jws.js';
import { KnownRoutes, type TrustedKeys } from './memory/known-routes.js';
import { keyNotKnownYet, Probes } from './probes.js';
import { foreignKey, unknownKey } from './signature-refusals.js';

/** An authority that the token may belong to, according to its claims. */
interface Plausible {
  readonly candidate: Candidate;
  readonly kind: TokenKind;
  /** When that was checked, in milliseconds since the epoch. */
  readonly now: number;
  /** The keys that were trusted for an earlier token of this key and tenant. */
  readonly known: TrustedKeys | undefined;
}

/** A token that passed the checks of its claims, but is not verified. */
export interface CheckedToken {
  readonly jws: CompactJws;
  readonly whose: IssuerClaims;
  /** At least one. */
  readonly plausible: readonly Plausible[];
  /** Whether the token can only belong to this authority, also at a later time. */
  readonly settled: boolean;
}

/** A token's authority, with the keys that may have signed the token. */
export interface Route extends Plausible {
  readonly trusted: TrustedKeys;
}

/** Entra back-dates `iat` and `nbf` by five minutes. Twice that is safe. In milliseconds. */
const BACK_DATING = 600_000;

/** Finds the authority that a token belongs to, and the keys that may have signed the token. */
export class Routing {
  readonly candidates: readonly Candidate[];
  /** Whether to conceal from callers which tenants are accepted. */
  readonly #conceals: boolean;
  /** Set if probing could reveal a list of accepted tenants. */
  readonly #probes: Probes | undefined;
  readonly #known = new KnownRoutes<Candidate>();

  constructor(candidates: readonly Candidate[]) {
    this.candidates = candidates;
    const authorities = candidates.map(({ authority }) => authority);
    this.#conceals = candidates.length > 1 || authorities.some(({ manyTenants }) => manyTenants);
    this.#probes =
      candidates.length > 1 || authorities[0]?.listsTenants ? new Probes(authorities) : undefined;
  }

  /** Returns the parsed header of a token that begins like a verified one. */
  get headerOf(): KnownRoutes<Candidate>['headerOf'] {
    return this.#known.headerOf;
  }

  /**
   * Runs the checks for each authority.
   *
   * @throws TokenError if all of them refuse the token; with the nearest complaint
   */
  check(jws: CompactJws): CheckedToken {
    const whose = issuerClaims(jws.payload);
    const plausible: Plausible[] = [];
    let refusal: Refusal | undefined;
    let settled = true;
    for (const candidate of this.candidates) {
      const now = soundTime(candidate.authority.settings.now());
      const known = this.#known.find(jws.header, whose, candidate);
      const look = lookOf(jws, whose, candidate.authority, now);
      const complaint = firstComplaint(look, known === undefined ? CHECKS : CHECKS_OF_CLAIMS);
      if (complaint === undefined) plausible.push({ candidate, kind: look.kind as TokenKind, now, known });
      else {
        refusal = nearer(refusal, complaint);
        settled &&= complaint.code !== 'token_expired' && complaint.code !== 'token_not_yet_valid';
      }
    }
    if (plausible.length === 0) throw this.#notOurs(refusal as Refusal, jws, whose);
    return { jws, whose, plausible, settled: settled && plausible.length === 1 };
  }

  /** Returns the route of an earlier token of this key and tenant, if the documents that it is based on are unchanged. */
  known({ plausible }: CheckedToken): Route | undefined {
    const { candidate, kind, now, known } = plausible[0] as Plausible;
    // If several authorities may own the token, each is asked, so that two owners are found and reported as a mistake.
    if (known === undefined || plausible.length > 1) return undefined;
    return known.trust.grounds.hold(now) ? { candidate, kind, now, known, trusted: known } : undefined;
  }

  /**
   * Finds the route of a token from metadata and keys. Reads those that are not loaded.
   *
   * @throws TokenError, UnavailableError, ConfigurationError (as rejections)
   */
  async find(token: CheckedToken): Promise<Route> {
    const { header, payload } = token.jws;
    const arrival = currentMoment();
    const { trust, ...plausible } = await this.#authorityOf(token);
    // The checks `key_id` and `algorithm` have passed.
    const kid = header.kid as string;
    const algorithm = header.alg as Algorithm;
    let named = (await trust.keySet()).find(kid);
    if (named.length === 0) named = await this.#lookAgain(kid, payload, plausible.candidate, trust, arrival);
    const serving = (await trust.serving(named)).filter(({ alg }) => alg === undefined || alg === algorithm);
    if (serving.length === 0) throw this.refuse(foreignKey(kid, trust.issuer));
    return { ...plausible, trusted: { trust, serving } };
  }

  /** Keeps the route of a verified token for the next one of its key and tenant. */
  keep(
    { jws: { token, headerEnd, header }, whose }: CheckedToken,
    { candidate, trusted, known }: Route,
  ): void {
    if (known !== trusted) this.#known.keep(token.slice(0, headerEnd), header, whose, candidate, trusted);
  }

  refuse(refusal: Refusal, stage: { readonly verified?: boolean } = {}): TokenError {
    return tokenError(refusal, { verified: false, ...stage, concealed: this.#conceals });
  }

  /** @throws ConfigurationError if the metadata shows that two authorities accept one issuer */
  assertNoOverlap(): void {
    for (const [index, first] of this.candidates.entries()) {
      for (const second of this.candidates.slice(index + 1)) {
        const [one, other] = [first.authority, second.authority];
        if (sharedAudience(one.settings, other.settings) === undefined) continue;
        const issuer = one.issuerInCommonWith(other) ?? other.issuerInCommonWith(one);
        if (issuer !== undefined) throw this.#overlap(first, second, issuer);
      }
    }
  }

  close(): void {
    this.#known.clear();
    for (const { authority, memory } of this.candidates) {
      authority.close();
      memory?.clear();
    }
  }

  /** Finds the authority of the token's issuer, by its metadata. */
  async #authorityOf({
    jws,
    whose,
    plausible,
  }: CheckedToken): Promise<Plausible & { readonly trust: Trust }> {
    let refusal: Refusal | undefined;
    let unavailable: unknown;
    let found: (Plausible & { readonly trust: Trust }) | undefined;
    for (const one of plausible) {
      try {
        const trust = await one.candidate.authority.trust(whose);
        if (isRefusal(trust)) refusal = trust;
        else if (found === undefined) found = { ...one, trust };
        else throw this.#overlap(found.candidate, one.candidate, trust.issuer);
      } catch (error) {
        if (ConfigurationError.is(error)) throw error;
        // Another authority may own the token, so an unavailable one must not decide the answer yet.
        unavailable = error;
      }
    }
    if (found !== undefined) return found;
    if (unavailable !== undefined) throw unavailable;
    throw this.#notOurs(refusal as Refusal, jws, whose);
  }

  /** Reads the keys again for an unknown key ID, which may be a new key or made up. */
  async #lookAgain(
    kid: string,
    claims: CompactJws['payload'],
    { authority }: Candidate,
    { keys, issuer }: Trust,
    arrival: number,
  ): Promise<readonly SigningKey[]> {
    const wait = this.#probes?.begin(issuer);
    // The keys are loaded, because the ID was looked up in them.
    const fetchedAt = keys.fetchedAt as number;
    const fresher = await keys.getFresher(arrival, wait === 0);
    const found = keys.current?.find(kid) ?? [];
    if (found.length > 0) {
      if (wait === 0) this.#probes?.takeBack(issuer);
      return found;
    }
    if (wait) throw keyNotKnownYet(kid, wait);
    // A token's claimed age may give a quicker answer, but not where that would reveal which tenants are accepted.
    const older = this.#probes === undefined && olderThanKeys(claims, fetchedAt, authority.settings.now());
    if (fresher !== 'fresh' && !older) throw keyNotKnownYet(kid, fresher.retryAfter);
    throw this.refuse(unknownKey(kid, issuer, claims));
  }

  /** Returns the answer for a token that belongs to none of the authorities. */
  #notOurs(refusal: Refusal, jws: CompactJws, whose: IssuerClaims): TokenError | KeysUnavailableError {
    const error = this.refuse(refusal);
    return this.#probes?.answer(error, jws, whose) ?? error;
  }

  /** Returns the error for two authorities that own a token, which only their metadata shows. */
  #overlap(first: Candidate, second: Candidate, issuer: string): ConfigurationError {
    const [one, other] = [first, second].map((candidate) =>
      authorityName(candidate.authority.settings, this.candidates.indexOf(candidate)),
    );
    return overlapError(one as string, other as string, `the issuer ${issuer}`);
  }
}

/**
 * Returns the more specific refusal of two authorities: an authority that accepts the token's issuer was meant, even if
 * it refuses the audience.
 */
export function nearer(first: Refusal | undefined, second: Refusal): Refusal {
  const elsewhere = (refusal: Refusal): boolean =>
    refusal.code === 'issuer_not_accepted' || refusal.code === 'tenant_not_accepted';
  return first !== undefined && (!elsewhere(first) || elsewhere(second)) ? first : second;
}

/**
 * Tells whether a token was issued before the keys were read. Keys are published before they sign, so the set would
 * hold the token's key. `false` for a set from the future, because the clock was set back.
 */
function olderThanKeys(claims: CompactJws['payload'], fetchedAt: number, now: number): boolean {
  const { iat } = claims;
  return typeof iat === 'number' && fetchedAt <= now && iat * 1000 + BACK_DATING < fetchedAt;
}
