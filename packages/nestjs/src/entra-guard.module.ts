import { ConfigurationError, createGuard, type Guard, optionsFromEnv } from '@entra-guard/core';
import {
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { ContextRegistry } from './contexts/context-registry.js';
import { type Application, hasHttpAdapter } from './coverage/application.js';
import { checkAtBoot } from './coverage/boot-check.js';
import { uncoveredError, uncoveredHandlers } from './coverage/gaps.js';
import { assertLoadedInTime, missingOptions } from './coverage/module-place.js';
import { ScopeCheck } from './coverage/scope-check.js';
import { nothingShown, type ShownCoverage } from './coverage/shown-coverage.js';
import { EntraGuard } from './entra-guard.guard.js';
import {
  type EntraGuardModuleAsyncOptions,
  type EntraGuardModuleOptions,
  type EntraGuardOptionsFactory,
  type EnvironmentOverrides,
  givenOptions,
  type ModuleSettings,
  moduleSettings,
  type ResolvedOptions,
  resolveOptions,
} from './entra-guard.options.js';
import {
  CONTEXT_REGISTRY,
  CORE_GUARD,
  COVERAGE,
  ENFORCING_GUARD,
  ENTRA_GUARD_OPTIONS,
  ENTRA_VALIDATOR,
  HANDLER_REQUIREMENTS,
  MODULE_SETTINGS,
  RESOLVED_OPTIONS,
} from './entra-guard.tokens.js';
import { EntraHealthIndicator } from './entra-health.indicator.js';
import { attachToHandlers } from './guards/attached-guards.js';
import { DeclarationGuard } from './guards/declaration-guard.js';
import { handlersOf } from './handlers/handler-inventory.js';
import { HandlerRequirements } from './handlers/handler-requirements.js';
import { OpenRights, openRightsOf } from './lasting/open-rights.js';

/**
 * Puts {@link EntraGuard} in front of every handler of the application.
 *
 * ```ts
 * @Module({ imports: [EntraGuardModule.forRoot({ tenantId, clientId })] })
 * export class AppModule {}
 * ```
 */
@Module({
  // forRoot replaces these.
  providers: [
    ...missingOptions([
      ENTRA_GUARD_OPTIONS,
      CORE_GUARD,
      RESOLVED_OPTIONS,
      MODULE_SETTINGS,
      HANDLER_REQUIREMENTS,
      CONTEXT_REGISTRY,
      COVERAGE,
      OpenRights,
    ]),
    DeclarationGuard,
  ],
})
export class EntraGuardModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(CORE_GUARD) private readonly guard: Guard,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(MODULE_SETTINGS) private readonly settings: ModuleSettings,
    @Inject(HANDLER_REQUIREMENTS) private readonly requirements: HandlerRequirements,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(CONTEXT_REGISTRY) private readonly contexts: ContextRegistry,
    @Inject(COVERAGE) private readonly shown: ShownCoverage,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(OpenRights) private readonly openRights: OpenRights,
    @Inject(DeclarationGuard) attached: DeclarationGuard,
  ) {
    assertLoadedInTime(modules, ({ providers }) => providers.get(DeclarationGuard)?.instance === attached);
    // Before anything is connected: handlers without global guards are judged from their first message on.
    attachToHandlers(modules, attached);
  }

  /** Takes options that are known when the module is declared. */
  static forRoot(options: EntraGuardModuleOptions): DynamicModule {
    return assemble(moduleSettings(options), [{ provide: ENTRA_GUARD_OPTIONS, useValue: options }]);
  }

  /**
   * Takes options that are injected or awaited. The settings of the module itself (`installGuard`, `guard`, `isGlobal`, …)
   * stand next to the factory, since NestJS reads them first.
   */
  static forRootAsync(options: EntraGuardModuleAsyncOptions): DynamicModule {
    return assemble(
      moduleSettings(options),
      optionsProviders(options),
      Object.hasOwn(options, 'imports') ? options.imports : undefined,
    );
  }

  /**
   * Takes tenant, or authority, and client ID from the environment, as `optionsFromEnv()` reads them: from
   * `ENTRA_GUARD_TENANT_ID` or `ENTRA_GUARD_AUTHORITY`, and `ENTRA_GUARD_CLIENT_ID`. Reads it when the application starts: after
   * `ConfigModule.forRoot()` has read a `.env` file, and not in a test that overrides `ENTRA_GUARD_OPTIONS`. The application does
   * not start where they are missing.
   *
   * @param overrides further options, which win over the environment
   * @throws ConfigurationError for invalid settings of the module
   */
  static fromEnv(overrides: EnvironmentOverrides = {}): DynamicModule {
    const own = givenOptions(overrides);
    const useFactory = () => ({ ...optionsFromEnv(), ...own });
    return assemble(moduleSettings(own), [{ provide: ENTRA_GUARD_OPTIONS, useFactory }]);
  }

  /** Checks every handler before the first request, when all decorators have run. */
  onApplicationBootstrap(): void {
    try {
      checkAtBoot(this.application(true), this.guard);
    } catch (error) {
      this.shown.boot.fail(error);
      void this.guard.close();
      throw error;
    }
    this.shown.boot.succeed();
  }

  /** Releases keys and timers after the last request. */
  async onApplicationShutdown(): Promise<void> {
    this.openRights.close();
    await this.guard.close();
  }

  /** @internal Throws for handlers that no guard covers, with what `assertCovered(app)` knows of connected microservices. */
  assertCovered(microservicesInherit: () => boolean): void {
    this.shown.microservicesInherit = microservicesInherit;
    const gaps = uncoveredHandlers(this.application(false));
    if (gaps.length > 0) throw uncoveredError(gaps);
  }

  private application(started: boolean): Application {
    const { modules, settings, options, requirements, contexts, shown, adapterHost } = this;
    const hasHttp = hasHttpAdapter(adapterHost);
    return { modules, settings, options, requirements, contexts, shown, hasHttp, started };
  }
}

function assemble(
  settings: ModuleSettings,
  optionsFrom: readonly Provider[],
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  const guard = settings.guard ?? EntraGuard;
  if (guard !== EntraGuard && !(guard.prototype instanceof EntraGuard)) {
    throw new ConfigurationError(
      `The option guard was given ${typeof guard === 'function' ? guard.name : typeof guard}, which does not extend EntraGuard.`,
      'Write: @Injectable() class MyGuard extends EntraGuard { … }.',
    );
  }
  const providers: Provider[] = [
    ...optionsFrom,
    { provide: MODULE_SETTINGS, useValue: settings },
    { provide: RESOLVED_OPTIONS, useFactory: resolveOptions, inject: [ENTRA_GUARD_OPTIONS, MODULE_SETTINGS] },
    {
      provide: CORE_GUARD,
      useFactory: ({ guardOptions }: ResolvedOptions) => createGuard(guardOptions),
      inject: [RESOLVED_OPTIONS],
    },
    { provide: ENTRA_VALIDATOR, useFactory: ({ validator }: Guard) => validator, inject: [CORE_GUARD] },
    {
      provide: HANDLER_REQUIREMENTS,
      useFactory: ({ assignments, defaultRequirement }: ResolvedOptions, modules: ModulesContainer) =>
        new HandlerRequirements(assignments, defaultRequirement, () => handlersOf(modules)),
      inject: [RESOLVED_OPTIONS, ModulesContainer],
    },
    ScopeCheck,
    EntraHealthIndicator,
    { provide: CONTEXT_REGISTRY, useFactory: () => new ContextRegistry(settings.contexts ?? []) },
    { provide: COVERAGE, useFactory: nothingShown },
    {
      provide: OpenRights,
      useFactory: (core: Guard, { now }: ResolvedOptions) => openRightsOf(core, settings.recheckEvery, now),
      inject: [CORE_GUARD, RESOLVED_OPTIONS],
    },
    guard,
    { provide: ENFORCING_GUARD, useExisting: guard },
    ...(guard === EntraGuard ? [] : [{ provide: EntraGuard, useExisting: guard }]),
    ...(settings.installGuard === false ? [] : [{ provide: APP_GUARD, useExisting: guard }]),
  ];
  return {
    module: EntraGuardModule,
    global: settings.isGlobal ?? true,
    imports,
    providers,
    // From CORE_GUARD on: the dependencies of an EntraGuard that @UseGuards makes in another module.
    exports: [
      ENTRA_GUARD_OPTIONS,
      ENTRA_VALIDATOR,
      EntraHealthIndicator,
      EntraGuard,
      CORE_GUARD,
      HANDLER_REQUIREMENTS,
      RESOLVED_OPTIONS,
      CONTEXT_REGISTRY,
      COVERAGE,
      OpenRights,
    ],
  };
}

function optionsProviders(options: EntraGuardModuleAsyncOptions): readonly Provider[] {
  const { useFactory, useClass, useExisting, inject = [] } = givenOptions(options);
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationError(
      `EntraGuardModule.forRootAsync was given ${given.length === 0 ? 'none' : 'more than one'} of useFactory, useClass and useExisting.`,
      'Pass exactly one.',
    );
  }
  if (useFactory) return [{ provide: ENTRA_GUARD_OPTIONS, useFactory, inject: [...inject] }];
  const create = (factory: EntraGuardOptionsFactory) => factory.createEntraGuardOptions();
  if (useClass) {
    return [useClass, { provide: ENTRA_GUARD_OPTIONS, useFactory: create, inject: [useClass] }];
  }
  return useExisting === undefined
    ? []
    : [{ provide: ENTRA_GUARD_OPTIONS, useFactory: create, inject: [useExisting] }];
}
