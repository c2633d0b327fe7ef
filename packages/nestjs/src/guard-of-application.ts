import { ConfigurationError, type Guard } from '@entra-guard/core';
import type { ModuleRef, ModulesContainer } from '@nestjs/core';
import { CORE_GUARD } from './entra-guard.tokens.js';

/**
 * Finds the core's guard, wherever it is: `EntraGuardModule` need not be global.
 *
 * @param asking the module that needs it
 * @param settings what the guard of `EntraGuardModule` is given for it, for the hint
 * @throws ConfigurationError for an application without one
 */
export function guardOfApplication(
  moduleRef: ModuleRef,
  modules: ModulesContainer,
  asking: string,
  settings: string,
): Guard {
  if ([...modules.values()].some(({ providers }) => providers.has(CORE_GUARD)))
    return moduleRef.get<Guard>(CORE_GUARD, { strict: false });
  throw new ConfigurationError(
    `${asking} was imported into an application without EntraGuardModule.`,
    `Import EntraGuardModule.forRoot({ ${settings} }) in the root module.`,
  );
}
