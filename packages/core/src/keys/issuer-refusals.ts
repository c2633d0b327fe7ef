import { CONSUMER_TENANT } from '../base/guid.js';
import { type Refusal, shown } from '../base/refusal.js';
import { cloudFacts, cloudOf, isB2cHost, ownedBy } from '../options/clouds.js';
import type { Settings } from '../options/settings.js';

/** Which tokens an authority accepts, for refusals. */
export interface Acceptance {
  readonly settings: Settings;
  /** The tenant to which a domain or an authority resolved. */
  readonly pinned: string | undefined;
}

export function wrongIssuer(acceptance: Acceptance, iss: string, expected?: string): Refusal {
  const { tenancy, cloud } = acceptance.settings;
  return {
    code: 'issuer_not_accepted',
    subject: 'issuer (iss)',
    found: shown(iss),
    expected: expected ? `"${expected}"` : expectedIssuers(acceptance),
    hint: issuerHint(iss, cloud, tenancy.kind === 'authority' ? tenancy.metadataUrl : undefined),
  };
}

/**
 * Tells whether an issuer's host is of this authority's kind. Workforce tenants share hosts; B2C and External ID
 * tenants have their own.
 */
export function isKin({ tenancy, cloud }: Settings, iss: string): boolean {
  const host = new URL(iss).hostname;
  return tenancy.kind === 'authority'
    ? new URL(tenancy.metadataUrl).hostname === host || ownedBy(cloud, host)
    : cloudFacts(cloud).hosts.includes(host);
}

/**
 * Returns the refusal for a tenant that is not accepted. Refuses the issuer instead if that belongs to another kind of
 * authority, or not to Entra.
 */
export function wrongTenant(acceptance: Acceptance, iss: string, tenantId: string): Refusal {
  if (!isKin(acceptance.settings, iss)) return wrongIssuer(acceptance, iss);
  const consumer =
    tenantId === CONSUMER_TENANT
      ? ' This one is the tenant of personal Microsoft accounts: it is accepted only when named in tenants.'
      : '';
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: shown(tenantId),
    expected: expectedTenants(acceptance),
    hint: `The caller signed in to another tenant. If it should be accepted, add it to tenants; else the client has to use the authority of the right tenant, not /common or /organizations.${consumer}`,
  };
}

function expectedTenants({ settings: { tenancy }, pinned }: Acceptance): string {
  switch (tenancy.kind) {
    case 'single':
      return `"${pinned ?? tenancy.tenant}"`;
    case 'list':
      return tenancy.tenants.size <= 5
        ? [...tenancy.tenants].map((tenant) => `"${tenant}"`).join(' or ')
        : `one of ${tenancy.tenants.size} tenants`;
    case 'any':
      return tenancy.accepts ? 'a tenant that the tenants function accepts' : 'the tenant of an organisation';
    case 'authority':
      // `pinned` is set: before it is, no tenant is refused.
      return `"${pinned}"`;
  }
}

function expectedIssuers(acceptance: Acceptance): string {
  const { tenancy, cloud } = acceptance.settings;
  return tenancy.kind === 'authority'
    ? `the issuer of ${tenancy.metadataUrl}`
    : `an issuer of Entra's ${cloud} cloud for ${expectedTenants(acceptance)}`;
}

export function disagreement(iss: string, tid: string): Refusal {
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: `${shown(tid)} with the issuer ${shown(iss)}`,
    expected: 'the tenant that the issuer names',
    hint: 'Issuer and tenant of the token contradict each other. Entra issues no such tokens: this one was forged.',
  };
}

export function noTenant(): Refusal {
  return {
    code: 'tenant_not_accepted',
    subject: 'tenant (tid)',
    found: 'nothing',
    expected: 'the GUID of the tenant',
    hint: 'Entra names the tenant in every access token; B2C does not: for a B2C tenant set authority.',
  };
}

function issuerHint(iss: string, cloud: Settings['cloud'], metadataUrl: string | undefined): string {
  const host = URL.canParse(iss) ? new URL(iss).hostname : '';
  const other = cloudOf(host);
  if (host.endsWith('.ciamlogin.com') && !metadataUrl?.includes('.ciamlogin.')) {
    return 'The token comes from an External ID tenant. Set authority to https://{name}.ciamlogin.com/{tenant ID}/v2.0 instead of tenantId.';
  }
  if (isB2cHost(host) && !metadataUrl?.includes('.b2clogin.')) {
    return 'The token comes from an Azure AD B2C tenant. Set authority to https://{name}.b2clogin.com/{name}.onmicrosoft.com/{policy}/v2.0 instead of tenantId.';
  }
  if (other !== undefined && other !== cloud) {
    return `The token comes from Entra's ${other} cloud, and the API is set up for ${cloud}. Set the cloud option, or give the client the right authority.`;
  }
  if (host.startsWith('sts.')) {
    return "This is a v1 token, and the authority has other v1 issuers or none. Set api.requestedAccessTokenVersion to 2 in the manifest of the API's app registration, or compare the tenants.";
  }
  if (other === undefined)
    return 'The token does not come from Entra. See which identity provider the client uses.';
  return 'The token comes from Entra, but not from the configured authority. Compare tenant, policy and authority of client and API.';
}
