import { isGuid } from '../base/guid.js';
import { isLoopback } from '../base/loopback.js';
import type { Refusal } from '../base/refusal.js';
import { type CloudFacts, cloudFacts, ownedBy } from '../options/clouds.js';
import type { Settings } from '../options/settings.js';
import { type Acceptance, wrongIssuer, wrongTenant } from './issuer-refusals.js';
import { tenantInIssuer } from './issuer-text.js';

/**
 * Refuses an issuer that the authority's metadata can't state, for use without that metadata: an issuer of another host
 * or cloud, or in a form that Entra does not use. An issuer that passes may still differ from the one in the metadata.
 *
 * @param iss an issuer that names a tenant
 */
export function checkUnreadIssuer(settings: Settings, iss: string): Refusal | undefined {
  const tenantId = tenantInIssuer(iss) as string;
  const { tenancy, cloud } = settings;
  const facts = cloudFacts(cloud);
  if (tenancy.kind !== 'authority') {
    return isOfEntra(facts, iss, tenantId) ? undefined : wrongIssuer({ settings, pinned: undefined }, iss);
  }
  const configured = new URL(tenancy.metadataUrl);
  const pinned = configured.pathname.split('/').find(isGuid)?.toLowerCase();
  const acceptance: Acceptance = { settings, pinned };
  const workforce = tenancy.b2c === undefined && facts.hosts.includes(configured.hostname);
  const possible = workforce ? isOfEntra(facts, iss, tenantId) : couldState(configured, settings, iss);
  if (!possible) return wrongIssuer(acceptance, iss);
  return pinned === undefined || pinned === tenantId ? undefined : wrongTenant(acceptance, iss, tenantId);
}

/** Tells whether an issuer is in Entra's form for workforce tenants, v2 or v1 (Entra: access tokens, national clouds). */
function isOfEntra({ loginHost, hosts }: CloudFacts, iss: string, tenantId: string): boolean {
  const v1 = hosts.filter((host) => host.startsWith('sts.')).map((host) => `https://${host}/${tenantId}/`);
  return [`https://${loginHost}/${tenantId}/v2.0`, ...v1].includes(iss);
}

/**
 * Tells whether metadata at this URL could state this issuer. Metadata states issuers on its own host, or on a host of
 * the cloud.
 */
function couldState(configured: URL, { cloud }: Settings, iss: string): boolean {
  const { hostname } = configured;
  const url = new URL(iss);
  if (isLoopback(hostname)) return isLoopback(url.hostname) && isWritten(iss, url);
  if (url.protocol !== 'https:' || !isWritten(iss, url)) return false;
  if (url.host === configured.host) return true;
  // B2C writes the host of the request. External ID always writes the tenant's own host (Entra: External ID).
  return url.port === '' && /\.ciamlogin\.[a-z]+$/.test(url.hostname) && ownedBy(cloud, url.hostname)
    ? !hostname.includes('.b2clogin.')
    : false;
}

/**
 * Tells whether an issuer is in the canonical form of a URL: without user, query, fragment, default port or capitals in
 * the host.
 */
function isWritten(iss: string, { origin, pathname }: URL): boolean {
  return iss === origin + pathname;
}
