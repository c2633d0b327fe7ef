import { type JsonObject, parseJsonObject } from '../../base/json-object.js';
import { printableOptions } from '../../base/printable.js';
import { errorLike } from '../../base/thrown.js';
import type { ExchangeLimits } from '../../options/key-limits.js';

/** An exchange without a usable answer. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** The answer's `Retry-After`, in seconds. */
  readonly retryAfter: number | undefined;
  /** What to change, if the cause is neither the network nor the authority. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    facts: {
      readonly status?: number;
      readonly retryAfter?: number | undefined;
      readonly hint?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.status = facts.status;
    this.retryAfter = facts.retryAfter;
    this.hint = facts.hint;
  }
}

/**
 * Fetches one JSON object, with limits for time and size. Refuses redirects.
 *
 * @throws FetchFailure
 */
export async function fetchJson(
  url: string,
  fetch: typeof globalThis.fetch,
  limits: ExchangeLimits,
  closing: AbortSignal,
): Promise<JsonObject> {
  if (closing.aborted) throw new FetchFailure('the validator was closed');
  const abort = new AbortController();
  let stop!: (reason: FetchFailure) => void;
  // The exchange races against the stop, so that a fetch which ignores its signal can't hang it.
  const stopped = new Promise<never>((_, reject) => {
    stop = (reason) => {
      reject(reason);
      abort.abort(reason);
    };
  });
  const timer = setTimeout(
    () => stop(new FetchFailure(`no complete answer within ${limits.timeoutMs} ms`)),
    limits.timeoutMs,
  );
  // Under jsdom a timer is a number, without `unref`.
  timer.unref?.();
  const onClosing = (): void => stop(new FetchFailure('the validator was closed'));
  closing.addEventListener('abort', onClosing, { once: true });
  try {
    return await Promise.race([exchange(url, fetch, limits, abort.signal), stopped]);
  } catch (error) {
    if (error instanceof FetchFailure) throw error;
    throw new FetchFailure(reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', onClosing);
    abort.abort();
  }
}

async function exchange(
  url: string,
  fetch: typeof globalThis.fetch,
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<JsonObject> {
  const response: unknown = await fetch(url, {
    redirect: 'error',
    signal,
    headers: { accept: 'application/json' },
  });
  assertWebResponse(response);
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => {});
    throw new FetchFailure(`status ${response.status}`, {
      status: response.status,
      retryAfter: retryAfterOf(response.headers.get('retry-after')),
    });
  }
  const json = parseJsonObject(await boundedBody(response, limits.maxBytes));
  if (json === undefined) throw new FetchFailure('an answer that is not a JSON object', { status: 200 });
  return json;
}

/**
 * Refuses anything but a web `Response`. Checks the members that are read and not the class, so that undici's
 * `Response` and one of another realm are accepted.
 */
function assertWebResponse(value: unknown): asserts value is Response {
  const problem = problemOf(value);
  if (problem === undefined) return;
  throw new FetchFailure(`the option fetch gave ${problem}`, {
    hint: "The option fetch has to give a web Response, as Node's own fetch and undici's do. node-fetch, axios and others don't: use undici's with its dispatcher for proxies, or make one: new Response(bytes, { status, headers }).",
  });
}

/** Says why a value is not a web `Response`; `undefined` if it is one. */
function problemOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null)
    return `${printableOptions(value)} instead of a web Response`;
  const { status, headers, body } = value as Readonly<Record<string, unknown>>;
  if (typeof status !== 'number') return 'an object without a numeric status instead of a web Response';
  if (!hasMethod(headers, 'get')) return 'a response whose headers have no get(): it is not a web Response';
  if (body !== null && !(hasMethod(body, 'getReader') && hasMethod(body, 'cancel'))) {
    return 'a response whose body is not a web stream: it is not a web Response';
  }
  return undefined;
}

function hasMethod(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
  );
}

async function boundedBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (response.body === null) throw new FetchFailure('an empty answer', { status: response.status });
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel().catch(() => {});
      throw new FetchFailure(`an answer of more than ${maxBytes} bytes`, { status: response.status });
    }
    chunks.push(value);
  }
}

/** Reads `Retry-After` (RFC 9110 section 10.2.3) in seconds. Ignores dates, which would need the authority's clock. */
function retryAfterOf(value: string | null): number | undefined {
  return value !== null && /^[0-9]{1,6}$/.test(value) ? Number(value) : undefined;
}

/** Returns the reason of a failed fetch. Undici puts it (ECONNREFUSED, a certificate) into `cause`. */
function reasonOf(error: unknown): string {
  const known = errorLike(error);
  if (known === undefined) return 'the fetch function threw a value that is not an Error';
  const cause = errorLike(known.cause);
  return cause === undefined ? known.message : `${known.message}: ${cause.message}`;
}
