import type { AgentFacts } from '@entra-guard/core';
import type { Fault, FaultOptions } from '../endpoints/faults.js';

/** Settings of `entra.downstream(...)`, all optional. */
export interface LocalApiOptions {
  /** Name, client ID or application ID URI of the API's registration. Default: the only API there is. */
  readonly api?: string;
  /** In process: the URL below which it answers. Default `https://{api}.contoso.example`. */
  readonly baseUrl?: string;
  /** Port of 127.0.0.1 to listen on; 0 is any free port. Default: no port, in process. */
  readonly port?: number;
}

/** Who calls, as the token says. There is no token in it. */
export interface ApiCaller {
  /** `'user'`: an app acts for a user. `'app'`: an app acts as itself. */
  readonly kind: 'user' | 'app';
  readonly tenantId: string;
  readonly objectId: string | undefined;
  /** Client ID of the app that calls; on behalf of a user, that of the API between the user and this one. */
  readonly clientId: string;
  /** Delegated permissions. */
  readonly scopes: readonly string[];
  /** Roles of the user, or application permissions of the app. */
  readonly roles: readonly string[];
  /** Whether an AI agent is involved; `undefined` if the token does not say. */
  readonly agent: AgentFacts | undefined;
}

/** One request to a local API. Headers and bodies are not kept, because they hold secrets. */
export interface ApiRequestRecord {
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whose token came; `undefined` if none was accepted, and for a request that failed as {@link LocalApi.fail} says. */
  readonly caller: ApiCaller | undefined;
  /** What was answered; `undefined` while it is not, and for a connection that broke. */
  readonly status: number | undefined;
}

/** One request, as a function of the test gets it. */
export interface ApiCall {
  readonly method: string;
  /** Below the base URL, with a leading slash, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** All but `Authorization`. */
  readonly headers: Headers;
  readonly body: string;
  readonly caller: ApiCaller;
}

/** What is answered: JSON, a `Response`, or a function that returns or promises either. `undefined` is answered 204. */
export type ApiAnswer = ((call: ApiCall) => unknown) | object | string | number | boolean | null;

/** What an API demands of a token. */
export interface ApiDemand {
  /** A claims request: `{ access_token: { nbf: { essential: true, value: '1604106651' } } }`. */
  readonly claims: { readonly access_token: object };
}

export interface TimesOptions {
  /** How many requests it concerns. Default `Infinity`. */
  readonly times?: number;
}

/**
 * Another API in a test: guarded as a real one, with answers of the test. What is added last comes first, and what can be undone returns
 * a function that undoes it.
 */
export interface LocalApi {
  /** The URL below which it answers, without a trailing slash. */
  readonly baseUrl: string;
  /** Its entry in the `apis` of `createDownstream(...)`, with every permission that was consented to. */
  readonly options: {
    readonly baseUrl: string;
    /** `['{application ID URI}/.default']` */
    readonly scopes: readonly [string];
    /** `{application ID URI}/.default` */
    readonly appScope: string;
  };
  /**
   * A `fetch` that reaches this API and its local Entra. Needed as `createDownstream({ fetch })` only where one of the two listens on a
   * port and the other does not. It does not follow redirects in process.
   */
  readonly fetch: typeof globalThis.fetch;
  /** The latest 10 000 requests, oldest first. Empty it with `requests.length = 0`. */
  readonly requests: ApiRequestRecord[];

  /**
   * Answers a path to callers whose token is accepted. What is not told is answered 404.
   *
   * ```ts
   * stock.answer('/items', [{ name: 'book', left: 3 }]);
   * stock.answer('POST /orders/*', ({ path, caller }) => ({ path, for: caller.objectId }));
   * ```
   * @param path below the base URL, with a leading slash; a method may stand before it, and a `*` at its end
   * @throws {LocalEntraError} `option_invalid`
   */
  answer(path: string, answer: ApiAnswer): () => void;
  /**
   * Redirects callers whose token is accepted.
   *
   * @param to a path below the base URL, or a whole URL
   * @param options `status`: 301, 302, 303, 307 or 308. Default 302
   * @throws {LocalEntraError} `option_invalid`
   */
  redirect(path: string, to: string, options?: { readonly status?: number }): () => void;
  /**
   * Demands another token of callers whose token is accepted: 401 with a claims challenge, as in Entra's continuous access evaluation.
   *
   * ```ts
   * stock.challenge({ claims: { access_token: { nbf: { essential: true, value: '1604106651' } } } }, { times: 1 });
   * ```
   * @throws {LocalEntraError} `option_invalid`
   */
  challenge(demand: ApiDemand, options?: TimesOptions): () => void;
  /**
   * Makes requests fail, with and without a token.
   *
   * ```ts
   * stock.fail(429, { times: 1, headers: { 'retry-after': '2' } });
   * ```
   * @throws {LocalEntraError} `option_invalid`
   */
  fail(how: Fault, options?: FaultOptions): () => void;
  /** Stops answering, and ends requests that hang. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
