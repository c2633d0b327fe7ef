import type { B2cPolicy } from './directory/b2c-policies.js';
import { consumersTenantId, type Tenant } from './directory/tenants.js';

/** The placeholder of a tenant in the `issuer` of shared metadata, in lower case as Entra writes it. */
export const tenantTemplate = '{tenantid}';

/** The address of the local Entra, and its issuers. */
export interface Authority {
  /** Scheme, host and port, without a trailing slash. */
  readonly origin: string;
  /** The same of Microsoft Graph. */
  readonly graphOrigin: string;
  /** Whether it answers production's addresses in process, and not those of a port. */
  readonly inProcess: boolean;
  /** The same of a tenant of Azure AD B2C. */
  b2cOrigin(tenant: Tenant): string;
  v1Issuer(tenantId: string): string;
  v2Issuer(tenantId: string): string;
}

/** The addresses of Entra in production, which an in-process local Entra answers. */
export const productionAuthority: Authority = {
  origin: 'https://login.microsoftonline.com',
  graphOrigin: 'https://graph.microsoft.com',
  inProcess: true,
  b2cOrigin: (tenant) => `https://${labelOf(tenant)}.b2clogin.com`,
  v1Issuer: (tenantId) => `https://sts.windows.net/${tenantId}/`,
  v2Issuer: (tenantId) => `https://login.microsoftonline.com/${tenantId}/v2.0`,
};

/** Makes the authority of a local Entra on a port: its own addresses and issuers. */
export function loopbackAuthority(origin: string): Authority {
  return {
    origin,
    graphOrigin: origin,
    inProcess: false,
    b2cOrigin: () => origin,
    v1Issuer: (tenantId) => `${origin}/${tenantId}/`,
    v2Issuer: (tenantId) => `${origin}/${tenantId}/v2.0`,
  };
}

/** Returns a tenant's name in hosts: `contoso` of `contoso.onmicrosoft.com`. */
export function labelOf({ domain }: Tenant): string {
  return domain.split('.')[0] as string;
}

/**
 * Makes the authority of a tenant of External ID, whose host is `{GUID}.ciamlogin.com`. On a port, where that host can't
 * exist, it is the first segment of the path.
 */
export function externalAuthority(authority: Authority, tenantId: string): Authority {
  const host = `${tenantId}.ciamlogin.com`;
  const origin = authority.inProcess ? `https://${host}` : `${authority.origin}/${host}`;
  return {
    ...authority,
    origin,
    v1Issuer: (id) => `${origin}/${id}/`,
    v2Issuer: (id) => `${origin}/${id}/v2.0`,
  };
}

/** Returns the issuer of a policy of Azure AD B2C. It ends with a slash in both forms. */
export function b2cIssuer(authority: Authority, tenant: Tenant, { name, issuer }: B2cPolicy): string {
  const origin = authority.b2cOrigin(tenant);
  return issuer === 'policy'
    ? `${origin}/tfp/${tenant.id}/${name.toLowerCase()}/v2.0/`
    : `${origin}/${tenant.id}/v2.0/`;
}

export function issuerOf(authority: Authority, version: '1.0' | '2.0', tenantId: string): string {
  return version === '1.0' ? authority.v1Issuer(tenantId) : authority.v2Issuer(tenantId);
}

/** Returns the tenant in the `issuer` of shared metadata: the placeholder, or the one tenant of personal accounts. */
export function sharedIssuerTenant(alias: string): string {
  return alias === 'consumers' ? consumersTenantId : tenantTemplate;
}
