import { hasMetadataUrl } from '../directory/client-metadata-url.js';
import { consumersTenantId, type Tenants } from '../directory/tenants.js';
import { type Authority, sharedIssuerTenant } from '../issuers.js';
import type { KeyRing, PublishedKey } from '../keys/key-ring.js';
import type { EntraServices } from './call.js';

const aliases = new Set(['common', 'organizations', 'consumers']);

export function isTenantAlias(segment: string): boolean {
  return aliases.has(segment);
}

/** Returns the tenant segment that metadata uses in URLs: an alias as it is, any other tenant as its GUID. */
export function tenantSegment(tenants: Tenants, segment: string): string {
  return isTenantAlias(segment) ? segment : tenants.named(segment).id;
}

function issuerTenant(tenants: Tenants, segment: string): string {
  return isTenantAlias(segment) ? sharedIssuerTenant(segment) : tenants.named(segment).id;
}

const shared = {
  token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code', 'id_token', 'code id_token'],
  scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  request_uri_parameter_supported: false,
  http_logout_supported: true,
  frontchannel_logout_supported: true,
  tenant_region_scope: null,
  cloud_instance_name: 'microsoftonline.com',
};

/** What the options of the local Entra, and its clients, add to metadata. */
export type MetadataSources = Pick<EntraServices, 'authority' | 'tenants' | 'apps' | 'advertisePkce'>;

function added({ apps, advertisePkce }: MetadataSources) {
  return {
    // Entra's metadata lacks it.
    ...(advertisePkce ? { code_challenge_methods_supported: ['S256'] } : {}),
    ...(apps.told.some(hasMetadataUrl) ? { client_id_metadata_document_supported: true } : {}),
  };
}

/** Makes the document at `/{tenant}/v2.0/.well-known/openid-configuration`. */
export function v2Metadata(sources: MetadataSources, segment: string, appId: string | null) {
  const { authority, tenants } = sources;
  const base = `${authority.origin}/${tenantSegment(tenants, segment)}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: forApp(`${base}/discovery/v2.0/keys`, appId),
    issuer: authority.v2Issuer(issuerTenant(tenants, segment)),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    userinfo_endpoint: `${authority.graphOrigin}/oidc/userinfo`,
    ...shared,
    ...added(sources),
  };
}

/** Makes the document at `/{tenant}/.well-known/openid-configuration`. As in Entra, its keys are at `/common`. */
export function v1Metadata(sources: MetadataSources, segment: string, appId: string | null) {
  const { authority, tenants } = sources;
  const base = `${authority.origin}/${tenantSegment(tenants, segment)}`;
  const keysBase = appId === null ? `${authority.origin}/common` : base;
  return {
    token_endpoint: `${base}/oauth2/token`,
    jwks_uri: forApp(`${keysBase}/discovery/keys`, appId),
    issuer: authority.v1Issuer(issuerTenant(tenants, segment)),
    authorization_endpoint: `${base}/oauth2/authorize`,
    device_authorization_endpoint: `${base}/oauth2/devicecode`,
    end_session_endpoint: `${base}/oauth2/logout`,
    userinfo_endpoint: `${authority.graphOrigin}/oidc/userinfo`,
    ...shared,
    ...added(sources),
  };
}

/** Makes the document at `/{tenant}/discovery/v2.0/keys`. Each key names its issuer. */
export function v2Keys(authority: Authority, tenants: Tenants, keys: KeyRing, segment: string) {
  const organizations = keys.published(authority.v2Issuer(sharedIssuerTenant('organizations')));
  const consumers = keys.publishedForConsumers(authority.v2Issuer(sharedIssuerTenant('consumers')));
  const sets: Readonly<Record<string, readonly PublishedKey[]>> = {
    common: [...organizations, ...consumers],
    consumers,
    [consumersTenantId]: consumers,
  };
  return { keys: sets[tenantSegment(tenants, segment)] ?? organizations };
}

/** Makes the document at `/{tenant}/discovery/keys`. No key names an issuer. */
export function v1Keys(keys: KeyRing) {
  return { keys: keys.published() };
}

/** Makes the document at `/common/discovery/instance`: the hosts of this Entra. */
export function instanceMetadata({ origin }: Authority) {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

/** Adds `?appid=`, which apps with their own signing keys use. */
function forApp(url: string, appId: string | null): string {
  return appId === null ? url : `${url}?appid=${encodeURIComponent(appId)}`;
}
