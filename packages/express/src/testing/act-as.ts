import { type StandInCaller, standInCaller } from '@entra-guard/core/testing';
import { setCaller } from '../caller.js';
import type { Middleware } from '../middleware.js';

/**
 * Puts a caller on the request, as a guard does, and judges nothing: for tests of a single handler or router.
 * Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * const app = express().use(actAs(testAuth({ kind: 'user', scopes: ['Orders.Read'] })), orders);
 * ```
 *
 * @param caller the caller; `null` for none; or a function that returns either at each request
 * @throws ConfigurationError for a value that is not a caller
 */
export function actAs(caller: StandInCaller): Middleware {
  const callerNow = standInCaller('actAs(...)', caller);
  return (request, _response, next) => {
    setCaller(request, callerNow());
    next();
  };
}
