import type { Guard } from '@entra-guard/core';
import {
  standInGuard as coreStandIn,
  type StandInCaller,
  type StandInSettings,
} from '@entra-guard/core/testing';
import { nestLog } from '../nest-log.js';

/**
 * What stands in the place of the core's guard while a whole application is tested: every call comes from one caller, and no
 * token is asked for or looked at. The module, its options, a guard of your own and `@UseGuards(EntraGuard)` stay as they
 * are. Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(ENTRA_GUARD_CORE)
 *   .useValue(standInGuard(testAuth({ kind: 'user', scopes: ['Orders.Read'] })));
 * ```
 *
 * @param caller who calls; `null` for nobody; or a function that is asked at each call
 * @throws ConfigurationError for what is no caller, and for settings that can't be right
 */
export function standInGuard(caller: StandInCaller, settings: StandInSettings = {}): Guard {
  return coreStandIn(caller, { log: nestLog(), ...settings });
}
