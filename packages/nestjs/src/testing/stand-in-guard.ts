import type { Guard } from '@entra-guard/core';
import {
  standInGuard as coreStandIn,
  type StandInCaller,
  type StandInSettings,
} from '@entra-guard/core/testing';
import { nestLog } from '../nest-log.js';

/**
 * Replaces the core's guard in tests of a whole application: every call comes from one caller, and no token is required or
 * read. The module, its options, your guard and `@UseGuards(EntraGuard)` stay as they are. Throws when `NODE_ENV` is `production`.
 *
 * ```ts
 * Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(ENTRA_GUARD_CORE)
 *   .useValue(standInGuard(testAuth({ kind: 'user', scopes: ['Orders.Read'] })));
 * ```
 *
 * @param caller the caller; `null` for none; or a function that returns either at each call
 * @throws ConfigurationError for a value that is not a caller, and for invalid settings
 */
export function standInGuard(caller: StandInCaller, settings: StandInSettings = {}): Guard {
  return coreStandIn(caller, { log: nestLog(), ...settings });
}
