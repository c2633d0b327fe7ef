import {
  type CommonValidatorOptions,
  ConfigurationError,
  type Duration,
  type Grant,
  type GuardOptions,
  type GuardSettings,
  type LogSink,
  ownOptions,
  secondsOf,
  type ValidatorOptions,
} from '@entra-guard/core';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { ContextAdapter } from './contexts/context-adapter.js';
import type { EntraGuard } from './entra-guard.guard.js';
import { declarationOf, grantOf } from './handlers/declarations.js';
import type { Assignment, ControllerClass, HandlerEntry } from './handlers/handler-requirements.js';
import { kindOf } from './handlers/kind-of.js';
import { nestLog } from './nest-log.js';

/** What handlers require, in addition to what they declare. */
export interface HandlerOptions {
  /** Applies to handlers without a declaration. Default: they are denied. */
  readonly defaultRequirement?: Grant;
  /**
   * Requirements of controllers that you can't decorate:
   * `[[PrometheusController, anonymous().because('scraped inside the cluster')], [HealthController, 'ready', …]]`.
   */
  readonly handlers?: readonly HandlerEntry[];
}

/** Settings of the module itself, which NestJS needs before it injects anything. */
export interface ModuleShape {
  /** Whether the guard is installed for every handler. Default `true`; else put `@UseGuards(EntraGuard)` where it belongs. */
  readonly installGuard?: boolean;
  /** Your guard, a class that extends `EntraGuard`. Default `EntraGuard`. */
  readonly guard?: Type<EntraGuard>;
  /** Whether other modules can inject what this one exports without importing it. Default `true`. */
  readonly isGlobal?: boolean;
  /**
   * What the guard judges in addition to HTTP: `graphqlContext()` of `@entra-guard/nestjs/graphql`, `webSocketContext()` of
   * `/websockets`, `microserviceContext()` of `/microservices`. Calls in other contexts are denied. Default: none.
   */
  readonly contexts?: readonly ContextAdapter[];
  /**
   * What happens at boot when handlers are found that no guard covers. Default `'refuse'`: the application does not start.
   * `'warn'` starts it and names them in the log: EVERYBODY may call them, even if they declare a requirement.
   */
  readonly uncovered?: 'refuse' | 'warn';
  /**
   * How often open connections, subscriptions and streams are judged again. They are always judged again when their token
   * expires. Default `'1m'`.
   */
  readonly recheckEvery?: Duration;
}

/** Options of `EntraGuardModule.forRoot`: those of the core's guard, and how the module behaves. */
export type EntraGuardModuleOptions = GuardOptions & HandlerOptions & ModuleShape;

/** Options in addition to the environment, for `EntraGuardModule.fromEnv`. They win over it. */
export type EnvironmentOverrides = Partial<CommonValidatorOptions> &
  GuardSettings &
  HandlerOptions &
  ModuleShape;

/** Makes the options; for `useClass` and `useExisting`. */
export interface EntraGuardOptionsFactory {
  createEntraGuardOptions(): FactoryOptions | Promise<FactoryOptions>;
}

/** What a factory returns: the core's options. What it says about handlers wins over what stands next to the factory. */
export type FactoryOptions = GuardOptions & HandlerOptions;

/** Options of `EntraGuardModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface EntraGuardModuleAsyncOptions
  extends HandlerOptions,
    ModuleShape,
    Pick<ModuleMetadata, 'imports'> {
  // `never[]`: the factory names the types of what is injected.
  readonly useFactory?: (...dependencies: never[]) => FactoryOptions | Promise<FactoryOptions>;
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  readonly useClass?: Type<EntraGuardOptionsFactory>;
  readonly useExisting?: InjectionToken<EntraGuardOptionsFactory>;
}

/** What is not injected, and so stays when a test overrides the options. */
export type ModuleSettings = HandlerOptions & ModuleShape;

/** The options, read once. */
export interface ResolvedOptions {
  readonly guardOptions: GuardOptions;
  readonly defaultRequirement: Grant | undefined;
  readonly assignments: readonly Assignment[];
  readonly log: LogSink;
  readonly now: () => number;
}

/**
 * Returns the own properties of the options: a property of `Object.prototype` is not an option.
 *
 * @throws ConfigurationError for a value that is not an object
 */
export function givenOptions<O extends object>(options: O): O {
  if (typeof options === 'object' && options !== null && !Array.isArray(options))
    return ownOptions('EntraGuardModule', options);
  throw new ConfigurationError(
    `EntraGuardModule was given ${kindOf(options)} instead of options.`,
    'Pass { tenantId, clientId }, or have the factory return it.',
  );
}

/**
 * Settings are read again and again, and inherit nothing from `Object.prototype`. They still have a constructor, since
 * explorers of modules, such as that of @nestjs/graphql, read it of every provider.
 */
class Settings {}
Object.setPrototypeOf(Settings.prototype, null);

/** Returns the settings of the module itself. */
export function moduleSettings(options: ModuleSettings): ModuleSettings {
  const own = givenOptions(options);
  const { defaultRequirement, handlers } = own;
  const settings: ModuleSettings = Object.assign(new Settings(), shapeOf(own), {
    ...(defaultRequirement === undefined ? {} : { defaultRequirement }),
    ...(handlers === undefined ? {} : { handlers }),
  });
  return Object.freeze(settings);
}

const SHAPE = ['installGuard', 'guard', 'isGlobal', 'contexts', 'uncovered', 'recheckEvery'] as const;

/** Returns the setting `recheckEvery` in seconds. @throws ConfigurationError */
export function recheckSeconds(value: Duration | undefined): number {
  return secondsOf('recheckEvery', value, { standard: '1m' });
}

/** @throws ConfigurationError for invalid settings */
function shapeOf(options: ModuleShape): ModuleShape {
  const { uncovered, recheckEvery } = options;
  if (uncovered !== undefined && uncovered !== 'refuse' && uncovered !== 'warn') {
    throw new ConfigurationError(`uncovered is ${JSON.stringify(uncovered)}.`, "Write 'refuse' or 'warn'.");
  }
  recheckSeconds(recheckEvery);
  return Object.fromEntries(
    SHAPE.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

/**
 * Separates what is the core's from what is the module's.
 *
 * @throws ConfigurationError for invalid requirements, and for settings of the module among the injected options
 */
export function resolveOptions(options: EntraGuardModuleOptions, settings: ModuleSettings): ResolvedOptions {
  const {
    installGuard,
    guard,
    isGlobal,
    contexts,
    uncovered,
    recheckEvery,
    defaultRequirement,
    handlers,
    ...core
  } = givenOptions(options);
  assertShape({ installGuard, guard, isGlobal, contexts, uncovered, recheckEvery }, settings);
  const grant = defaultRequirement ?? settings.defaultRequirement;
  const log = logOf(core as GuardOptions);
  return Object.freeze({
    guardOptions: withLog(core as GuardOptions, log),
    defaultRequirement: grant === undefined ? undefined : grantOf('defaultRequirement', grant),
    assignments: assignmentsOf(handlers ?? settings.handlers ?? []),
    log: log === false ? () => {} : log,
    now: clockOf(core as GuardOptions),
  });
}

function assertShape(given: { readonly [K in keyof ModuleShape]: unknown }, settings: ModuleSettings): void {
  for (const name of SHAPE) {
    if (given[name] === undefined || given[name] === settings[name]) continue;
    throw new ConfigurationError(
      `The injected options hold ${name}, which NestJS needs before it injects anything.`,
      `Put it next to the factory: EntraGuardModule.forRootAsync({ useFactory, ${name}: … }).`,
    );
  }
}

function logOf(options: GuardOptions): LogSink | false {
  const own = givenOptions(options);
  const given =
    'authorities' in own
      ? own.authorities.map((one) => givenOptions(one).log).find((one) => one !== undefined)
      : undefined;
  return ('log' in own ? own.log : given) ?? nestLog();
}

function clockOf(options: GuardOptions): () => number {
  const own = givenOptions(options);
  const given = 'authorities' in own ? own.authorities[0] : own;
  return (given === undefined ? undefined : (givenOptions(given) as ValidatorOptions).now) ?? Date.now;
}

function withLog(options: GuardOptions, log: LogSink | false): GuardOptions {
  // A validator that exists already has its log.
  if (Object.hasOwn(options, 'validator')) return options;
  const own = givenOptions(options);
  if (!('authorities' in own)) return { ...own, log } as GuardOptions;
  const authorities = own.authorities.map((one) => ({ ...one, log: givenOptions(one).log ?? log }));
  return { ...own, authorities };
}

function assignmentsOf(handlers: readonly HandlerEntry[]): readonly Assignment[] {
  if (!Array.isArray(handlers)) {
    throw new ConfigurationError(
      `handlers was given ${typeof handlers}.`,
      "Pass a list: [[SomeController, scopes('…')]].",
    );
  }
  return handlers.map((entry: HandlerEntry) => assignmentOf(entry));
}

function assignmentOf(entry: HandlerEntry): Assignment {
  const [controller, second, third] = entry;
  if (typeof controller !== 'function') {
    throw new ConfigurationError(
      `An entry of handlers begins with ${controller === null ? 'null' : typeof controller} instead of a controller class.`,
      "Write [SomeController, requirement] or [SomeController, 'method', requirement]. Is the import circular?",
    );
  }
  if (typeof second === 'string') {
    const name = `handlers: [${nameOf(controller)}, '${second}', …]`;
    // The type says it is there; what was built without types may lack it, and the core says so.
    return {
      name,
      controller,
      method: second,
      declaration: declarationOf(name, third as Parameters<typeof declarationOf>[1]),
    };
  }
  const name = `handlers: [${nameOf(controller)}, …]`;
  return { name, controller, declaration: declarationOf(name, second) };
}

function nameOf(controller: ControllerClass): string {
  return controller.name;
}
