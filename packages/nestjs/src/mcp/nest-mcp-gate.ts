import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthContext, ConfigurationError, type Guard, type RequestLike } from '@entra-guard/core';
import type { EntraMcp, McpServerLike } from '@entra-guard/mcp';
import type { ExecutionContext } from '@nestjs/common';
import { NO_REQUEST } from '../calls/given-steps.js';
import type { McpCall, McpGate } from '../calls/mcp-gates.js';
import type { ContextHost } from '../contexts/context-adapter.js';
import { callAdapter } from './call-adapter.js';
import type { McpEntries } from './entries.js';
import { type NodeSide, nodeSideOf } from './node-side.js';
import { keyOf, type Registered, registerAll } from './registered.js';
import type { NestPlace } from './resolving-guard.js';
import { correctSecuritySchemes } from './security-schemes.js';
import type { McpContextLike, Offered, StrategyGate } from './strategy.js';

/** The server, once the application has started. */
interface Served {
  readonly core: Guard;
  readonly mcp: EntraMcp;
  readonly resource: string;
  readonly registered: ReadonlyMap<string, Registered>;
}

/** Where MCP-Nest's `McpContext` keeps the host's request, and the SDK's context of the call. */
const RAW_REQUEST = 3;
const SDK_CONTEXT = 4;

/** The gate of an MCP server of MCP-Nest: in front of its HTTP controller, and in front of each handler. */
export class NestMcpGate implements McpGate, StrategyGate {
  /** What Nest knows of a request, for checks. */
  readonly #placeIn: (context: ExecutionContext) => NestPlace;
  readonly #places = new WeakMap<object, NestPlace>();
  /** The requests that were let in, by the `AuthInfo` that the SDK hands on. */
  readonly #requests = new WeakMap<object, IncomingMessage>();
  readonly #entered = new WeakMap<object, Promise<AuthContext | undefined>>();
  readonly #open = new WeakSet<object>();
  readonly #calls = new WeakMap<object, McpCall>();
  #served: Served | undefined;

  constructor(placeIn: (context: ExecutionContext) => NestPlace) {
    this.#placeIn = placeIn;
  }

  /** Lets requests in from now on. @param core the guard that `mcp` is over */
  serve(core: Guard, mcp: EntraMcp, entries: McpEntries, resource: string): void {
    this.#served = { core, mcp, resource, registered: registerAll(mcp, entries) };
  }

  /** What Nest knows of a request that has come to {@link enter}. */
  placeOf(request: object): NestPlace | undefined {
    return this.#places.get(request);
  }

  /** Answers requests for metadata, and lets others go on. */
  metadata(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    if (this.#served === undefined) next();
    else this.#served.mcp.metadata()(request, response, next);
  }

  async enter(context: ExecutionContext, host: ContextHost): Promise<AuthContext | undefined> {
    if (this.#served === undefined) throw notStarted();
    const side = nodeSideOf(context, host);
    // Each call is one decision and one event, however many guards stand here.
    const known = this.#entered.get(side.request) ?? this.#enter(this.#served.mcp, side, context);
    this.#entered.set(side.request, known);
    return known;
  }

  async #enter(
    mcp: EntraMcp,
    { request, response }: NodeSide,
    context: ExecutionContext,
  ): Promise<AuthContext | undefined> {
    this.#places.set(request, this.#placeIn(context));
    // Never settles for what is answered here: neither a filter nor an interceptor of the application has a say in it.
    await new Promise<void>((resolve, reject) => {
      const goOn = mcp.serve(() => resolve());
      mcp.gate()(request, response, (error) =>
        error === undefined ? goOn(request, response, reject) : reject(error),
      );
    });
    const auth = callerOf(mcp, request);
    if (auth === undefined) this.#open.add(request);
    const { auth: authInfo } = request as { readonly auth?: unknown };
    if (typeof authInfo === 'object' && authInfo !== null) this.#requests.set(authInfo, request);
    return auth;
  }

  isOpenTo(request: RequestLike): boolean {
    return this.#open.has(request);
  }

  callOf(context: ExecutionContext): McpCall | undefined {
    if (context.getType() !== 'rpc') return undefined;
    const of: unknown = context.getArgs()[1];
    return typeof of === 'object' && of !== null ? this.#calls.get(of) : undefined;
  }

  has(kind: Offered['kind'], name: string): boolean {
    return this.#served?.registered.has(keyOf(kind, name)) === true;
  }

  admit(kind: Offered['kind'], name: string, context: McpContextLike): void {
    const registered = this.#served?.registered.get(keyOf(kind, name));
    const args = context.getArgs();
    const sdkContext = args[SDK_CONTEXT];
    const request = this.#requestOf(sdkContext);
    if (this.#served === undefined || registered === undefined) throw this.#refusal(kind, request);
    const { requirement, assertLetIn } = registered;
    try {
      assertLetIn(sdkContext);
    } catch (error) {
      if (!ConfigurationError.is(error)) throw error;
      throw this.#refusal(kind, request, error);
    }
    // MCP-Nest hands on the request that came to the session last, which may be of another caller.
    args[RAW_REQUEST] = request ?? this.#unclaimed(args[RAW_REQUEST]);
    const auth = requirement.role === 'anonymous' ? undefined : this.#served.mcp.authOf(sdkContext as object);
    const adapter = callAdapter(request ?? NO_REQUEST, context);
    this.#calls.set(context, Object.freeze({ auth, requirement, adapter }));
  }

  watch(server: McpServerLike): void {
    if (this.#served === undefined) return;
    const { mcp, registered, resource } = this.#served;
    mcp.registrar(server);
    correctSecuritySchemes(server, (tool) => registered.get(keyOf('tool', tool))?.requirement, resource);
  }

  /** The request that a call came with. `undefined` for callers without a token. */
  #requestOf(sdkContext: unknown): IncomingMessage | undefined {
    const { http } = Object(sdkContext) as { readonly http?: unknown };
    const { authInfo } = Object(http) as { readonly authInfo?: unknown };
    return typeof authInfo === 'object' && authInfo !== null ? this.#requests.get(authInfo) : undefined;
  }

  /** A request without a caller stays; one of a caller is not handed to the call of another. */
  #unclaimed(raw: unknown): unknown {
    const isClaimed =
      this.#served !== undefined &&
      typeof raw === 'object' &&
      raw !== null &&
      callerOf(this.#served.mcp, raw) !== undefined;
    return isClaimed ? undefined : raw;
  }

  /** What a client is told, in the words of a closed list; the log and the audit trail are told more. */
  #refusal(kind: string, request: RequestLike | undefined, cause?: unknown): Error {
    const place = { handler: `${kind} of MCP` };
    const refused = this.#served?.core.refuse(request ?? NO_REQUEST, place, NOT_LET_IN);
    return Object.assign(new Error('Not found', { cause: cause ?? refused }), { code: INVALID_PARAMS });
  }
}

const INVALID_PARAMS = -32602;
const NOT_LET_IN = {
  message: 'A call has reached a tool, prompt or resource that the gate of MCP has not let it in to.',
  hint: 'Put @RequireMcp() on the controller of the transport, and give the strategy no other transport. Resources that MCP-Nest takes for one another need URIs that differ in more than scheme and case.',
};

function callerOf(mcp: EntraMcp, of: object): AuthContext | undefined {
  try {
    return mcp.authOf(of);
  } catch (error) {
    if (ConfigurationError.is(error)) return undefined;
    throw error;
  }
}

function notStarted(): ConfigurationError {
  return new ConfigurationError(
    'A request has come to the MCP server before the application has started.',
    'Call app.listen(…) or app.init() first.',
  );
}
