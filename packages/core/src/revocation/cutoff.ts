import type { AuthContext } from '../caller/auth-context.js';

/** `iss` of workforce tenants, v1 and v2, in all clouds. Those of B2C and External ID differ in host or path. */
const WORKFORCE =
  /^https:\/\/(?:(?:login\.microsoftonline\.com|login\.microsoftonline\.us|login\.partner\.microsoftonline\.cn)\/[0-9a-f-]{36}\/v2\.0|sts\.(?:windows\.net|chinacloudapi\.cn)\/[0-9a-f-]{36}\/)$/i;

/** Used where Entra does not date tokens back, in seconds. */
export const LARGEST_MARGIN = 300;

/**
 * Returns the margin of a cutoff, in seconds. For some minutes after a revocation Entra still redeems refresh tokens from before
 * it, and clocks differ. Workforce tenants date `iat` back by 5 minutes, which covers that. Other issuers are not known to.
 *
 * @param given the option `margin`
 */
export function marginFor(issuer: string, given: number | undefined): number {
  return given ?? (WORKFORCE.test(issuer) ? 0 : LARGEST_MARGIN);
}

/** Seconds since the epoch. */
export interface IssueTimes {
  readonly iat?: number | undefined;
  readonly nbf?: number | undefined;
}

/** Returns when a token was issued, in seconds since the epoch: `iat`, or else `nbf`. `undefined` if it says neither. */
export function issuedAt({ iat, nbf }: IssueTimes): number | undefined {
  return [iat, nbf].find((time) => Number.isFinite(time));
}

/** Returns the last second whose tokens a cutoff refuses, since the epoch. Tokens have whole seconds, so it rounds up. */
export function lastRefused(issuedBefore: number, margin: number): number {
  return Math.ceil(issuedBefore / 1000) + margin;
}

/**
 * Tells whether a cutoff refuses a caller: whether the token was issued at the cutoff or before. Compares `iat` as it is in the
 * token: a corrected one would let in tokens that Entra issued from old refresh tokens. A token without a time is refused.
 */
export function isCutOff(auth: AuthContext, issuedBefore: number, margin: number | undefined): boolean {
  const issued = issuedAt(auth.claims);
  return issued === undefined || issued <= lastRefused(issuedBefore, marginFor(auth.issuer, margin));
}
