import { isGuid } from '../base/guid.js';
import { cloudFacts } from '../options/clouds.js';
import type { Settings } from '../options/settings.js';
import type { Version } from './issuer-text.js';
import type { MetadataExpectation } from './metadata.js';

/** The URL of metadata, and the tenant that its issuer must name. */
export interface Place {
  readonly url: string;
  readonly tenant: MetadataExpectation['tenant'];
}

const WELL_KNOWN = '/.well-known/openid-configuration';

/**
 * Returns the place of the metadata for tokens of a version and tenant.
 *
 * @param policy B2C: the policy that the token names, in lower case
 */
export function placeFor(
  settings: Settings,
  version: Version,
  tenantId: string,
  policy: string | undefined,
): Place {
  const { tenancy } = settings;
  switch (tenancy.kind) {
    case 'single':
      return tenantPlace(settings, tenancy.tenant, version);
    case 'list':
      return tenantPlace(settings, tenantId, version);
    case 'any':
      return sharedPlace(settings, version);
    case 'authority': {
      const { b2c, metadataUrl } = tenancy;
      const url = b2c
        ? withPolicy(metadataUrl, b2c.inUrl, b2c.accepted.get(policy ?? ''))
        : sibling(metadataUrl, version);
      return { url: complete(settings, url), tenant: 'any' };
    }
  }
}

/** Returns the place of the metadata that all tenants share, whose issuer is a template. */
export function sharedPlace(settings: Settings, version: Version): Place {
  const { tenancy, cloud } = settings;
  const functional = tenancy.kind === 'any' && tenancy.accepts !== undefined;
  // Only "common" has the keys of personal accounts, and v1 has no separate "organizations".
  const alias = functional || version === 'v1' ? 'common' : 'organizations';
  const url = `https://${cloudFacts(cloud).loginHost}/${alias}${path(version)}${WELL_KNOWN}`;
  return { url: complete(settings, url), tenant: 'template' };
}

/**
 * Returns the place of the metadata that resolves a domain or an authority to a tenant; `undefined` if the tenant is
 * known without it.
 */
export function pinningPlace(settings: Settings): Place | undefined {
  const { tenancy } = settings;
  if (tenancy.kind === 'single' && !isGuid(tenancy.tenant))
    return tenantPlace(settings, tenancy.tenant, 'v2');
  if (tenancy.kind === 'authority' && !tenancy.b2c) {
    return { url: complete(settings, tenancy.metadataUrl), tenant: 'any' };
  }
  return undefined;
}

/** Returns the places that can be loaded before the first token. */
export function knownPlaces(settings: Settings): readonly Place[] {
  const { tenancy } = settings;
  switch (tenancy.kind) {
    case 'single':
      return [tenantPlace(settings, tenancy.tenant, 'v2')];
    case 'list':
      // Only the first ten of a long list. The others are loaded when their callers come.
      return [...tenancy.tenants].slice(0, 10).map((tenant) => tenantPlace(settings, tenant, 'v2'));
    case 'any':
      return [sharedPlace(settings, 'v2')];
    case 'authority': {
      const { b2c, metadataUrl } = tenancy;
      const urls = b2c
        ? [...b2c.accepted.values()].map((policy) => withPolicy(metadataUrl, b2c.inUrl, policy))
        : [metadataUrl];
      return urls.map((url) => ({ url: complete(settings, url), tenant: 'any' }));
    }
  }
}

function tenantPlace(settings: Settings, tenant: string, version: Version): Place {
  const url = `https://${cloudFacts(settings.cloud).loginHost}/${tenant}${path(version)}${WELL_KNOWN}`;
  return { url: complete(settings, url), tenant: isGuid(tenant) ? { id: tenant } : 'any' };
}

const path = (version: Version): string => (version === 'v2' ? '/v2.0' : '');

/** Completes a metadata URL. Custom signing keys are published under the app's ID (Entra: custom signing keys). */
function complete(settings: Settings, url: string): string {
  if (!settings.customSigningKeys) return url;
  const whole = new URL(url);
  whole.searchParams.set('appid', settings.audiences.clientId);
  return whole.href;
}

/** Returns the metadata URL for a version: with `/v2.0` for v2, without it for v1. */
function sibling(metadataUrl: string, version: Version): string {
  const url = new URL(metadataUrl);
  const base = url.pathname.slice(0, -WELL_KNOWN.length);
  const isV2 = base.endsWith('/v2.0');
  if (isV2 === (version === 'v2')) return metadataUrl;
  url.pathname = `${isV2 ? base.slice(0, -'/v2.0'.length) : `${base}/v2.0`}${WELL_KNOWN}`;
  return url.href;
}

/**
 * Returns the metadata URL of an accepted B2C policy, with its name in place of the configured one. Each policy has its
 * own metadata.
 */
function withPolicy(metadataUrl: string, configured: string, policy: string | undefined): string {
  if (policy === undefined || policy.toLowerCase() === configured.toLowerCase()) return metadataUrl;
  const url = new URL(metadataUrl);
  if (url.searchParams.has('p')) url.searchParams.set('p', policy);
  url.pathname = url.pathname
    .split('/')
    .map((segment) => (segment.toLowerCase() === configured.toLowerCase() ? policy : segment))
    .join('/');
  return url.href;
}
