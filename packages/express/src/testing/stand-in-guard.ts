import { ownOptions } from '@entra-guard/core';
import {
  type StandInSettings as CoreSettings,
  standInGuard as coreStandIn,
  type StandInCaller,
} from '@entra-guard/core/testing';
import type { ExpressSettings } from '../entra-guard.js';
import { assertBoolean, type ExpressGuard, middlewaresOf } from '../express-guard.js';

/** What a stand-in may be told: how to answer, how to tell, what time it is. */
export type StandInSettings = CoreSettings & ExpressSettings;

/**
 * What `entraGuard(...)` gives, for an application whose requests all come from one caller: no token is asked for, and none
 * is looked at. Requirements are judged, answered, logged and audited as always. Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * const app = createApp(standInGuard(testAuth({ kind: 'user', scopes: ['Orders.Read'] })));
 * await request(app).get('/orders').expect(200);
 * ```
 *
 * @param caller who calls; `null` for nobody; or a function that is asked at each request
 * @throws ConfigurationError for what is no caller, and for settings that can't be right
 */
export function standInGuard(caller: StandInCaller, settings: StandInSettings = {}): ExpressGuard {
  const { passErrors = false, ...coreSettings } = ownOptions('standInGuard(...)', settings);
  assertBoolean('passErrors', passErrors);
  return middlewaresOf(coreStandIn(caller, coreSettings), { passErrors, log: coreSettings.log });
}
