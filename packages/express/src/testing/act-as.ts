import { type StandInCaller, standInCaller } from '@entra-guard/core/testing';
import { setCaller } from '../caller.js';
import type { Middleware } from '../middleware.js';

/**
 * Puts a caller on the request, as a guard does, and judges nothing: for a handler or a router that is tested by itself.
 * Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * const app = express().use(actAs(testAuth({ kind: 'user', scopes: ['Orders.Read'] })), orders);
 * ```
 *
 * @param caller who calls; `null` for nobody; or a function that is asked at each request
 * @throws ConfigurationError for what is no caller
 */
export function actAs(caller: StandInCaller): Middleware {
  const callerNow = standInCaller('actAs(...)', caller);
  return (request, _response, next) => {
    setCaller(request, callerNow());
    next();
  };
}
