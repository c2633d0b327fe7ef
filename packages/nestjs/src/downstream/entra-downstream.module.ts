import { ConfigurationError, type Guard } from '@entra-guard/core';
import { createDownstream, type Downstream } from '@entra-guard/downstream';
import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { rememberOtherApis } from '../calls/other-apis.js';
import type { ContextRegistry } from '../contexts/context-registry.js';
import type { ResolvedOptions } from '../entra-guard.options.js';
import { CONTEXT_REGISTRY, CORE_GUARD, DOWNSTREAM_OPTIONS, RESOLVED_OPTIONS } from '../entra-guard.tokens.js';
import { gatewaysOf } from '../handlers/handler-inventory.js';
import {
  asyncPartsOf,
  type DownstreamFactoryOptions,
  type DownstreamParts,
  type EntraDownstreamAsyncOptions,
  type EntraDownstreamModuleOptions,
  madeOptions,
  partsOf,
} from './entra-downstream.options.js';
import { assertApisKnown, downstreamToken, providersOfApis } from './inject-downstream.js';
import { filterGateways, ThrownErrorFilter } from './thrown-error.filter.js';

/** What is needed of EntraGuardModule, injected where that module stands: it need not be global. */
@Injectable()
class GuardParts {
  constructor(
    @Inject(CORE_GUARD) readonly guard: Guard,
    @Inject(CONTEXT_REGISTRY) readonly contexts: ContextRegistry,
    @Inject(RESOLVED_OPTIONS) readonly options: ResolvedOptions,
  ) {}
}

/** The names of the APIs, as the module was told. */
const NAMES: unique symbol = Symbol('names of APIs');

/**
 * Calls other APIs on behalf of callers, or as this API itself: `@Downstream('graph')` in handlers, `@InjectDownstream('graph')` in
 * classes. Its exception filter answers errors of entra-guard that handlers throw as the guard answers a refusal, and leaves all others
 * alone.
 *
 * ```ts
 * @Module({
 *   imports: [
 *     EntraGuardModule.forRoot({ tenantId, clientId }),
 *     EntraDownstreamModule.forRoot({ credential: managedIdentity(), apis: { graph: { baseUrl, scopes } } }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * The application does not start without EntraGuardModule, nor with invalid options.
 */
@Module({})
export class EntraDownstreamModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Optional() @Inject(downstreamToken()) private readonly downstream: Downstream<string>,
    @Optional() @Inject(GuardParts) parts: GuardParts | undefined,
    @Optional() @Inject(NAMES) private readonly names: readonly string[],
    @Optional() @Inject(ThrownErrorFilter) filter: ThrownErrorFilter | undefined,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {
    if (downstream === undefined || parts === undefined || filter === undefined) throw withoutForRoot();
    assertOnlyOne(modules);
    const { guard } = parts;
    const forCaller = (name: string, request: object) => downstream.apis[name]?.forCaller(request);
    rememberOtherApis(guard, { names, forCaller });
    // Before they are connected.
    filterGateways(gatewaysOf(modules), filter);
  }

  /**
   * Takes options that are known when the module is declared.
   *
   * @throws ConfigurationError for what is not options
   */
  static forRoot(options: EntraDownstreamModuleOptions): DynamicModule {
    return assemble(partsOf(options));
  }

  /**
   * Takes options that are injected or awaited. `apis` names the APIs.
   *
   * @throws ConfigurationError for no source of options, for several, and without names
   */
  static forRootAsync(options: EntraDownstreamAsyncOptions): DynamicModule {
    return assemble(asyncPartsOf(options));
  }

  /** Finds classes that are made only when a request comes, and would fail then. */
  onApplicationBootstrap(): void {
    for (const { providers, controllers, injectables } of this.modules.values()) {
      for (const { metatype } of [...providers.values(), ...controllers.values(), ...injectables.values()]) {
        if (typeof metatype === 'function') assertApisKnown(metatype, this.names);
      }
    }
  }

  /** Forgets all tokens after the last request. */
  async onApplicationShutdown(): Promise<void> {
    // A test may have put something smaller in its place.
    await (this.downstream as Partial<Downstream<string>>).close?.();
  }
}

function assemble({ names, isGlobal, imports, providers }: DownstreamParts): DynamicModule {
  const own: readonly Provider[] = [
    ...providers,
    { provide: NAMES, useValue: names },
    { provide: GuardParts, useFactory: guardParts, inject: [ModulesContainer] },
    {
      provide: downstreamToken(),
      useFactory: ({ guard }: GuardParts, options: DownstreamFactoryOptions) =>
        createDownstream({ ...madeOptions(options, names), guard }),
      inject: [GuardParts, DOWNSTREAM_OPTIONS],
    },
    {
      provide: ThrownErrorFilter,
      useFactory: ({ guard, contexts, options: { log } }: GuardParts, adapterHost: HttpAdapterHost) =>
        new ThrownErrorFilter({ guard, contexts, log, adapterHost }),
      inject: [GuardParts, HttpAdapterHost],
    },
    { provide: APP_FILTER, useExisting: ThrownErrorFilter },
  ];
  return {
    module: EntraDownstreamModule,
    global: isGlobal,
    imports,
    // Read when the application is put together: by then every @InjectDownstream has said what it asks for.
    get providers() {
      return [...own, ...providersOfApis(names)];
    },
    get exports() {
      return [downstreamToken(), ...providersOfApis(names).map(({ provide }) => provide)];
    },
  };
}

function guardParts(modules: ModulesContainer): Promise<GuardParts> {
  const host = [...modules.values()].find(({ providers }) => providers.has(CORE_GUARD));
  const moduleRef = host?.providers.get(ModuleRef)?.instance as ModuleRef | undefined;
  if (moduleRef !== undefined) return moduleRef.create(GuardParts);
  throw new ConfigurationError(
    'EntraDownstreamModule was imported into an application without EntraGuardModule.',
    'Import EntraGuardModule.forRoot({ tenantId, clientId }) in the root module.',
  );
}

function assertOnlyOne(modules: ModulesContainer): void {
  const all = [...modules.values()].filter(({ metatype }) => metatype === EntraDownstreamModule);
  if (all.length === 1) return;
  throw new ConfigurationError(
    `The application has ${all.length} EntraDownstreamModules with different options.`,
    'Import it once, in the root module, with all APIs.',
  );
}

function withoutForRoot(): ConfigurationError {
  return new ConfigurationError(
    'EntraDownstreamModule was imported without options.',
    'Write EntraDownstreamModule.forRoot({ credential, apis }) in the imports of the root module, once.',
  );
}
