import { ConfigurationError } from '@entra-guard/core';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { EntraGuard } from '../entra-guard.guard.js';
import type { ModuleSettings } from '../entra-guard.options.js';
import { ENTRA_GUARD_OPTIONS, MODULE_SETTINGS } from '../entra-guard.tokens.js';

/** What Nest keeps of a provider. */
interface Wrapper {
  readonly instance: unknown;
  isDependencyTreeStatic(): boolean;
}

/**
 * Checks that the options and the guard are singletons. NestJS drops a request-scoped global guard; NestJS 10 does so
 * silently, and every handler is open. The module can't check it: Nest calls no hooks of request-scoped providers. This
 * class depends on none.
 */
@Injectable()
export class ScopeCheck implements OnModuleInit {
  constructor(@Inject(ModulesContainer) private readonly modules: ModulesContainer) {}

  /** @throws ConfigurationError for options or an installed guard that are request-scoped */
  onModuleInit(): void {
    for (const { providers } of this.modules.values()) {
      const settings = providers.get(MODULE_SETTINGS)?.instance as ModuleSettings | undefined;
      if (settings === undefined) continue;
      if (isPerRequest(providers.get(ENTRA_GUARD_OPTIONS))) throw optionsPerRequest();
      const guard = settings.guard ?? EntraGuard;
      if (settings.installGuard !== false && isPerRequest(providers.get(guard)))
        throw guardPerRequest(guard.name);
    }
  }
}

function isPerRequest(wrapper: Wrapper | undefined): boolean {
  return wrapper?.isDependencyTreeStatic() === false;
}

function optionsPerRequest(): ConfigurationError {
  return new ConfigurationError(
    'The options of EntraGuardModule are request-scoped, or their factory injects something that is. NestJS would run no guard, and EVERYBODY would get in.',
    'Inject singletons into the factory. Several tenants or authorities are options: tenants: [...], authorities: [...].',
  );
}

function guardPerRequest(name: string): ConfigurationError {
  return new ConfigurationError(
    `The guard ${name} is request-scoped, or injects something that is. NestJS does not run such a guard for every handler, and EVERYBODY would get in.`,
    'Make it a singleton. Its steps get the ExecutionContext; request-scoped providers are found with ModuleRef.resolve.',
  );
}
