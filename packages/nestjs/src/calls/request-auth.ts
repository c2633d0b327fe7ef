import {
  type AuthContext,
  bringsTokenOf,
  type EntraGuardError,
  type Guard,
  type RequestLike,
} from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';

/** The guard that judged a call. */
export interface CallJudge {
  /** Rejects with a refusal in the form of the context. */
  loadCurrentUser(
    context: ExecutionContext,
    auth: AuthContext,
    request: RequestLike | undefined,
  ): Promise<object>;
  /** An error that the handler threw, in the form of the context: as the guard's own refusals are. */
  exceptionFor(error: EntraGuardError, context: ExecutionContext): Promise<unknown>;
}

/** The result of the guard for one call. */
export interface RequestAuth {
  readonly auth: AuthContext | undefined;
  /** The core's guard that decided. */
  readonly core: Guard;
  /** Where the application's user of the caller is found. */
  readonly judge: CallJudge;
  /** As the guard saw it, with the handler. */
  readonly context: ExecutionContext;
  /** Where the caller's credentials were read. */
  readonly request: RequestLike | undefined;
  /** Whether the handler accepts calls without a caller: `@OptionalAuth()`. */
  readonly optional: boolean;
}

/** What is known of one object that stands for calls. */
interface Known {
  /** The caller whom the guard authenticated for it last. */
  caller?: AuthContext;
  /** Where that caller's token came from, if the guard read it there itself. */
  credentials?: RequestLike | undefined;
  /** The caller who opened the connection that it stands for; `'several'` where connections of several callers share it. */
  opener?: AuthContext | 'several';
  found?: RequestAuth;
  /** The guard that judged the last call for which it stands. */
  judge?: CallJudge;
  /**
   * Where several calls share the object: the fields of one GraphQL operation, the messages of one connection. By the
   * function and by its class: classes may inherit one function.
   */
  byHandler?: WeakMap<Function, WeakMap<Function, RequestAuth>>;
}

/** Kept apart from the requests, which other libraries write to. */
const known = new WeakMap<object, Known>();

/**
 * Remembers what the guard found, by each object that stands for the call; for one handler only, where other calls share
 * the object.
 *
 * @param credentials where the caller's token was read, if it is still to be there when the caller is asked for
 */
export function remember(
  subjects: readonly object[],
  found: RequestAuth,
  handler?: { readonly callback: Function; readonly controller: Function },
  credentials?: RequestLike,
): void {
  for (const subject of subjects) {
    let of = known.get(subject);
    if (of === undefined) {
      of = {};
      known.set(subject, of);
    }
    of.judge = found.judge;
    if (found.auth !== undefined) {
      of.caller = found.auth;
      of.credentials = credentials;
    }
    if (handler === undefined) of.found = found;
    else {
      of.byHandler ??= new WeakMap();
      let ofFunction = of.byHandler.get(handler.callback);
      if (ofFunction === undefined) {
        ofFunction = new WeakMap();
        of.byHandler.set(handler.callback, ofFunction);
      }
      ofFunction.set(handler.controller, found);
    }
  }
}

/**
 * Remembers the caller who opened a connection, for `handleConnection`, which runs without a guard. Handlers of its
 * messages are judged one by one, and do not see it.
 *
 * @param subjects what stands for this connection, and what others may share with it: socket.io's namespaces of one client
 *   have one request, and may have a token each
 */
export function rememberOpener(subjects: readonly object[], auth: AuthContext): void {
  for (const subject of subjects) {
    const of = known.get(subject) ?? {};
    of.opener = of.opener === undefined || isSameCaller(of.opener, auth) ? auth : 'several';
    known.set(subject, of);
  }
}

/** Tells callers apart by user, client and tenant: a new token of one of them changes nothing. */
export function isSameCaller(opener: AuthContext | 'several', auth: AuthContext): boolean {
  if (opener === 'several') return false;
  return opener.subjectKey === auth.subjectKey && opener.clientId === auth.clientId;
}

/** Returns what the guard found, by a handler's arguments; `undefined` where no guard has let this call pass. */
export function recall(
  args: readonly unknown[],
  callback: Function,
  controller: Function,
): RequestAuth | undefined {
  return first(args, ({ found, byHandler }) => found ?? byHandler?.get(callback)?.get(controller));
}

/** The guard that let a call pass, by its arguments. */
export function judgeOf(args: readonly unknown[]): CallJudge | undefined {
  return first(args, ({ judge }) => judge);
}

/** The context of a call that a guard let pass, by its arguments; `undefined` where other calls have the same. */
export function judgedContext(args: readonly unknown[]): ExecutionContext | undefined {
  return first(args, ({ found }) => found?.context);
}

function first<T>(args: readonly unknown[], pick: (of: Known) => T | undefined): T | undefined {
  for (const subject of args) {
    const of = typeof subject === 'object' && subject !== null ? known.get(subject) : undefined;
    const picked = of && pick(of);
    if (picked !== undefined) return picked;
  }
  return undefined;
}

/**
 * Returns the caller whom the guard authenticated for this request: for interceptors, and for providers that inject
 * `REQUEST`. Takes Nest's request on Express or Fastify, the context of GraphQL or of a message, and a WebSocket client, its
 * handshake or its request, which `guardConnections` makes known from `handleConnection` on. Returns `undefined` once the
 * `Authorization` header has changed or is gone. Never reads `request.auth` or `request.user`.
 */
export function authOf(request: object): AuthContext | undefined {
  const of = known.get(request);
  if (of?.caller !== undefined) {
    const { caller, credentials } = of;
    return credentials === undefined || bringsTokenOf(credentials, caller) ? caller : undefined;
  }
  return of?.opener === 'several' ? undefined : of?.opener;
}
