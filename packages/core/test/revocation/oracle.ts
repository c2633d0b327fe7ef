import type { Target } from '../../src/index.js';

/** What Entra put into a token. Times are seconds since the epoch. */
export interface TokenClaims {
  readonly iss: string;
  readonly tid: string;
  readonly oid: string;
  readonly azp: string;
  readonly uti: string;
  readonly sid?: string | undefined;
  readonly xms_par_app_azp?: string | undefined;
  readonly iat?: number | undefined;
  readonly nbf?: number | undefined;
  readonly exp: number;
}

/** What an operator has set. Times are milliseconds since the epoch. */
export interface Decree {
  readonly target: Target;
  readonly issuedBefore?: number;
  readonly until?: number;
  readonly liftedAt?: number;
}

/**
 * Says which callers have to be refused, from what Entra puts into tokens and not from the code: one record after another, claim by
 * claim, without keys, an index or an end that is computed. Any record that matches refuses.
 *
 * @param margin seconds that a cutoff adds for tokens of this issuer
 * @param time milliseconds since the epoch
 */
export function mustRefuse(
  sets: readonly Decree[],
  claims: TokenClaims,
  margin: number,
  time: number,
): boolean {
  return sets.some(
    (set) =>
      !(set.liftedAt !== undefined && time >= set.liftedAt) &&
      !(set.until !== undefined && time >= set.until) &&
      concerns(set.target, claims) &&
      (set.issuedBefore === undefined || isFromBefore(set.issuedBefore, claims, margin)),
  );
}

function concerns(target: Target, claims: TokenClaims): boolean {
  if (target === 'everyone') return true;
  if ('tenant' in target) return same(target.tenant, claims.tid);
  if (target.tenantId !== undefined && !same(target.tenantId, claims.tid)) return false;
  if ('user' in target) return same(target.user, claims.oid);
  if ('servicePrincipal' in target) return same(target.servicePrincipal, claims.oid);
  if ('client' in target) return same(target.client, claims.azp);
  if ('agentBlueprint' in target) return same(target.agentBlueprint, claims.xms_par_app_azp);
  if ('session' in target) return target.session === claims.sid;
  return target.token === claims.uti;
}

/** GUIDs differ in case; session and token IDs do not. */
function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

/** Whether no whole second of the token is later than the cutoff: it counts as issued in the last millisecond that it can mean. */
function isFromBefore(issuedBefore: number, { iat, nbf }: TokenClaims, margin: number): boolean {
  const said = iat ?? nbf;
  if (said === undefined) return true;
  // The first millisecond of that second, against the end of the second that the cutoff is in.
  const earliest = said * 1000;
  const endOfCutoff = issuedBefore % 1000 === 0 ? issuedBefore : issuedBefore - (issuedBefore % 1000) + 1000;
  return earliest <= endOfCutoff + margin * 1000;
}
