import { ownOptions } from '@entra-guard/core';
import { asyncDispose } from '../async-dispose.js';
import { assertMembers, invalidOption } from '../directory/invalid-option.js';
import type { EntraServices } from '../endpoints/call.js';
import type { Handler } from '../endpoints/handler.js';
import { answeredInProcess } from '../transport/in-process-fetch.js';
import { listen } from '../transport/loopback-server.js';
import { answerApi } from './api-handler.js';
import { validatorOf } from './callers.js';
import { Interruptions } from './interruptions.js';
import type { ApiRequestRecord, LocalApi, LocalApiOptions } from './local-api.js';
import { assertFree, readApiOptions } from './read-options.js';
import { ToldAnswers } from './told-answers.js';

/** Where a local API belongs. */
export interface Surroundings {
  readonly entra: EntraServices;
  /** What answers in this process besides the local Entra, by origin. */
  readonly others: Map<string, Handler>;
  /** Reaches the local Entra. */
  readonly reach: typeof fetch;
}

/**
 * Starts an API that is called with tokens of the local Entra.
 *
 * @throws {LocalEntraError} `option_invalid`, `api_ambiguous`, `api_unknown`, `port_taken` (as rejections)
 */
export async function startApi(
  { entra, others, reach }: Surroundings,
  given: LocalApiOptions = {},
): Promise<LocalApi> {
  const { app, base: told, port } = readApiOptions(entra, given);
  if (told !== undefined) assertFree(told.origin, others);
  const server = port === undefined ? undefined : await listen(port, undefined);
  const base = told ?? new URL(server?.origin ?? '');
  const closing = new AbortController();
  const validator = validatorOf(entra, app);
  const [interruptions, answers] = [new Interruptions(), new ToldAnswers()];
  const requests: ApiRequestRecord[] = [];
  const parts = { entra, base, validator, interruptions, answers, requests, closed: closing.signal };
  const handler: Handler = (request) => answerApi(parts, request);
  const inProcess: Handler = (request) => answeredInProcess(handler, request, closing.signal);
  server?.serve(handler);
  others.set(base.origin, inProcess);

  const close = async () => {
    entra.closed.removeEventListener('abort', close);
    if (closing.signal.aborted) return;
    closing.abort();
    others.delete(base.origin);
    validator.close();
    await server?.close();
  };
  entra.closed.addEventListener('abort', close);

  const baseUrl = base.href.replace(/\/$/, '');
  const scope = `${app.applicationIdUri}/.default`;
  return Object.freeze({
    baseUrl,
    options: Object.freeze({ baseUrl, scopes: Object.freeze([scope] as const), appScope: scope }),
    fetch: async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const request = new Request(input, init);
      if (new URL(request.url).origin !== base.origin) return reach(request);
      return server === undefined ? inProcess(request) : globalThis.fetch(request);
    },
    requests,
    answer: (path, answer) => answers.add('answer', path, answer),
    redirect: (path, to, options = {}) => answers.add('redirect', path, redirection(base, to, options)),
    challenge: (demand, options = {}) => interruptions.challenge(demand, options),
    fail: (how, options = {}) => interruptions.fail(how, options),
    close,
    [asyncDispose]: close,
  } satisfies LocalApi);
}

/** @throws {LocalEntraError} `option_invalid` */
function redirection(base: URL, to: string, given: { readonly status?: number }): Response {
  const options = ownOptions('redirect(...)', given, ['status']);
  assertMembers('redirect(…, options)', options, ['status']);
  const { status = 302 } = options;
  if (![301, 302, 303, 307, 308].includes(status)) {
    throw invalidOption(`redirect(…, { status }) is ${status}. Write 301, 302, 303, 307 or 308.`);
  }
  const location = String(to).startsWith('/') ? base.href.replace(/\/$/, '') + to : to;
  if (!URL.canParse(location)) {
    throw invalidOption("redirect(…, to) leads nowhere. Write a path such as '/items', or a whole URL.");
  }
  return new Response(null, { status, headers: { location } });
}
