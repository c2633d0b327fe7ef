import type { RequestLike } from '@entra-guard/core';
import { authorizationIn, authorizationOf, closeCodeOf, requestWith } from '@entra-guard/core/connections';
import type { ExecutionContext } from '@nestjs/common';
import type { ContextAdapter, ContextCall, ContextHost, Lasting } from '../contexts/context-adapter.js';
import { EntraGuardGraphQLError } from './entra-guard.graphql-error.js';

/** What checks get as `request` in GraphQL. */
export interface GraphQLCall {
  readonly args: unknown;
  /** GraphQL's context, of the operation. */
  readonly context: unknown;
  /** GraphQL's `info`: the field, its path, the operation. */
  readonly info: unknown;
  /** The parent, or the reference of a reference resolver. */
  readonly root: unknown;
}

/** Node's request, or Fastify's around it. */
type HostRequest = RequestLike & {
  readonly raw?: HostRequest;
  readonly socket?: Destroyable;
  /** Express puts it there. */
  readonly res?: unknown;
  /** Whether Node has given the socket away with it. */
  readonly upgrade?: unknown;
};
/** A socket, or the response that goes over one. */
interface Destroyable {
  readonly destroyed?: boolean;
  readonly writableEnded?: boolean;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** What `graphql-ws` hands over for a connection; Nest's Apollo driver puts it into the context as `req`. */
interface GraphQLWsConnection {
  readonly connectionParams?: unknown;
  readonly extra: {
    readonly request: HostRequest;
    readonly socket?: { close(code: number, reason: string): unknown };
  };
}

/**
 * Lets the guard judge GraphQL with Apollo and with Mercurius: queries, mutations, subscriptions, and with
 * `fieldResolverEnhancers: ['guards']` field and reference resolvers.
 *
 * The token comes in the `Authorization` header. Subscriptions over graphql-ws take the header of their connection's request.
 * Browsers can't set it and send `connectionParams: { authorization: 'Bearer …' }`.
 *
 * ```ts
 * EntraGuardModule.forRoot({ tenantId, clientId, contexts: [graphqlContext()] })
 * ```
 */
export function graphqlContext(): ContextAdapter {
  return { type: 'graphql', read, toException };
}

/** By the core's error, which fields that are refused for one reason share. */
const repeated = new WeakMap<object, EntraGuardGraphQLError>();

function toException(...[answer, error]: Parameters<ContextAdapter['toException']>): unknown {
  const again = repeated.get(error);
  if (again !== undefined) return again;
  const first = new EntraGuardGraphQLError(answer, error);
  repeated.set(error, first.repeated());
  return first;
}

function read(context: ExecutionContext, host: ContextHost): ContextCall {
  const call = callOf(context.getArgs<unknown[]>());
  const subject = isObject(call.context) ? call.context : undefined;
  const found = subject === undefined ? undefined : requestIn(subject, context, host);
  return {
    request: call,
    subjects: subject === undefined ? [] : [subject, ...(found?.subjects ?? [])],
    shared: true,
    ...(subject === undefined ? {} : { scope: subject }),
    credentials: found?.credentials,
    ...(found?.lasting === undefined ? {} : { lasting: found.lasting }),
  };
}

/** Fields get (root, args, context, info); reference resolvers (reference, context, info). */
function callOf(args: readonly unknown[]): GraphQLCall {
  if (args.length === 3) return { root: args[0], args: undefined, context: args[1], info: args[2] };
  return { root: args[0], args: args[1], context: args[2], info: args[3] };
}

/** What the libraries' contexts hold. */
interface HostContext {
  readonly req?: unknown;
  readonly request?: unknown;
  readonly res?: unknown;
  readonly reply?: { readonly request?: unknown; readonly raw?: unknown };
}

interface Found {
  readonly credentials: RequestLike;
  readonly subjects: readonly object[];
  readonly lasting?: Lasting;
}

function requestIn(subject: object, context: ExecutionContext, host: ContextHost): Found | undefined {
  const { req, request, reply } = subject as HostContext;
  if (isConnection(req)) return overWebSocket(req, context);
  const candidates = [req, request, reply?.request].filter(isRequest);
  const raws = new Set(candidates.map((found) => (onFastify(host) && found.raw ? found.raw : found)));
  const [raw] = raws;
  // Two: the application gave one context to several requests, and whose call this is can't be told.
  if (raw === undefined || raws.size > 1) return undefined;
  // A subscription outlives its request, so each execution is judged.
  if (isUpgrade(raw)) return overUpgrade(raw, subject, context);
  if (isSubscription(context)) return overStream(raw, subject, context);
  return { credentials: raw, subjects: [...candidates, raw] };
}

function overWebSocket(connection: GraphQLWsConnection, context: ExecutionContext): Found {
  const { request, socket } = connection.extra;
  const raw = request.raw ?? request;
  const values = () => [...authorizationOf(raw), ...authorizationIn(connection.connectionParams)];
  return {
    credentials: perExecution(context, raw, values),
    subjects: [],
    lasting: {
      key: raw,
      name: `${context.getClass().name} (open subscriptions)`,
      end: (answer) => {
        if (socket === undefined) raw.socket?.destroy();
        else socket.close(closeCodeOf(answer), answer.body.code);
      },
      onEnded: (listener) => onClosed(raw.socket, listener),
    },
  };
}

/** Mercurius: the request of the connection, and what the client sent when it initialised it. */
function overUpgrade(raw: HostRequest, subject: object, context: ExecutionContext): Found {
  const { _connectionInit: sent } = subject as { readonly _connectionInit?: { readonly headers?: unknown } };
  // Mercurius copies what was sent into the request's headers, where it can't be told from one that arrived.
  const arrived = () => authorizationOf({ headers: {}, rawHeaders: raw.rawHeaders });
  const values = () => [...arrived(), ...authorizationIn(sent?.headers ?? sent)];
  return {
    credentials: perExecution(context, raw, values),
    subjects: [],
    lasting: {
      key: raw,
      name: `${context.getClass().name} (open subscriptions)`,
      end: () => void raw.socket?.destroy(),
      onEnded: (listener) => onClosed(raw.socket, listener),
    },
  };
}

/** A subscription that is the answer to one request. Its socket may be that of a proxy, which others share. */
function overStream(raw: HostRequest, { res, reply }: HostContext, context: ExecutionContext): Found {
  const stream = [res, reply?.raw, raw.res].find(isDestroyable) ?? raw.socket;
  return {
    credentials: perExecution(context, raw, () => authorizationOf(raw)),
    subjects: [],
    lasting: {
      key: stream ?? raw,
      name: `${context.getClass().name} (open subscription)`,
      end: () => void stream?.destroy(),
      onEnded: (listener) => onClosed(stream, listener),
    },
  };
}

/** By the values of its variables, which GraphQL makes anew for each execution. */
const executions = new WeakMap<object, { readonly raw: object; readonly credentials: RequestLike }>();

/** The credentials of one execution: its fields have one verdict, and the next execution has another. */
function perExecution(
  context: ExecutionContext,
  raw: HostRequest,
  values: () => readonly string[],
): RequestLike {
  const { info } = callOf(context.getArgs<unknown[]>());
  const execution = isObject(info)
    ? (info as { readonly variableValues?: unknown }).variableValues
    : undefined;
  const known = isObject(execution) ? executions.get(execution) : undefined;
  if (known?.raw === raw) return known.credentials;
  const credentials = requestWith(values(), plain(raw));
  if (isObject(execution)) executions.set(execution, { raw, credentials });
  return credentials;
}

function onClosed(stream: Destroyable | undefined, listener: () => void): void {
  if (stream?.destroyed === true || stream?.writableEnded === true) listener();
  else stream?.once('close', listener);
}

function isDestroyable(value: unknown): value is Destroyable {
  const { destroy, once } = (value ?? {}) as Partial<Destroyable>;
  return typeof destroy === 'function' && typeof once === 'function';
}

function onFastify({ httpAdapter }: ContextHost): boolean {
  return httpAdapter?.getType() === 'fastify';
}

/** By what Node has done, and not by the header that asks for it: without an upgrade the socket is not this caller's alone. */
function isUpgrade({ upgrade }: HostRequest): boolean {
  return upgrade === true;
}

function isSubscription(context: ExecutionContext): boolean {
  const { info } = callOf(context.getArgs<unknown[]>());
  const operation = isObject(info) ? (info as { readonly operation?: unknown }).operation : undefined;
  return isObject(operation) && (operation as { readonly operation?: unknown }).operation === 'subscription';
}

function plain(request: RequestLike): Readonly<Record<string, string | readonly string[] | undefined>> {
  return request.headers as Readonly<Record<string, string | readonly string[] | undefined>>;
}

function isConnection(value: unknown): value is GraphQLWsConnection {
  const extra = isObject(value) ? (value as { readonly extra?: unknown }).extra : undefined;
  return isObject(extra) && isRequest((extra as { readonly request?: unknown }).request);
}

function isRequest(value: unknown): value is HostRequest {
  return isObject(value) && isObject((value as { readonly headers?: unknown }).headers);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
