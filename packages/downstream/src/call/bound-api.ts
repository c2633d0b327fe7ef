import { setTimeout as wait } from 'node:timers/promises';
import { ConfigurationError } from '@entra-guard/core';
import { DownstreamError } from '@entra-guard/core/downstream';
import { readClaims } from '../exchange/claims.js';
import type { ApiSettings } from '../options/api-options.js';
import { shown } from '../options/read.js';
import { assertSendable } from './body.js';
import { challengeIn } from './challenge.js';
import { headersOf } from './headers.js';
import { type Call, retryWait, send } from './send.js';
import { targetOf } from './target.js';

/** A token for another API. */
export interface ApiToken {
  /** The raw token. Never keep or log it. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A credential as the Azure SDK and Kiota want one, by its shape. */
export interface TokenCredentialOf {
  getToken(
    scopes: string | readonly string[],
    options?: { readonly claims?: string },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>;
}

/** Another API, called for one caller or as one identity. Make one for each request, and do not keep it. */
export interface BoundApi {
  /**
   * Calls the API like the platform's `fetch`, and gives its response whatever the status. A claims challenge of the API is answered
   * once, by a new token (Entra: continuous access evaluation). Redirects are followed for GET and HEAD, within the base URL.
   *
   * @param path below the base URL: `'/me'`
   * @throws StepUpError if the user has to do something first, PermissionError without consent, TokenError if the caller's token has
   * expired or was revoked: answer these to your caller. DownstreamError for a mistake of this API, UnavailableError while there is no
   * token or no answer. What your own `signal` aborts with (all as rejections)
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * Calls the API, and reads its answer as JSON; `undefined` for 204 and for an empty body.
   *
   * @throws what `fetch` throws; DownstreamError `downstream_answer` for a status that is not a success, and for a body that is not JSON
   * (as rejections). Neither holds the body
   */
  json<T = unknown>(path: string, init?: RequestInit): Promise<T>;
  /**
   * Returns the token, for a library that calls the API on its own. Unless `cae: true` was said, Entra is then not told that claims
   * challenges are answered.
   *
   * @param options `claims`: a claims request that the API has demanded, as JSON text
   * @throws what `fetch` throws while it gets a token (as rejections)
   */
  token(options?: { readonly claims?: string }): Promise<ApiToken>;
  /**
   * Returns a credential for a client of the Azure SDK or Kiota. It is bound to this caller, and such clients keep a token without
   * asking whose it is: make the client for each request.
   */
  tokenCredential(): TokenCredentialOf;
  /** Returns an authentication provider for `@microsoft/microsoft-graph-client`. Make its client for each request. */
  graphProvider(): { getAccessToken(): Promise<string> };
}

/** What a call needs of the one that it is made for. */
export interface Tokens {
  /** @param cae whether claims challenges are answered */
  get(cae: boolean): Promise<ApiToken>;
  /**
   * @param claims what the API has demanded
   * @param used the token that it has refused
   * @returns `undefined` if another token would not help
   */
  getFor(claims: string, used: string | undefined, cae: boolean): Promise<ApiToken | undefined>;
  /** The error for what the API demands in spite of a new token. */
  demanded(claims: string): Error;
}

/** Makes the calls of one API for one caller. */
export function boundApi(
  api: ApiSettings,
  tokens: Tokens,
  fetch: typeof globalThis.fetch,
  now: () => number,
): BoundApi {
  const cae = api.cae ?? true;

  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const again = cae
      ? 'The API may demand another token first.'
      : api.retries > 0
        ? 'The API may be too busy at first.'
        : undefined;
    assertSendable(api.name, init.body, again);
    const made: Call = {
      api,
      url: targetOf(api, path),
      init: { ...init, headers: headersOf(api.name, init.headers) },
      fetch,
    };
    let { token } = await tokens.get(cae);
    let answered = false;
    for (let retries = 0; ; ) {
      const response = await send(made, token);
      const claims =
        cae && response.status === 401 ? challengeIn(response.headers.get('www-authenticate')) : undefined;
      if (claims !== undefined) {
        await response.body?.cancel().catch(() => {});
        const next = answered ? undefined : await tokens.getFor(claims, token, cae);
        if (next === undefined) throw tokens.demanded(claims);
        answered = true;
        token = next.token;
        continue;
      }
      const pause = retryWait(made, response, retries, now());
      if (pause === undefined) return response;
      await response.body?.cancel().catch(() => {});
      await wait(pause, undefined, { signal: init.signal ?? undefined });
      retries++;
    }
  };

  const token: BoundApi['token'] = async (options) => {
    const handedOut = api.cae === true;
    const claims = options?.claims;
    if (claims === undefined) return tokens.get(handedOut);
    const read = readClaims(claims);
    if (read === undefined) {
      throw new ConfigurationError(
        `The claims for a token of '${api.name}' are not a claims request.`,
        'Pass the JSON text of the challenge, decoded from base64: {"access_token":{…}}.',
      );
    }
    const got = await tokens.getFor(read, undefined, handedOut);
    if (got === undefined) throw tokens.demanded(read);
    return got;
  };

  return Object.freeze({
    fetch: call,
    json: async <T>(path: string, init: RequestInit = {}): Promise<T> => {
      const headers = new Headers(init.headers);
      if (!headers.has('accept')) headers.set('accept', 'application/json');
      return readJson(api.name, await call(path, { ...init, headers })) as Promise<T>;
    },
    token,
    tokenCredential: () => ({
      getToken: async (scopes: string | readonly string[], options?: { readonly claims?: string }) => {
        assertOwnScopes(api, [scopes].flat());
        const { token: raw, expiresAt } = await token(
          options?.claims === undefined ? undefined : { claims: options.claims },
        );
        return { token: raw, expiresOnTimestamp: expiresAt };
      },
    }),
    graphProvider: () => ({ getAccessToken: async () => (await token()).token }),
  });
}

async function readJson(api: string, response: Response): Promise<unknown> {
  const { status, ok } = response;
  if (!ok) {
    await response.body?.cancel().catch(() => {});
    throw unexpected(api, status, `answered with status ${status}`);
  }
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(api, status, `answered with status ${status} and a body that is not JSON`);
  }
}

/** Never holds the body: it is another caller's data, or a secret. */
function unexpected(api: string, status: number, found: string): DownstreamError {
  return new DownstreamError({
    code: 'downstream_answer',
    message: `'${api}' ${found}.`,
    hint: 'Use fetch(...) to decide by status and body. json(...) takes a success only.',
    api,
    answeredStatus: status,
  });
}

/** A library that asks for a token of another API would send this caller's token there. */
function assertOwnScopes({ name, scopes, appScope }: ApiSettings, asked: readonly string[]): void {
  const own = new Set([...scopes, ...(appScope === undefined ? [] : [appScope])]);
  const foreign = asked.find((scope) => !own.has(scope));
  if (foreign === undefined) return;
  throw new ConfigurationError(
    `A token with the scope ${shown(foreign)} was asked for, and apis.${name} has ${[...own].join(', ')}.`,
    "Give the library the scopes of this API, or add an API for the other's.",
  );
}
