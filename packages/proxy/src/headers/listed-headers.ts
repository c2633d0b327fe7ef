import { normalName } from './header-names.js';
import { FORWARDED_NAMES, isStripped, STRIPPED_NAMES } from './stripped-headers.js';

/**
 * Headers that are removed by name, where a server can't remove by pattern, as nginx. Of the headers whose names only begin like those
 * that are stripped, these are the ones in use; a request with another one is refused. In normal form.
 */
export const LISTED_HEADERS: readonly string[] = Object.freeze([
  ...STRIPPED_NAMES,
  'x-entra-cookie',
  'x-entra-user',
  'x-entra-roles',
  'x-entra-scopes',
  'x-entra-subject',
  'x-entra-tenant',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-name',
  'x-ms-client-principal-idp',
  'x-ms-token-aad-access-token',
  'x-ms-token-aad-id-token',
  'x-ms-token-aad-refresh-token',
  'x-ms-token-aad-expires-on',
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-original-method',
  'x-original-for',
  'x-original-proto',
  'x-original-prefix',
  'x-original-forwarded-for',
  'x-auth-request-user',
  'x-auth-request-email',
  'x-auth-request-groups',
  'x-auth-request-access-token',
  'x-auth-request-preferred-username',
  'x-auth-request-redirect',
  'remote-user',
  'remote-groups',
  'remote-name',
  'remote-email',
  'remote-addr',
  'remote-host',
]);

/** Whether a header has to be removed, and a server that removes {@link LISTED_HEADERS} does not. Such servers drop names with `_`. */
export function isUnlisted(name: string): boolean {
  const normal = normalName(name);
  return isStripped(normal) && normal !== 'x-entra-assertion' && !LISTED_HEADERS.includes(normal);
}

/** Like {@link isUnlisted}, for a server that passes names with `_` on, and so removes none of them. */
export function isUnlistedOrSpelledOtherwise(name: string): boolean {
  const normal = normalName(name);
  return name.includes('_') ? isStripped(normal) || FORWARDED_NAMES.includes(normal) : isUnlisted(normal);
}
