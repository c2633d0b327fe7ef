import {
  type StandInCaller,
  type StandInSettings,
  standInCaller,
  standInGuard,
} from '@entra-guard/core/testing';
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
 * @param settings `loadUser`, for handlers that read `userOf(req)`
 * @throws ConfigurationError for a value that is not a caller, and for unknown settings
 */
export function actAs(caller: StandInCaller, settings: Pick<StandInSettings, 'loadUser'> = {}): Middleware {
  const callerNow = standInCaller('actAs(...)', caller);
  const guard = standInGuard(caller, { log: false, ...settings });
  const loader = guard.loadsUsers ? guard : undefined;
  return (request, _response, next) => {
    setCaller(request, callerNow(), loader);
    next();
  };
}
