import type { Granted } from '../exchange/answer.js';

/** A token is not handed out during the last tenth of its life, but for at least one and at most five minutes, in milliseconds. */
const MARGIN = { share: 0.1, least: 60_000, most: 300_000 };
/** When a token is got anew, as a share of its life, and by how much that is spread. */
const REFRESH = { share: 0.8, spread: 0.1 };

/** When a token is handed out no longer, and when it is got anew; milliseconds since the epoch. */
export interface Lifetime {
  readonly usableUntil: number;
  readonly refreshAt: number;
}

/**
 * @param now milliseconds since the epoch
 * @param end when the token must not be used any more, if that is before it expires: under the digest of a token that has expired it
 * could not be found again
 * @param luck from 0 to 1: processes that got tokens together do not renew them together
 */
export function lifetimeOf(
  { expiresAt, refreshAt }: Granted,
  now: number,
  end: number,
  luck: number,
): Lifetime {
  const life = expiresAt - now;
  const margin = Math.min(MARGIN.most, Math.max(MARGIN.least, life * MARGIN.share));
  const early = life * REFRESH.share * (1 + REFRESH.spread * (2 * luck - 1));
  return { usableUntil: Math.min(expiresAt - margin, end), refreshAt: refreshAt ?? now + early };
}
