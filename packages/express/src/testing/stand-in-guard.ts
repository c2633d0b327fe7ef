import { ownOptions } from '@entra-guard/core';
import {
  type StandInSettings as CoreSettings,
  standInGuard as coreStandIn,
  type StandInCaller,
} from '@entra-guard/core/testing';
import type { ExpressSettings } from '../entra-guard.js';
import { assertBoolean, type ExpressGuard, middlewaresOf } from '../express-guard.js';

/** Settings of a stand-in: the answer, the log and the clock. */
export type StandInSettings = CoreSettings & ExpressSettings;

/**
 * Replaces `entraGuard(...)` in tests: every request comes from one caller, and no token is required or read. Requirements are judged, answered, logged and audited as always. Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * const app = createApp(standInGuard(testAuth({ kind: 'user', scopes: ['Orders.Read'] })));
 * await request(app).get('/orders').expect(200);
 * ```
 *
 * @param caller the caller; `null` for none; or a function that returns either at each request
 * @throws ConfigurationError for a value that is not a caller, and for invalid settings
 */
export function standInGuard(caller: StandInCaller, settings: StandInSettings = {}): ExpressGuard {
  const { passErrors = false, ...coreSettings } = ownOptions('standInGuard(...)', settings);
  assertBoolean('passErrors', passErrors);
  return middlewaresOf(coreStandIn(caller, coreSettings), { passErrors, log: coreSettings.log });
}
