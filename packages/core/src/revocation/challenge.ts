import type { ClaimsChallenge } from '../base/errors.js';
import type { AuthContext } from '../caller/auth-context.js';
import { authorityOf } from '../caller/authority-facts.js';
import { answersChallenges } from '../caller/client-capabilities.js';
import type { RevocationRecord } from '../options/revocations.js';
import { lastRefused, marginFor } from './cutoff.js';

/** From when on a token that is fetched has an `iat` after the cutoff, in seconds: back-dating, and a minute for clocks. */
const UNTIL_FRESH = 360;

/**
 * Returns the challenge with which a client fetches a fresh token: for a cutoff, and only if a token that is fetched now would
 * pass. Before that, and after a ban, the client would try in vain, and may do so in a loop.
 *
 * Only clients that declare the capability `cp1` can handle it (Entra: claims challenges, claims requests, and client
 * capabilities). For others, and for contexts that no validator has made, returns `undefined`.
 *
 * @param now milliseconds since the epoch
 * @param margin the option `margin`
 */
export function freshTokenChallenge(
  { issuedBefore }: RevocationRecord,
  auth: AuthContext,
  now: number,
  margin: number | undefined,
): ClaimsChallenge | undefined {
  const authority = authorityOf(auth);
  if (issuedBefore === undefined || authority === undefined || !answersChallenges(auth)) return undefined;
  const last = lastRefused(issuedBefore, marginFor(auth.issuer, margin));
  if (!(now >= (last + UNTIL_FRESH) * 1000)) return undefined;
  // Entra takes the time as text (Entra: claims challenges, "nbf").
  const nbf = { essential: true, value: String(last + 1) };
  const { authorizationUri, realm } = authority;
  return { kind: 'claims', claims: JSON.stringify({ access_token: { nbf } }), authorizationUri, realm };
}
