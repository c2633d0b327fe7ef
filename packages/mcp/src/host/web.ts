import { ConfigurationError } from '@entra-guard/core';
import type { Answer } from '../answer/answer.js';
import type { AuthInfo } from '../decide/auth-info.js';
import type { Callers } from '../decide/callers.js';
import type { Body, Gate } from '../decide/gate.js';
import type { Documents } from '../metadata/documents.js';
import type { Settings } from '../options/settings.js';
import { endedWith } from './ended-body.js';
import { LastingStreams, opensStream } from './lasting-streams.js';
import { ENCODED, isEncoded, isJson, jsonIn, tooLarge, WRONG_TYPE } from './node-body.js';

/** Handles requests that were let in, such as the `fetch` of `createMcpHandler(…)`. */
export type WebHandler = {
  handle(
    request: Request,
    options: { readonly authInfo?: AuthInfo; readonly parsedBody?: unknown },
  ): Response | Promise<Response>;
}['handle'];

/** An MCP server on a host of web-standard requests: Hono, Next.js, Bun, Deno. */
export class WebHost {
  readonly #settings: Settings;
  readonly #gate: Gate;
  readonly #documents: Documents;
  readonly #callers: Callers;
  readonly #streams: LastingStreams;

  constructor(settings: Settings, gate: Gate, documents: Documents, callers: Callers) {
    this.#settings = settings;
    this.#gate = gate;
    this.#documents = documents;
    this.#callers = callers;
    this.#streams = new LastingStreams(settings.guard);
  }

  /** @throws ConfigurationError for a request whose body was read already (as a rejection); what the handler throws */
  async handle(request: Request, handler?: WebHandler): Promise<Response | undefined> {
    const { method } = request;
    const document = await this.#documents.answer(method, new URL(request.url).pathname);
    if (document !== undefined) return responseOf(document, method);
    const { maxBodyBytes } = this.#settings;
    const verdict = await this.#gate.decide({ request, method, body: () => bodyOf(request, maxBodyBytes) });
    if (verdict.answer !== undefined) return responseOf(verdict.answer, method);
    if (handler === undefined) return undefined;
    const { authInfo, body } = verdict;
    const response = await handler(request, {
      ...(authInfo === undefined ? {} : { authInfo }),
      ...(body === undefined ? {} : { parsedBody: body }),
    });
    const isLasting = authInfo !== undefined && opensStream(request, method, body);
    return isLasting ? endedWith(response, (end) => this.#streams.watch(request, end)) : response;
  }

  authInfoOf(request: Request): AuthInfo | undefined {
    return this.#callers.find(request)?.authInfo;
  }
}

/** Reads a copy, so that the handler can read the same bytes. */
async function bodyOf(request: Request, maxBytes: number): Promise<Body> {
  if (request.bodyUsed) {
    throw new ConfigurationError(
      'mcp.handle(request) was given a request whose body was read already.',
      'Call it before anything reads the body: what is judged has to be what is handled.',
    );
  }
  if (!isJson(request.headers.get('content-type'))) return { refusal: WRONG_TYPE };
  if (isEncoded(request.headers.get('content-encoding'))) return { refusal: ENCODED };
  if (Number(request.headers.get('content-length')) > maxBytes) return { refusal: tooLarge(maxBytes) };
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.clone().body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      // Not awaited: it ends when the original is dropped, too.
      void reader?.cancel();
      return { refusal: tooLarge(maxBytes) };
    }
    chunks.push(value);
  }
  return jsonIn(Buffer.concat(chunks));
}

function responseOf({ status, headers, body }: Answer, method: string): Response {
  return new Response(body === '' || method === 'HEAD' ? null : body, { status, headers });
}
