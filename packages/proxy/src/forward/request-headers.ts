import { normalName } from '../headers/header-names.js';
import { withoutOwnCookies } from '../headers/session-cookie.js';
import { FORWARDED_NAMES, isStripped } from '../headers/stripped-headers.js';
import { hopByHopIn } from './hop-by-hop.js';

/** What an application is told with a request. */
export interface Told {
  /** Headers of the proxy, names and values in turns: they come last, and no client can name or remove them. */
  readonly own: readonly string[];
  /** Whether the application gets the `Authorization` header. */
  readonly passToken: boolean;
}

/**
 * The headers that an application receives, names and values in turns: the client's, without those of the connection, those that only
 * the proxy may write, the token and the proxy's own cookies.
 */
export function requestHeaders(rawHeaders: readonly string[], { own, passToken }: Told): string[] {
  const staysHere = hopByHopIn(rawHeaders);
  const passed: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index] as string, rawHeaders[index + 1] as string];
    const normal = normalName(name);
    if (staysHere(normal) || isStripped(normal) || FORWARDED_NAMES.includes(normal)) continue;
    if (normal === 'authorization' && !passToken) continue;
    const kept = normal === 'cookie' ? withoutOwnCookies(value) : value;
    if (kept !== undefined) passed.push(name, kept);
  }
  passed.push(...own);
  return passed;
}
