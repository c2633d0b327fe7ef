import { type AuthContext, bringsTokenOf, type RequestLike } from '@entra-guard/core';

/** What the guard found out about one call. */
export interface RequestAuth {
  readonly auth: AuthContext | undefined;
  /** Whether nobody being there is what the handler declared to be fine, with `@OptionalAuth()`. */
  readonly optional: boolean;
}

/** What is known of one object that stands for calls. */
interface Known {
  /** Whom the guard has authenticated for it last. */
  caller?: AuthContext;
  /** Where that caller's token came from, if the guard read it there itself. */
  credentials?: RequestLike | undefined;
  /** By whom it was opened, where it stands for a connection; `'several'` where connections of several share it. */
  opener?: AuthContext | 'several';
  found?: RequestAuth;
  /**
   * Where several calls share the object: the fields of one GraphQL operation, the messages of one connection. By the
   * function and by its class: classes may inherit one function.
   */
  byHandler?: WeakMap<Function, WeakMap<Function, RequestAuth>>;
}

/** Beside the requests and not on them: what another library puts on a request can never get in here. */
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
 * Remembers who has opened a connection, for what runs without a guard: a gateway's `handleConnection`. Handlers of its
 * messages are judged by themselves, and see nothing of it.
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
function isSameCaller(opener: AuthContext | 'several', auth: AuthContext): boolean {
  if (opener === 'several') return false;
  return opener.subjectKey === auth.subjectKey && opener.clientId === auth.clientId;
}

/** What the guard found, by a handler's arguments; `undefined` where no guard has let this call pass. */
export function recall(
  args: readonly unknown[],
  callback: Function,
  controller: Function,
): RequestAuth | undefined {
  for (const subject of args) {
    if (typeof subject !== 'object' || subject === null) continue;
    const of = known.get(subject);
    const found = of?.found ?? of?.byHandler?.get(callback)?.get(controller);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Whom the guard has authenticated for this request: for interceptors, and for providers that inject `REQUEST`. Takes
 * Nest's request, of either platform; GraphQL's context; a WebSocket client, or its handshake or request, behind
 * `guardConnections` from `handleConnection` on; the context of a message. `undefined` as soon as the `Authorization` header
 * is another one or gone. What stands in `request.auth` or `request.user` is never looked at.
 */
export function authOf(request: object): AuthContext | undefined {
  const of = known.get(request);
  if (of?.caller !== undefined) {
    const { caller, credentials } = of;
    return credentials === undefined || bringsTokenOf(credentials, caller) ? caller : undefined;
  }
  return of?.opener === 'several' ? undefined : of?.opener;
}
