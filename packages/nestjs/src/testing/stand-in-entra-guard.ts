import { ConfigurationError, type Guard } from '@entra-guard/core';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { type Application, hasHttpAdapter } from '../coverage/application.js';
import { checkAtBoot } from '../coverage/boot-check.js';
import { EntraGuard } from '../entra-guard.guard.js';
import { CORE_GUARD } from '../entra-guard.tokens.js';
import type { OpenRights } from '../lasting/open-rights.js';

/** What `EntraGuardModule` would have provided. */
export interface StandInParts {
  readonly guard: Guard;
  readonly application: Omit<Application, 'hasHttp' | 'started'>;
  readonly adapterHost: HttpAdapterHost;
  readonly openRights: OpenRights;
  readonly moduleRef: ModuleRef;
}

/** The guard of an application without `EntraGuardModule`. Looks at the handlers at boot, as the module does. */
export class StandInEntraGuard extends EntraGuard implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #parts: StandInParts;

  constructor(parts: StandInParts) {
    super();
    this.#parts = parts;
    const { guard: core, application, openRights, adapterHost, moduleRef } = parts;
    const { requirements, contexts } = application;
    // EntraGuard has them injected as properties; no module provides them here.
    Object.assign(this, { core, requirements, contexts, openRights, adapterHost, moduleRef });
  }

  onApplicationBootstrap(): void {
    if ([...this.#parts.application.modules.values()].some(({ providers }) => providers.has(CORE_GUARD))) {
      throw new ConfigurationError(
        'provideTestAuth(...) is used with EntraGuardModule, whose guard still requires a token.',
        'Override its guard instead: .overrideProvider(ENTRA_GUARD_CORE).useValue(standInGuard(...)), both imported from @entra-guard/nestjs/testing.',
      );
    }
    const { guard, application, adapterHost } = this.#parts;
    checkAtBoot({ ...application, hasHttp: hasHttpAdapter(adapterHost), started: true }, guard);
  }

  onApplicationShutdown(): void {
    this.#parts.openRights.close();
  }
}
