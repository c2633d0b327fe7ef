/** How the names of the proxy's cookies begin. */
export const COOKIE_PREFIX = '__Host-entra';

/**
 * Removes the proxy's own cookies from a `Cookie` header (RFC 6265 section 5.4). Other cookies stay as they are.
 *
 * @returns `undefined` where none is left
 */
export function withoutOwnCookies(header: string): string | undefined {
  if (!header.includes(COOKIE_PREFIX)) return header;
  const kept = header.split(';').filter((pair) => !pair.trim().startsWith(COOKIE_PREFIX));
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}
