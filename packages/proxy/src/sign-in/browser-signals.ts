import { RequestError } from '@entra-guard/core';
import { rawValuesOf } from '../headers/header-names.js';
import type { BrowserRequest } from './browser-sign-in.js';

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a person looks at the answer: only then it may lead to the sign-in. A script gets the guard's answer. */
export function isNavigation({ method, upgrade, rawHeaders }: BrowserRequest): boolean {
  if (method !== 'GET' || upgrade) return false;
  const modes = rawValuesOf(rawHeaders, 'sec-fetch-mode');
  if (modes.length > 0) return modes.length === 1 && modes[0] === 'navigate';
  return rawValuesOf(rawHeaders, 'accept').some((value) => /(^|,)\s*text\/html\b/.test(value));
}

/** Whether a request brings credentials itself: then no cookie is looked at. */
export function hasCredentials(rawHeaders: readonly string[]): boolean {
  return rawValuesOf(rawHeaders, 'authorization').length > 0;
}

/**
 * Refuses what another site has a browser send that is signed in: the cookie comes along with it (CWE-352). Browsers say where a
 * request comes from (Fetch Metadata Request Headers section 2.3, Fetch section 3.2).
 *
 * @throws RequestError `cross_site_request`
 */
export function assertOwnSite(request: BrowserRequest): void {
  const { method, upgrade, origin, rawHeaders } = request;
  if (SAFE.has(method) && !upgrade) return;
  const sites = rawValuesOf(rawHeaders, 'sec-fetch-site');
  if (sites.length > 0) {
    if (sites.length === 1 && (sites[0] === 'same-origin' || sites[0] === 'none')) return;
    throw crossSite(`Sec-Fetch-Site is ${sites.join(', ').slice(0, 50)}`);
  }
  const origins = rawValuesOf(rawHeaders, 'origin');
  if (origins.length === 1 && origins[0] === origin) return;
  throw crossSite(
    origins.length === 0 ? 'it says nothing of where it comes from' : 'its Origin is another one',
  );
}

function crossSite(found: string): RequestError {
  return new RequestError({
    code: 'cross_site_request',
    message: `A request with the cookie of a session did not come from a page of the application: ${found}.`,
    hint: 'Send it from a page of the same origin, or with an access token in Authorization. Behind a server that ends TLS, set publicOrigin.',
  });
}
