import { normalName } from '../headers/header-names.js';
import { COOKIE_PREFIX } from '../headers/session-cookie.js';
import { hopByHopIn } from './hop-by-hop.js';

const OWN_COOKIE = COOKIE_PREFIX.toLowerCase();

/**
 * The headers that a client receives, names and values in turns: the application's, without those of its connection. An application
 * can't set the proxy's own cookies: that would be a session of its choice.
 */
export function answerHeaders(rawHeaders: readonly string[]): string[] {
  const staysHere = hopByHopIn(rawHeaders);
  const passed: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index] as string, rawHeaders[index + 1] as string];
    const normal = normalName(name);
    if (staysHere(normal)) continue;
    if (normal === 'set-cookie' && value.trimStart().toLowerCase().startsWith(OWN_COOKIE)) continue;
    passed.push(name, value);
  }
  return passed;
}
