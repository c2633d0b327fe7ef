import type { Tenant } from '../directory/tenants.js';
import type { EntraServices } from './call.js';
import { isTenantAlias } from './metadata.js';
import { OAuthError } from './oauth-error.js';

/** What was issued in one tenant and is presented in another one: the AADSTS code and what Entra says of it. */
const elsewhere = {
  code: [700_005, 'The authorization code is for another tenant. Redeem it where it was issued'],
  'refresh token': [50_020, 'The user account has no account in this tenant. Use the tenant of the sign-in'],
  assertion: [50_013, 'The assertion was issued by another tenant. Use the tenant of its tid'],
} as const;

/**
 * Refuses what was issued in another tenant than the one in the URL. An alias such as `common` stands for any.
 *
 * @param segment the first segment of the path
 * @throws {OAuthError} AADSTS700005, 50020 or 50013
 */
export function assertSameTenant(
  { tenants }: EntraServices,
  segment: string,
  tenant: Tenant,
  what: keyof typeof elsewhere,
): void {
  if (isTenantAlias(segment) || tenants.named(segment).id === tenant.id) return;
  const [aadsts, sentence] = elsewhere[what];
  throw new OAuthError('invalid_grant', aadsts, `${sentence}: ${tenant.id}, and not ${segment}.`);
}
