import type { Guard, RequestLike } from '@entra-guard/core';

/** The other APIs that an application calls for its callers, as `EntraDownstreamModule` has them. */
export interface OtherApis {
  readonly names: readonly string[];
  /** Gives the API of this name for the caller of a request that the guard has accepted. */
  forCaller(name: string, request: RequestLike): unknown;
}

/** By the core's guard: each application of a process has its own. */
const byGuard = new WeakMap<Guard, OtherApis>();

/** Makes the other APIs known to parameters of handlers that a guard judges. */
export function rememberOtherApis(guard: Guard, apis: OtherApis): void {
  byGuard.set(guard, apis);
}

/** The other APIs of an application, by its guard. */
export function otherApisOf(guard: Guard): OtherApis | undefined {
  return byGuard.get(guard);
}
