import { ConfigurationError } from '@entra-guard/core';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { checkAtBoot } from '../boot-check.js';
import { type ApplicationParts, bootFacts } from '../boot-facts.js';
import { EntraGuard } from '../entra-guard.guard.js';
import { CORE_GUARD } from '../entra-guard.tokens.js';
import type { OpenRights } from '../open-rights.js';

/** What `EntraGuardModule` would have provided. */
export interface StandInParts extends ApplicationParts {
  readonly openRights: OpenRights;
  readonly moduleRef: ModuleRef;
}

/** The guard of an application without `EntraGuardModule`. Looks at the handlers at boot, as the module does. */
export class StandInEntraGuard extends EntraGuard implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #parts: StandInParts;

  constructor(parts: StandInParts) {
    super();
    this.#parts = parts;
    const { guard: core, requirements, contexts, openRights, adapterHost, moduleRef } = parts;
    // Nest injects them as properties, of which there is no provider here.
    Object.assign(this, { core, requirements, contexts, openRights, adapterHost, moduleRef });
  }

  onApplicationBootstrap(): void {
    if ([...this.#parts.modules.values()].some(({ providers }) => providers.has(CORE_GUARD))) {
      throw new ConfigurationError(
        'provideTestAuth(...) is beside EntraGuardModule, whose own guard asks for a token all the same.',
        'Override its guard instead: .overrideProvider(ENTRA_GUARD_CORE).useValue(standInGuard(...)), both imported from @entra-guard/nestjs/testing.',
      );
    }
    checkAtBoot(bootFacts(this.#parts, true));
  }

  onApplicationShutdown(): void {
    this.#parts.openRights.close();
  }
}
