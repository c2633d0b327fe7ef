import { isJsonObject, type JsonObject } from '../base/json-object.js';
import type { AuthContext } from '../caller/auth-context.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import type { Revocations } from '../options/revocations.js';
import { lastUse } from '../revocation/ends.js';
import { RevocationJudge } from '../revocation/judge.js';

/** The claims by which revocations find a user: identifiers and times, and nothing of what the user may do. */
const CLAIMS = [
  'iss',
  'tid',
  'oid',
  'sub',
  'sid',
  'uti',
  'iat',
  'nbf',
  'exp',
  'xms_par_app_azp',
  'xms_act_fct',
  'xms_sub_fct',
] as const;

/** Returns what a ticket keeps of its user, as JSON: what is needed to ask whether access was revoked. */
export function ticketSubject(auth: AuthContext): JsonObject {
  const { tenantId, clientId } = auth;
  const claims = auth.claims as JsonObject;
  const kept = CLAIMS.filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name]]);
  return { tenantId, clientId, claims: Object.fromEntries(kept) };
}

/**
 * Asks whether the access of a ticket's user was revoked, as of the token by which the ticket was taken.
 *
 * @param subject what {@link ticketSubject} gave, and what was kept sealed since
 * @param askedAt when this was asked last, in milliseconds since the epoch. A record about the user may have come and ended since, if
 * that is longer ago than records are kept
 * @param now milliseconds since the epoch
 * @returns whether access was revoked, or that can't be told any more
 * @throws UnavailableError `revocations_unavailable`
 */
export function isTicketRevoked(
  subject: unknown,
  revocations: Revocations,
  askedAt: number,
  now: number,
): boolean {
  const auth = contextOf(subject);
  if (auth === undefined) return true;
  // Not `>`: a broken clock must not prolong a ticket.
  if (!(now < lastUse(askedAt / 1000, revocations.longestToken) * 1000)) return true;
  try {
    new RevocationJudge(revocations, () => now).judge(auth);
    return false;
  } catch (error) {
    if (isRevoked(error)) return true;
    throw error;
  }
}

const isRevoked = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === 'token_revoked';

/** Never handed out: it has no permission, and is made for the question alone. */
function contextOf(subject: unknown): AuthContext | undefined {
  if (!isJsonObject(subject)) return undefined;
  const { tenantId, clientId, claims } = subject;
  if (typeof tenantId !== 'string' || typeof clientId !== 'string' || !isJsonObject(claims)) return undefined;
  if (typeof claims.iss !== 'string') return undefined;
  const copy = Object.assign(Object.create(null) as JsonObject, claims);
  return new TokenAuthContext(copy, { kind: 'user', clientId, scopes: [], roles: [] }, tenantId);
}
