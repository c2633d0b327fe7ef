import type { AuthContext } from '@entra-guard/core';

/** What the guard found out about one request. */
export interface RequestAuth {
  readonly auth: AuthContext | undefined;
  /** Whether nobody being there is what the handler declared to be fine, with `@OptionalAuth()`. */
  readonly optional: boolean;
}

/** Beside the requests and not on them: what another library puts on a request can never get in here. */
const known = new WeakMap<object, RequestAuth>();

/** Remembers what the guard found, for Nest's request and for Node's. */
export function remember(requests: readonly object[], found: RequestAuth): void {
  for (const request of requests) known.set(request, found);
}

/** What the guard found; `undefined` where no guard has let this request pass. */
export function recall(request: object): RequestAuth | undefined {
  return known.get(request);
}

/**
 * Whom the guard has authenticated for this request: for interceptors, and for providers that inject `REQUEST`. Takes
 * Nest's request, of either platform. What stands in `request.auth` or `request.user` is never looked at.
 */
export function authOf(request: object): AuthContext | undefined {
  return known.get(request)?.auth;
}
