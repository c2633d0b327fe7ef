import { Disconnected, type Handler } from '../endpoints/handler.js';
import { LocalEntraError } from '../error.js';
import type { Authority } from '../issuers.js';

/** Hosts of Azure AD B2C and External ID. */
const CUSTOMERS = /^https:\/\/[a-z0-9-]+\.(?:b2clogin|ciamlogin)\.com$/;

/**
 * Makes a `fetch` that is answered in this process and never uses the network. It rejects for hosts that are not Entra's.
 * It returns redirects and does not follow them, because they lead out of Entra.
 *
 * @param apis what answers for other APIs, by their origin
 */
export function inProcessFetch(
  { origin, graphOrigin }: Authority,
  handler: Handler,
  apis: ReadonlyMap<string, Handler>,
  closed: AbortSignal,
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const api = apis.get(url.origin);
    if (api === undefined && url.origin !== graphOrigin && !CUSTOMERS.test(url.origin)) {
      assertOurs(request.url, origin);
    }
    return answeredInProcess(api ?? handler, request, closed);
  };
}

/** Has a request answered in this process. Rejects as `fetch` does where the connection should break. */
export async function answeredInProcess(
  handler: Handler,
  request: Request,
  closed: AbortSignal,
): Promise<Response> {
  request.signal.throwIfAborted();
  if (closed.aborted) throw networkError(new LocalEntraError('closed', 'This local Entra was closed.'));
  try {
    const response = await handler(request);
    request.signal.throwIfAborted();
    return response;
  } catch (error) {
    throw error instanceof Disconnected ? networkError(error) : error;
  }
}

/**
 * Refuses a URL of another origin.
 * @throws {LocalEntraError} `host_not_answered`
 */
export function assertOurs(url: string, origin: string): void {
  if (new URL(url).origin === origin) return;
  throw new LocalEntraError(
    'host_not_answered',
    `This fetch belongs to a local Entra and answers ${origin} only, but was called with ${url}. Use another fetch for other hosts.`,
  );
}

/** Makes the error that `fetch` rejects with when a connection fails. */
export function networkError(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}
