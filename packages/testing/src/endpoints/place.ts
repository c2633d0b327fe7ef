import type { Tenant, Tenants } from '../directory/tenants.js';
import { externalAuthority, labelOf } from '../issuers.js';
import type { EntraServices } from './call.js';

/** Whose host a request is for. On a port one host has the addresses of all. */
export type Host = 'entra' | 'graph' | 'b2c';

/** Where a request goes: to which host, and with which authority. */
export interface Place {
  readonly entra: EntraServices;
  readonly url: URL;
  readonly hosts: readonly Host[];
}

const EXTERNAL_HOST = /^([a-z0-9-]+)\.ciamlogin\.com$/;
/** On a port the host of External ID is the first segment of the path. */
const EXTERNAL_PATH = /^\/([a-z0-9-]+)\.ciamlogin\.com(\/.*)$/;

/** Finds the place of a URL; `undefined` if this local Entra has none there. */
export function placeOf(entra: EntraServices, url: URL): Place | undefined {
  const { authority, tenants } = entra;
  if (!authority.inProcess) {
    const [, name, path] = EXTERNAL_PATH.exec(url.pathname) ?? [];
    if (name === undefined) return { entra, url, hosts: ['entra', 'graph', 'b2c'] };
    return external(entra, name, new URL(`${authority.origin}${path}${url.search}`));
  }
  if (url.origin === authority.origin) return { entra, url, hosts: ['entra'] };
  if (url.origin === authority.graphOrigin) return { entra, url, hosts: ['graph'] };
  const [, name] = EXTERNAL_HOST.exec(url.hostname) ?? [];
  if (name !== undefined) return external(entra, name, url);
  const label = url.hostname.split('.')[0] ?? '';
  const tenant = tenantOf(tenants, label);
  return tenant !== undefined && authority.b2cOrigin(tenant) === url.origin
    ? { entra, url, hosts: ['b2c'] }
    : undefined;
}

/** Returns External ID's place: all addresses of Entra, with other issuers. */
function external(entra: EntraServices, name: string, url: URL): Place | undefined {
  const tenant = tenantOf(entra.tenants, name);
  if (tenant === undefined || (name !== tenant.id && name !== labelOf(tenant))) return undefined;
  const authority = externalAuthority(entra.authority, tenant.id);
  return { entra: { ...entra, authority }, url, hosts: ['entra'] };
}

/** Finds a tenant by its name, domain or GUID; `undefined` if there is none. */
export function tenantOf(tenants: Tenants, name: string): Tenant | undefined {
  try {
    return tenants.named(name);
  } catch {
    return undefined;
  }
}
