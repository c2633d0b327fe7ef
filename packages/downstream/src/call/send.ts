import { UnavailableError } from '@entra-guard/core';
import { kindOfFailure } from '../credential/unusable.js';
import { waitOf } from '../exchange/answer.js';
import type { ApiSettings } from '../options/api-options.js';
import { isBelow } from './target.js';

/** Longest chain of redirects that is followed. */
const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** One call of another API, which may be sent more than once. */
export interface Call {
  readonly api: ApiSettings;
  readonly url: URL;
  /** With the body, and the headers but for the token. */
  readonly init: RequestInit & { readonly headers: Headers };
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Sends a call with a token. Redirects are followed for GET and HEAD, within the API's base URL; others are handed on.
 *
 * @throws UnavailableError, part `downstream`, without an answer in time; what the caller's own signal aborts with, as it is (as
 * rejections)
 */
export async function send(call: Call, token: string): Promise<Response> {
  const { api, init } = call;
  const method = (init.method ?? 'GET').toUpperCase();
  const follows = method === 'GET' || method === 'HEAD';
  let url = call.url;
  for (let redirects = 0; ; redirects++) {
    const response = await sendOnce(call, url, token);
    const next = follows && redirects < MOST_REDIRECTS ? nextOf(response, url) : undefined;
    if (next === undefined || !isBelow(next, api.base)) return response;
    // Else the connection is kept for a body that no code reads.
    await response.body?.cancel().catch(() => {});
    url = next;
  }
}

function nextOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get('location');
  if (!REDIRECTS.has(status) || location === null) return undefined;
  try {
    const next = new URL(location, from);
    next.hash = '';
    return next;
  } catch {
    return undefined;
  }
}

async function sendOnce({ api, init, fetch }: Call, url: URL, token: string): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  const late = new AbortController();
  // For the headers alone: a body may be a stream that lasts.
  const timer = setTimeout(() => late.abort(new Error('late')), api.timeout);
  const own = init.signal ?? undefined;
  const signal = own === undefined ? late.signal : AbortSignal.any([own, late.signal]);
  try {
    return await fetch(url, { ...init, headers, redirect: 'manual', signal });
  } catch (error) {
    if (own?.aborted) throw error;
    const found = late.signal.aborted ? `no answer within ${api.timeout / 1000} s` : kindOfFailure(error);
    throw new UnavailableError({
      part: 'downstream',
      message: `'${api.name}' can't be reached: ${found}.`,
      hint: `Can this machine reach the host of apis.${api.name}.baseUrl? See the cause.`,
      retryAfter: 5,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Methods that can be sent again without doing something twice (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Returns how long to wait before a call is sent again, in milliseconds; `undefined` if its answer is handed on.
 *
 * @param sent how often it was sent again
 * @param now milliseconds since the epoch
 */
export function retryWait(
  { api, init }: Call,
  response: Response,
  sent: number,
  now: number,
): number | undefined {
  const { status, headers } = response;
  const header = headers.get('retry-after');
  if (sent >= api.retries || header === null || (status !== 429 && status !== 503)) return undefined;
  // 429 says that nothing was done (RFC 6585 section 4).
  if (status === 503 && !IDEMPOTENT.has((init.method ?? 'GET').toUpperCase())) return undefined;
  const wait = waitOf(header, now) * 1000;
  return wait <= api.maxWait ? wait : undefined;
}
