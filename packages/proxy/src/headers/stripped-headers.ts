import { normalName } from './header-names.js';

/** Headers of requests that never reach an application as the client wrote them, by their names in normal form. */
export const STRIPPED_NAMES: readonly string[] = Object.freeze([
  'x-rewrite-url',
  'forwarded',
  'x-real-ip',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-forwarded-prefix',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
]);

/** How the names of further such headers begin. */
export const STRIPPED_PREFIXES: readonly string[] = Object.freeze([
  'x-entra-',
  'x-ms-client-principal',
  'x-ms-token-aad-',
  'x-original-',
  'x-auth-request-',
  'remote-',
]);

/** Headers that the server in front writes itself, in place of the client's. */
export const FORWARDED_NAMES: readonly string[] = Object.freeze([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
]);

/** Whether a header tells an application who calls, or what was asked for, and so has to come from the server in front. */
export function isStripped(name: string): boolean {
  const normal = normalName(name);
  const first = normal[0];
  // Most names begin with another letter.
  if (first !== 'x' && first !== 'f' && first !== 'r') return false;
  return STRIPPED_NAMES.includes(normal) || STRIPPED_PREFIXES.some((prefix) => normal.startsWith(prefix));
}
