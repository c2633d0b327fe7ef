import { consoleLog, limitedLog } from '../base/log.js';
import { type Refusal, shown } from '../base/refusal.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { Revocations } from '../options/revocations.js';
import type { Settings } from '../options/settings.js';
import { RevocationJudge } from '../revocation/judge.js';
import { warnOfUnshared } from '../revocation/unshared.js';
import type { Candidate } from './candidate.js';
import { askIfRevoked } from './user-hook.js';

/** Returns what asks the setting `revocations`; `undefined` without one. Warns of revocations that other processes do not have. */
export function judgeFor(
  revocations: Revocations | undefined,
  { now, log }: Settings,
): RevocationJudge | undefined {
  if (revocations === undefined) return undefined;
  warnOfUnshared(revocations, limitedLog(log ?? consoleLog, now));
  return new RevocationJudge(revocations, now);
}

/** Tells whether an authority accepts the callers of one tenant only. */
export function isOneTenant({ tenancy }: Settings): boolean {
  return tenancy.kind === 'single' || tenancy.kind === 'authority';
}

/** Tells whether the application's functions decide about callers of this authority, at each use of a token. */
export function asksApplication({ tenants, authority }: Candidate): boolean {
  return tenants !== undefined || authority.settings.isRevoked !== undefined;
}

/**
 * Calls the application's functions for a caller with a verified token: `tenants`, then `isRevoked`.
 *
 * @throws UnavailableError `hook_failed` if a function fails (as a rejection)
 */
export async function refusalByApplication(
  { tenants, authority }: Candidate,
  auth: AuthContext,
): Promise<Refusal | undefined> {
  const { isRevoked } = authority.settings;
  if (tenants !== undefined && !(await tenants.accepts(auth.tenantId))) return tenantDeclined(auth.tenantId);
  return isRevoked !== undefined && (await askIfRevoked(isRevoked, auth)) ? revoked() : undefined;
}

function tenantDeclined(tenantId: string): Refusal {
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: shown(tenantId),
    expected: 'a tenant for which the tenants function answers true',
    hint: 'The tenants function did not answer true. If the tenant should be accepted, add it to what the function looks up.',
  };
}

function revoked(): Refusal {
  return {
    code: 'token_revoked',
    subject: 'revocation',
    found: 'a revoked token',
    expected: 'one for which isRevoked answers false',
    hint: "The API's own isRevoked function answered true. The client has to sign in again.",
  };
}
