import { DownstreamError } from '@entra-guard/core/downstream';

/** Headers by which a request would be another caller's, or another host's. */
const REFUSED = new Set([
  'authorization',
  'cookie',
  'host',
  'proxy-authorization',
  'x-original-url',
  'x-rewrite-url',
]);
/** Those that proxies and App Service set for whom they have authenticated. */
const REFUSED_PREFIXES = ['x-forwarded-', 'x-ms-client-principal', 'x-ms-token-', 'x-entra-'];

/**
 * Returns the headers of a call, without the token.
 *
 * @throws DownstreamError `downstream_target_refused` for one that would carry another identity
 */
export function headersOf(api: string, given: RequestInit['headers']): Headers {
  const headers = new Headers(given);
  for (const name of headers.keys()) {
    if (!REFUSED.has(name) && !REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    throw new DownstreamError({
      code: 'downstream_target_refused',
      message: `A call of '${api}' has the header ${name}, which would carry another identity or host.`,
      hint: 'Leave it out: the call gets the token of its caller. Do not hand on the headers of the incoming request.',
      api,
    });
  }
  return headers;
}
