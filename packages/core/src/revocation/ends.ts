import { LARGEST_MARGIN, lastRefused } from './cutoff.js';
import type { ReadTarget } from './target.js';

/** What decides how long records are kept. */
export interface RecordLimits {
  /** Seconds. */
  readonly longestToken: number;
  /** Seconds; `undefined` for that of the token's issuer. */
  readonly margin: number | undefined;
}

/** How much longer than its life, by its own times, a token may be accepted: back-dating and the largest clock tolerance. */
const SLACK = 600;
const LARGEST_TOLERANCE = 300_000;
/** How long Entra renews a session by default: the rolling window of refresh tokens. */
const SESSION = 90 * 86_400_000;

/** Returns when the last token that a cutoff refuses can't be valid any more, in milliseconds since the epoch. */
export function endOfCutoff(issuedBefore: number, { longestToken, margin }: RecordLimits): number {
  return (lastRefused(issuedBefore, margin ?? LARGEST_MARGIN) + longestToken + SLACK) * 1000;
}

/**
 * Returns when a record ends without being lifted, in milliseconds since the epoch. `Infinity` for a ban.
 *
 * @param at when it is set
 */
export function defaultEnd(
  { kind, expiresAt }: ReadTarget,
  issuedBefore: number | undefined,
  at: number,
  limits: RecordLimits,
): number {
  if (expiresAt !== undefined) return expiresAt + LARGEST_TOLERANCE;
  if (kind === 'session') return at + SESSION;
  return issuedBefore === undefined ? Number.POSITIVE_INFINITY : endOfCutoff(issuedBefore, limits);
}

/** Returns when a caller's tokens can't be valid any more, if they were issued at a time, both in seconds since the epoch. */
export function lastUse(issued: number, longestToken: number): number {
  return issued + longestToken + SLACK;
}
