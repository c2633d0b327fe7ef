import type { IncomingMessage, ServerResponse } from 'node:http';
import { anonymous, authenticated, ConfigurationError } from '@entra-guard/core';
import type { Answer } from '../answer/answer.js';
import type { Gate } from '../decide/gate.js';
import type { Documents } from '../metadata/documents.js';
import type { Settings } from '../options/settings.js';
import { deciding, withRoutes } from './express-marks.js';
import { LastingStreams, opensStream } from './lasting-streams.js';
import { bodyOf, type ParsedRequest } from './node-body.js';

/**
 * A middleware, typed on `node:http`: both majors of Express accept it, and any host that calls `next`. An error that is not a
 * refusal goes to `next(error)`.
 */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** A request of a server, which always has both. */
export type NodeRequest = IncomingMessage & { method: string; url: string };

/**
 * Handles requests that were let in: `toNodeHandler(createMcpHandler(…))`, or a function that hands them to a transport. Written as a
 * method, so that handlers of Express fit.
 *
 * @param body what was judged; `undefined` for requests without a body
 */
export type NodeHandler = {
  handle(request: NodeRequest, response: ServerResponse, body?: unknown): unknown;
}['handle'];

/** What a request has on Express, and what is put on it. */
type HostRequest = ParsedRequest & { originalUrl?: string };

/** The middlewares of an MCP server, for Express and for `node:http`. */
export class NodeHost {
  readonly #settings: Settings;
  readonly #gate: Gate;
  readonly #documents: Documents;
  /** What was judged, by the request that it came with. */
  readonly #judged = new WeakMap<object, { readonly body: unknown; readonly hasCaller: boolean }>();
  readonly #streams: LastingStreams;

  constructor(settings: Settings, gate: Gate, documents: Documents) {
    this.#settings = settings;
    this.#gate = gate;
    this.#documents = documents;
    this.#streams = new LastingStreams(settings.guard);
  }

  express(handler: NodeHandler): Middleware {
    assertHandler('express', handler);
    const { pathname } = this.#settings.resource;
    const all: Middleware = (request, response, next) => {
      const path = pathOf(request);
      if (this.#documents.has(path)) this.#answerDocument(request, response, next, path);
      else if (path !== pathname) next();
      else this.#gated(request, response, next, () => this.#served(request, response, next, handler));
    };
    return withRoutes(all, [...this.#openRoutes(), this.#route()], this.#settings.guard);
  }

  metadata(): Middleware {
    const metadata: Middleware = (request, response, next) => {
      const path = pathOf(request);
      if (this.#documents.has(path)) this.#answerDocument(request, response, next, path);
      else next();
    };
    return withRoutes(metadata, this.#openRoutes(), this.#settings.guard);
  }

  gate(): Middleware {
    const gate: Middleware = (request, response, next) => this.#gated(request, response, next, next);
    return deciding(gate, authenticated({ unassignedApps: true }), this.#settings.guard);
  }

  serve(handler: NodeHandler): Middleware {
    assertHandler('serve', handler);
    return (request, response, next) => this.#served(request, response, next, handler);
  }

  #gated(
    request: HostRequest,
    response: ServerResponse,
    next: (error?: unknown) => void,
    on: () => void,
  ): void {
    setAuth(request, undefined);
    this.#judged.delete(request);
    const { maxBodyBytes } = this.#settings;
    this.#gate
      .decide({ request, method: request.method ?? '', body: () => bodyOf(request, maxBodyBytes) })
      .then((verdict) => {
        if (verdict.answer !== undefined) {
          write(request, response, verdict.answer);
          return;
        }
        this.#judged.set(request, { body: verdict.body, hasCaller: verdict.authInfo !== undefined });
        setAuth(request, verdict.authInfo);
        if (verdict.body !== undefined) request.body = verdict.body;
        on();
      })
      .catch(next);
  }

  #served(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
    handler: NodeHandler,
  ): void {
    const judged = this.#judged.get(request);
    if (judged === undefined) {
      next(
        new ConfigurationError(
          'mcp.serve(...) was reached by a request that mcp.gate() has not let in.',
          "Put the gate before it: app.all('/mcp', mcp.gate(), mcp.serve(handler)). Or use mcp.express(handler), which has both.",
        ),
      );
      return;
    }
    // Once: a handler of another route must not get what was judged for this one.
    this.#judged.delete(request);
    if (judged.hasCaller && opensStream(request, request.method ?? '', judged.body)) {
      response.once(
        'close',
        this.#streams.watch(request, () => response.destroy()),
      );
    }
    Promise.resolve()
      .then(() => handler(request as NodeRequest, response, judged.body))
      .catch(next);
  }

  #answerDocument(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
    path: string,
  ): void {
    this.#documents
      .answer(request.method ?? '', path)
      .then((answer) => write(request, response, answer as Answer))
      .catch(next);
  }

  #openRoutes() {
    const requirement = anonymous().because('metadata of an OAuth protected resource');
    return this.#documents.paths.map((path) => ({ method: 'GET', path, requirement }));
  }

  #route() {
    const requirement = authenticated({ unassignedApps: true }).because(
      'MCP: each call has a requirement of its own',
    );
    return { method: 'ALL', path: this.#settings.resource.pathname, requirement };
  }
}

/** The path that the client has asked for: Express takes off what a middleware is mounted at. */
function pathOf(request: HostRequest): string {
  const url = request.originalUrl ?? request.url ?? '';
  return url.split(/[?#]/, 1)[0] as string;
}

/** An own property: neither a setter nor a prototype has a say in it, and an earlier library's `req.auth` does not stay. */
function setAuth(request: object, value: unknown): void {
  if (value === undefined && !('auth' in request)) return;
  Object.defineProperty(request, 'auth', { value, configurable: true, enumerable: true, writable: true });
}

function write(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) return;
  const bytes = Buffer.from(body);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (status !== 204) response.setHeader('Content-Length', bytes.byteLength);
  if (isStillLong(request)) response.setHeader('Connection', 'close');
  response.end(request.method === 'HEAD' || bytes.byteLength === 0 ? undefined : bytes);
}

/** Whether much of a request may be to come. Node would read all of it, to keep the connection, once it is answered. */
function isStillLong({ complete, headers }: IncomingMessage): boolean {
  return (
    !complete &&
    !(Number(headers['content-length'] ?? (headers['transfer-encoding'] ? undefined : 0)) <= 65_536)
  );
}

function assertHandler(name: string, handler: unknown): void {
  if (typeof handler === 'function') return;
  throw new ConfigurationError(
    `mcp.${name}(...) was given ${handler === null ? 'null' : typeof handler}.`,
    'Pass a function: toNodeHandler(createMcpHandler(…)), or (req, res, body) => transport.handleRequest(req, res, body).',
  );
}
