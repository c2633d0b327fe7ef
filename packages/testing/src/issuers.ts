import { consumersTenantId } from './directory/tenants.js';

/** Stands for a tenant in the issuers of shared metadata, literally and in this case. */
export const tenantTemplate = '{tenantid}';

/** Where the local Entra answers and which issuers it names. */
export interface Authority {
  /** Scheme, host and port, without a trailing slash. */
  readonly origin: string;
  v1Issuer(tenantId: string): string;
  v2Issuer(tenantId: string): string;
}

/** Entra's own addresses: what an in-process local Entra answers for. */
export const productionAuthority: Authority = {
  origin: 'https://login.microsoftonline.com',
  v1Issuer: (tenantId) => `https://sts.windows.net/${tenantId}/`,
  v2Issuer: (tenantId) => `https://login.microsoftonline.com/${tenantId}/v2.0`,
};

/** A local Entra on a port names itself. */
export function loopbackAuthority(origin: string): Authority {
  return {
    origin,
    v1Issuer: (tenantId) => `${origin}/${tenantId}/`,
    v2Issuer: (tenantId) => `${origin}/${tenantId}/v2.0`,
  };
}

export function issuerOf(authority: Authority, version: '1.0' | '2.0', tenantId: string): string {
  return version === '1.0' ? authority.v1Issuer(tenantId) : authority.v2Issuer(tenantId);
}

/** What the `issuer` of shared metadata says: a template, but personal accounts are one tenant. */
export function sharedIssuerTenant(alias: string): string {
  return alias === 'consumers' ? consumersTenantId : tenantTemplate;
}
