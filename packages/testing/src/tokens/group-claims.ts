import type { App } from '../directory/apps.js';
import type { Groups } from '../directory/groups.js';
import type { Tenant, Tenants } from '../directory/tenants.js';

/** How many groups a JWT lists at most (Entra: groups overage claim). */
const mostGroups = 200;

/** Whose groups a token lists, and for which API. */
export interface GroupClaimsFor {
  readonly api: App;
  readonly tenant: Tenant;
  readonly person: { readonly oid: string };
}

/**
 * Makes the claim `groups` for an API that asks for it (`groupMembershipClaims`). A user with more than 200 groups gets the claims
 * that point to Graph in its place. The address is Azure AD Graph's, as in Entra's tokens: no API should call it.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim
 */
export function groupClaims(
  { groups, tenants }: { readonly groups: Groups; readonly tenants: Tenants },
  { api, tenant, person }: GroupClaimsFor,
): Record<string, unknown> {
  const { groupMembershipClaims: asked = 'None' } = api.registration;
  // The groups are the home tenant's.
  if (asked === 'None' || tenant.id !== tenants.home.id) return {};
  const ids = groups
    .transitiveOf(person.oid)
    .filter(({ securityEnabled }) => asked === 'All' || securityEnabled !== false)
    .map(({ id }) => id);
  if (ids.length === 0) return {};
  if (ids.length <= mostGroups) return { groups: ids };
  const endpoint = `https://graph.windows.net/${tenant.id}/users/${person.oid}/getMemberObjects`;
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } };
}
