import { consumersTenantId } from './directory/tenants.js';

/** The placeholder of a tenant in the `issuer` of shared metadata, in lower case as Entra writes it. */
export const tenantTemplate = '{tenantid}';

/** The address of the local Entra, and its issuers. */
export interface Authority {
  /** Scheme, host and port, without a trailing slash. */
  readonly origin: string;
  /** The same of Microsoft Graph. */
  readonly graphOrigin: string;
  v1Issuer(tenantId: string): string;
  v2Issuer(tenantId: string): string;
}

/** The addresses of Entra in production, which an in-process local Entra answers. */
export const productionAuthority: Authority = {
  origin: 'https://login.microsoftonline.com',
  graphOrigin: 'https://graph.microsoft.com',
  v1Issuer: (tenantId) => `https://sts.windows.net/${tenantId}/`,
  v2Issuer: (tenantId) => `https://login.microsoftonline.com/${tenantId}/v2.0`,
};

/** Makes the authority of a local Entra on a port: its own addresses and issuers. */
export function loopbackAuthority(origin: string): Authority {
  return {
    origin,
    graphOrigin: origin,
    v1Issuer: (tenantId) => `${origin}/${tenantId}/`,
    v2Issuer: (tenantId) => `${origin}/${tenantId}/v2.0`,
  };
}

export function issuerOf(authority: Authority, version: '1.0' | '2.0', tenantId: string): string {
  return version === '1.0' ? authority.v1Issuer(tenantId) : authority.v2Issuer(tenantId);
}

/** Returns the tenant in the `issuer` of shared metadata: the placeholder, or the one tenant of personal accounts. */
export function sharedIssuerTenant(alias: string): string {
  return alias === 'consumers' ? consumersTenantId : tenantTemplate;
}
