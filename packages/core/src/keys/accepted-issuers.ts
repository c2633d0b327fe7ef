import { CONSUMER_TENANT, isGuid } from '../base/guid.js';
import type { Refusal } from '../base/refusal.js';
import { type Acceptance, disagreement, noTenant, wrongIssuer, wrongTenant } from './issuer-refusals.js';
import { tenantInIssuer, versionOf } from './issuer-text.js';

/** The claims that say which authority a token belongs to, with checked types. */
export interface IssuerClaims {
  readonly iss: string;
  readonly tid: string | undefined;
  /** B2C: the policy that the token names, in lower case. */
  readonly policy: string | undefined;
}

/** Refuses an issuer or tenant that is not accepted, as far as that is known without the authority's metadata. */
export function refuseIssuer(acceptance: Acceptance, { iss, tid }: IssuerClaims): Refusal | undefined {
  const named = tenantInIssuer(iss);
  if (named === undefined) return wrongIssuer(acceptance, iss);
  if (tid !== undefined && tid.toLowerCase() !== named) return disagreement(iss, tid);
  const { tenancy, concessions } = acceptance.settings;
  const { issuers, version } = concessions;
  if (issuers && !issuers.has(iss)) return wrongIssuer(acceptance, iss, [...issuers].join('" or "'));
  if (version && version !== versionOf(iss)) return wrongIssuer(acceptance, iss);
  if (tid === undefined && tenancy.kind !== 'authority') return noTenant();
  return acceptsTenant(acceptance, named) ? undefined : wrongTenant(acceptance, iss, named);
}

/** Tells whether tokens of this tenant are accepted. `true` for any tenant until a domain or an authority is resolved. */
export function acceptsTenant({ settings: { tenancy }, pinned }: Acceptance, tenantId: string): boolean {
  switch (tenancy.kind) {
    case 'single':
      return isGuid(tenancy.tenant)
        ? tenancy.tenant === tenantId
        : pinned === undefined || pinned === tenantId;
    case 'list':
      return tenancy.tenants.has(tenantId);
    case 'any':
      // A `tenants` function decides about the consumer tenant, after the signature check.
      return tenancy.accepts !== undefined || tenantId !== CONSUMER_TENANT;
    case 'authority':
      return pinned === undefined || pinned === tenantId;
  }
}
