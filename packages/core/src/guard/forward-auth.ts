import type { DecisionPlace } from '../audit/decision-place.js';
import { ConfigurationError, type EntraGuardError } from '../base/errors.js';
import type { RequestLike } from '../credential/headers.js';
import type { Anonymous, Grant } from '../requirements/requirement.js';

/** A registered symbol, because another copy of the package may have made the guard. */
export const FORWARD_AUTH: unique symbol = Symbol.for('entra-guard/forward-auth') as never;

/** What a service needs of its guard that decides for servers, which ask before they pass a request on. */
export interface ForwardAuth {
  /** Whether the guard knows callers by assertions of another service, and not by access tokens. */
  readonly byAssertion: boolean;
  /**
   * Tells what `require` would throw now; `undefined` where the request would pass. Logs and records nothing, and spends nothing: a
   * requirement with `limit(...)` or `approval(...)` is not judged, which is an error. Never rejects.
   */
  foresee(request: RequestLike, requirement: Grant | Anonymous): Promise<unknown>;
  /** Logs and records that a request was refused before a requirement was found for it. */
  refuse(request: RequestLike, error: EntraGuardError, place?: DecisionPlace): void;
}

/**
 * Returns what a service needs of its guard that decides for servers. For `@entra-guard/proxy`.
 *
 * @throws ConfigurationError for anything but a guard
 */
export function forwardAuthOf(guard: unknown): ForwardAuth {
  const parts =
    typeof guard === 'object' && guard !== null
      ? (guard as { readonly [FORWARD_AUTH]?: ForwardAuth })[FORWARD_AUTH]
      : undefined;
  if (parts !== undefined) return parts;
  throw new ConfigurationError('guard is not a guard of this project.', 'Pass what createGuard(...) gave.');
}
