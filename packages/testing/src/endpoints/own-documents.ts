import { json } from './answers.js';
import type { EntraServices } from './call.js';
import { v1Keys, v1Metadata, v2Keys, v2Metadata } from './metadata.js';

/**
 * Makes a `fetch` for metadata and keys. It is apart from that of clients, so that the requests of local APIs are not on record and no
 * fault meets them.
 */
export function ownDocuments(entra: EntraServices): typeof fetch {
  const { authority, tenants, keys } = entra;
  const segment = tenants.home.id;
  return async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const isKeys = pathname.includes('/discovery/');
    const isSecond = pathname.includes('/v2.0');
    if (isKeys) return json(isSecond ? v2Keys(authority, tenants, keys, segment) : v1Keys(keys));
    return json((isSecond ? v2Metadata : v1Metadata)(entra, segment, null));
  };
}

/** Returns what a validator needs to trust this local Entra from within. */
export function trustFromWithin(entra: EntraServices) {
  const { authority, tenants, now } = entra;
  const trusted = authority.inProcess
    ? { tenantId: tenants.home.id }
    : { authority: `${authority.origin}/${tenants.home.id}/v2.0`, dangerouslyAllowLoopbackAuthority: true };
  return { ...trusted, now, fetch: ownDocuments(entra), log: false as const };
}
