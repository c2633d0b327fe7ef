import { UnavailableError } from '@entra-guard/core';
import { readBounded } from './body.js';
import type { Transport } from './bound-graph.js';
import { GraphFailure, oneLine, reasonOf } from './graph-failure.js';

/** An answer of Microsoft Graph: 2xx, or a refusal of the request itself. */
export interface GraphAnswer {
  readonly status: number;
  /** A JSON object; empty for 204. */
  readonly body: Readonly<Record<string, unknown>>;
  /** `error.code` of a refusal. */
  readonly code: string | undefined;
}

export interface GraphRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: object;
}

/** How long a request may take with its answer, in milliseconds. */
const TIMEOUT = 10_000;
/** The largest answer, in bytes. Graph's pages have some hundred users. */
const LARGEST = 4 * 1024 * 1024;
/** The longest pause that is accepted from a `Retry-After`, in milliseconds. */
const LONGEST_PAUSE = 3_600_000;
const STOPPED = 'the feed was stopped';

/** Asks Microsoft Graph. Redirects are not followed; time and size of answers are bounded. */
export class GraphApi {
  readonly #transport: Transport;
  readonly #now: () => number;
  readonly #asking = new Set<AbortController>();
  #isClosed = false;

  constructor(transport: Transport, now: () => number) {
    this.#transport = transport;
    this.#now = now;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws GraphFailure if there is no answer, or one that Graph does not document: 429, 5xx, a redirect, a body that is neither
   * the JSON that was asked for nor Graph's form of an error
   */
  async ask(path: string, { method = 'GET', body }: GraphRequest = {}): Promise<GraphAnswer> {
    const asking = new AbortController();
    this.#asking.add(asking);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      asking.abort(new Error('late'));
    }, TIMEOUT);
    timer.unref();
    try {
      if (this.#isClosed) throw new Error(STOPPED);
      return await Promise.race([this.#ask(path, method, body, asking.signal), aborted(asking.signal)]);
    } catch (reason) {
      if (reason instanceof GraphFailure) throw reason;
      const why = late ? `it took longer than ${TIMEOUT / 1000} s` : reasonOf(reason);
      // An API of @entra-guard/downstream that gets no token says when to try again.
      const retryAfter = UnavailableError.is(reason) ? reason.retryAfter * 1000 : undefined;
      throw new GraphFailure(`Microsoft Graph could not be asked: ${why}`, { cause: reason, retryAfter });
    } finally {
      clearTimeout(timer);
      this.#asking.delete(asking);
    }
  }

  /** The path of a link. @throws GraphFailure for a link to another origin or base path, because the token would go there */
  pathOf(link: unknown): string {
    const path = typeof link === 'string' ? this.#transport.pathOf(link) : undefined;
    if (path !== undefined) return path;
    const found =
      typeof link === 'string' && URL.canParse(link) ? `goes to ${new URL(link).host}` : 'is not a URL';
    throw new GraphFailure(
      `A link in the answer of Microsoft Graph ${oneLine(found)}, outside of its base URL.`,
    );
  }

  /** Ends requests that are on their way, and makes later ones fail. */
  close(): void {
    this.#isClosed = true;
    for (const asking of this.#asking) asking.abort(new Error(STOPPED));
  }

  async #ask(
    path: string,
    method: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<GraphAnswer> {
    const response = await this.#transport.send(path, {
      method,
      redirect: 'error',
      signal,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status } = response;
    const text = await readBounded(response, LARGEST);
    if (text === undefined)
      throw new GraphFailure(`The answer of Microsoft Graph is larger than ${LARGEST} bytes.`);
    if (status === 204) return { status, body: {}, code: undefined };
    const read = objectIn(text);
    const code = codeIn(read);
    if (status >= 200 && status < 300 && read !== undefined && code === undefined) {
      return { status, body: read, code };
    }
    // Throttling and trouble do not answer the question; a 4xx without Graph's error may be of anything on the way.
    if (status >= 400 && status < 500 && status !== 429 && read !== undefined && code !== undefined) {
      return { status, body: read, code };
    }
    const shown = code === undefined ? 'with a body that Microsoft Graph does not document' : oneLine(code);
    throw new GraphFailure(`Microsoft Graph answered ${status} ${shown}.`, {
      status,
      retryAfter: this.#retryAfter(response),
    });
  }

  /** Seconds or a date (RFC 9110 section 10.2.3). */
  #retryAfter({ headers }: Response): number | undefined {
    const text = headers.get('retry-after');
    if (text === null) return undefined;
    const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - this.#now();
    return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), LONGEST_PAUSE);
  }
}

/** The failure for an answer that Graph gives, and that is not the one that was hoped for. */
export function refusal({ status, code }: GraphAnswer, what: string, permission: string): GraphFailure {
  const hint =
    status === 403 ? ` The application needs the permission ${permission}, with admin consent.` : '';
  return new GraphFailure(`Microsoft Graph answered ${status} ${oneLine(code ?? '')} to ${what}.${hint}`, {
    status,
  });
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function codeIn(body: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { code } = Object(body?.error) as { readonly code?: unknown };
  return typeof code === 'string' && code !== '' ? code : undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
