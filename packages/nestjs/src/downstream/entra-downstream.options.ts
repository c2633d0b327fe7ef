import { ConfigurationError, ownOptions } from '@entra-guard/core';
import type { DownstreamOptions } from '@entra-guard/downstream';
import type {
  FactoryProvider,
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Provider,
  Type,
} from '@nestjs/common';
import { DOWNSTREAM_OPTIONS } from '../entra-guard.tokens.js';
import { kindOf } from '../handlers/kind-of.js';

/** What a factory returns: the options of `createDownstream` without the guard, which the module finds. */
export type DownstreamFactoryOptions = Omit<DownstreamOptions<string>, 'guard'>;

/** Options of `EntraDownstreamModule.forRoot`. */
export interface EntraDownstreamModuleOptions extends DownstreamFactoryOptions {
  /** Whether other modules can inject the APIs without importing this one. Default `true`. */
  readonly isGlobal?: boolean;
}

/** Makes the options; for `useClass` and `useExisting`. */
export interface EntraDownstreamOptionsFactory {
  createEntraDownstreamOptions(): DownstreamFactoryOptions | Promise<DownstreamFactoryOptions>;
}

/** Options of `EntraDownstreamModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface EntraDownstreamAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** The names of the APIs, since NestJS has to know what can be injected. The factory's options have exactly these. */
  readonly apis: readonly string[];
  // `never[]`: the factory names the types of what is injected.
  readonly useFactory?: (
    ...dependencies: never[]
  ) => DownstreamFactoryOptions | Promise<DownstreamFactoryOptions>;
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  readonly useClass?: Type<EntraDownstreamOptionsFactory>;
  readonly useExisting?: InjectionToken<EntraDownstreamOptionsFactory>;
  /** Whether other modules can inject the APIs without importing this one. Default `true`. */
  readonly isGlobal?: boolean;
}

/** What the module is put together from, read once. */
export interface DownstreamParts {
  readonly names: readonly string[];
  readonly isGlobal: boolean;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** Gives {@link DOWNSTREAM_OPTIONS}. */
  readonly providers: readonly Provider[];
}

const FOR_ROOT = 'EntraDownstreamModule.forRoot';
const FOR_ROOT_ASYNC = 'EntraDownstreamModule.forRootAsync';
const ASYNC_NAMES: readonly string[] = [
  'apis',
  'imports',
  'useFactory',
  'inject',
  'useClass',
  'useExisting',
  'isGlobal',
];

/** @throws ConfigurationError for what is not options, and for a guard among them */
export function partsOf(given: EntraDownstreamModuleOptions): DownstreamParts {
  const { isGlobal = true, ...useValue } = givenOptions(FOR_ROOT, given);
  const names = isObject(useValue.apis) ? Object.keys(useValue.apis) : [];
  return { names, isGlobal, imports: [], providers: [{ provide: DOWNSTREAM_OPTIONS, useValue }] };
}

/** @throws ConfigurationError for no source of options, for several, and for unknown names */
export function asyncPartsOf(given: EntraDownstreamAsyncOptions): DownstreamParts {
  const options = givenOptions(FOR_ROOT_ASYNC, given);
  const unknown = Object.keys(options).find((name) => !ASYNC_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `${FOR_ROOT_ASYNC} has no option called '${unknown}'.`,
      'Have the factory return { credential, apis, … }.',
    );
  }
  const { imports = [], isGlobal = true, apis } = options;
  const names: unknown = apis;
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string')) {
    throw new ConfigurationError(
      `${FOR_ROOT_ASYNC}: apis is ${kindOf(names)}, and not a list of names.`,
      "Name the APIs that the factory's options have: apis: ['graph', 'stock'].",
    );
  }
  return { names: [...names], isGlobal, imports, providers: sourceOf(options) };
}

/** @throws ConfigurationError for what a factory gave that is not options, or does not have the APIs of these names */
export function madeOptions(given: unknown, names: readonly string[]): DownstreamFactoryOptions {
  const options = givenOptions<DownstreamFactoryOptions>(FOR_ROOT_ASYNC, given as DownstreamFactoryOptions);
  if (!isObject(options.apis)) return options;
  const made = Object.keys(options.apis);
  if (made.length === names.length && made.every((name) => names.includes(name))) return options;
  throw new ConfigurationError(
    `${FOR_ROOT_ASYNC} names the APIs ${shown(names)}, and the factory's options have ${shown(made)}.`,
    'Write the same names in both: NestJS has to know what can be injected before the factory is called.',
  );
}

function sourceOf(options: EntraDownstreamAsyncOptions): readonly Provider[] {
  const { useFactory, useClass, useExisting, inject = [] } = options;
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationError(
      `${FOR_ROOT_ASYNC} was given ${given.length === 0 ? 'none' : 'more than one'} of useFactory, useClass and useExisting.`,
      'Pass exactly one.',
    );
  }
  if (useFactory) return [made(useFactory, [...inject])];
  const create = (factory: EntraDownstreamOptionsFactory) => factory.createEntraDownstreamOptions();
  if (useClass) return [useClass, made(create, [useClass])];
  return [made(create, [useExisting as InjectionToken])];
}

function made(
  useFactory: FactoryProvider['useFactory'],
  inject: NonNullable<FactoryProvider['inject']>,
): FactoryProvider {
  return { provide: DOWNSTREAM_OPTIONS, useFactory, inject };
}

function givenOptions<O extends object>(what: string, given: O): O {
  if (!isObject(given)) {
    throw new ConfigurationError(
      `${what} was given ${kindOf(given)} instead of options.`,
      'Pass { credential, apis: { graph: { baseUrl, scopes } } }, or have the factory return it.',
    );
  }
  const options = ownOptions(what, given);
  if (!Object.hasOwn(options, 'guard')) return options;
  throw new ConfigurationError(
    `${what} has no option called 'guard'.`,
    'Leave it out: the module finds the guard of EntraGuardModule.',
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', ');
}
