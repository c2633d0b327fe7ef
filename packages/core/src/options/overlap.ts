import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { printable } from '../base/printable.js';
import { cloudFacts } from './clouds.js';
import type { Settings } from './settings.js';

/** Names an authority in an error. */
export function authorityName({ tenancy, audiences, cloud }: Settings, index: number): string {
  const where = cloud === 'public' ? '' : ` in ${cloud}`;
  const whose =
    tenancy.kind === 'single'
      ? `tenantId ${tenancy.tenant}`
      : tenancy.kind === 'list'
        ? `a list of ${tenancy.tenants.size} tenants`
        : tenancy.kind === 'any'
          ? `tenants ${tenancy.accepts ? 'by a function' : "'any-organization'"}`
          : `authority ${printable(tenancy.metadataUrl)}`;
  return `authority ${index + 1} (${whose}${where}, clientId ${audiences.clientId})`;
}

/** The error for two authorities that both accept a token. */
export function overlapError(first: string, second: string, issuer: string): ConfigurationError {
  return new ConfigurationError(
    `Two authorities accept the same tokens: ${first} and ${second} have ${issuer} and an audience in common, so the second one's isRevoked and other options would never be asked.`,
    'Make them one, or give each its own clientId, applicationIdUri and audience.',
  );
}

/** Returns an audience that both accept. */
export function sharedAudience(first: Settings, second: Settings): string | undefined {
  return [...first.audiences.accepted].find((audience) => second.audiences.accepted.has(audience));
}

/** Tells whether both may accept one policy. `true` unless both are B2C with different policies. */
export function sharesPolicy({ tenancy: a }: Settings, { tenancy: b }: Settings): boolean {
  const policies = a.kind === 'authority' ? a.b2c?.accepted : undefined;
  const others = b.kind === 'authority' ? b.b2c?.accepted : undefined;
  return (
    policies === undefined || others === undefined || [...policies.keys()].some((one) => others.has(one))
  );
}

/**
 * Refuses two authorities that accept the same token: they have an issuer and an audience in common. An overlap that
 * only the metadata shows is found when that is read.
 *
 * @throws ConfigurationError that names both
 */
export function assertNoOverlap(all: readonly Settings[]): void {
  for (const [index, first] of all.entries()) {
    for (const [distance, second] of all.slice(index + 1).entries()) {
      if (sharedAudience(first, second) === undefined || !sharesPolicy(first, second)) continue;
      const issuer = knownSharedIssuer(first, second);
      if (issuer === undefined) continue;
      throw overlapError(authorityName(first, index), authorityName(second, index + 1 + distance), issuer);
    }
  }
}

function knownSharedIssuer(first: Settings, second: Settings): string | undefined {
  const [a, b] = [first.tenancy, second.tenancy];
  if (a.kind === 'authority' && b.kind === 'authority' && a.metadataUrl === b.metadataUrl)
    return 'one metadata document';
  // A tenant belongs to one cloud, so authorities of different clouds never share one.
  if (first.cloud !== second.cloud) return undefined;
  const [ours, theirs] = [tenantsOf(first), tenantsOf(second)];
  if (ours === undefined || theirs === undefined) return undefined;
  if (ours === 'any' || theirs === 'any') return 'tenants';
  const tenant = [...ours].find((one) => theirs.has(one));
  return tenant && `the tenant ${tenant}`;
}

/** Returns the tenants whose tokens from Entra's own issuers are accepted, as far as that is known without metadata. */
function tenantsOf({ tenancy, cloud }: Settings): ReadonlySet<string> | 'any' | undefined {
  switch (tenancy.kind) {
    case 'single':
      return new Set([tenancy.tenant]);
    case 'list':
      return tenancy.tenants;
    case 'any':
      return 'any';
    case 'authority': {
      const url = new URL(tenancy.metadataUrl);
      const tenant = url.pathname.split('/')[1];
      return url.hostname === cloudFacts(cloud).loginHost && isGuid(tenant)
        ? new Set([tenant.toLowerCase()])
        : undefined;
    }
  }
}
