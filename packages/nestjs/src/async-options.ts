import { ConfigurationError, ownOptions } from '@entra-guard/core';
import type {
  FactoryProvider,
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Provider,
  Type,
} from '@nestjs/common';
import { kindOf } from './handlers/kind-of.js';

/** Options of a `forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface AsyncOptions<Options, Factory> extends Pick<ModuleMetadata, 'imports'> {
  // `never[]`: the factory names the types of what is injected.
  readonly useFactory?: (...dependencies: never[]) => Options | Promise<Options>;
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  readonly useClass?: Type<Factory>;
  readonly useExisting?: InjectionToken<Factory>;
}

/** What a `forRootAsync` was given, read once. */
export interface AsyncParts {
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly providers: Provider[];
}

/** The module whose options are made. */
export interface AsyncSource<Options, Factory> {
  /** `EntraApprovalsModule`. */
  readonly module: string;
  /** The token that the options are provided by. */
  readonly token: symbol;
  /** Calls the factory that `useClass` and `useExisting` give. */
  readonly create: (factory: Factory) => Options | Promise<Options>;
  /** What a factory returns, for the hint: `{ origin, allow }`. */
  readonly example: string;
}

const NAMES = ['imports', 'useFactory', 'inject', 'useClass', 'useExisting'] as const;

/** @throws ConfigurationError for no source of options, for several, and for unknown names */
export function asyncParts<Options, Factory>(
  { module, token, create, example }: AsyncSource<Options, Factory>,
  options: AsyncOptions<Options, Factory>,
): AsyncParts {
  const what = `${module}.forRootAsync`;
  const own: AsyncOptions<Options, Factory> = isOptions(options) ? ownOptions(what, options) : {};
  const unknown = Object.keys(own).find((name) => !NAMES.includes(name as (typeof NAMES)[number]));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `${what} has no option called '${unknown}'.`,
      `Have the factory return ${example}.`,
    );
  }
  const { imports = [], useFactory, useClass, useExisting, inject = [] } = own;
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationError(
      `${what} was given ${given.length === 0 ? 'none' : 'more than one'} of useFactory, useClass and useExisting.`,
      'Pass exactly one.',
    );
  }
  const made = (
    factory: FactoryProvider['useFactory'],
    dependencies: NonNullable<FactoryProvider['inject']>,
  ): FactoryProvider => ({ provide: token, useFactory: factory, inject: dependencies });
  if (useFactory) return { imports, providers: [made(useFactory, [...inject])] };
  if (useClass) return { imports, providers: [useClass, made(create, [useClass])] };
  return { imports, providers: [made(create, [useExisting as InjectionToken])] };
}

/**
 * @param hint how the options are given
 * @throws ConfigurationError for what is not an object with options
 */
export function givenOptions<Options extends object>(
  module: string,
  options: unknown,
  hint: string,
): Options {
  if (isOptions(options)) return options as Options;
  throw new ConfigurationError(`${module} was given ${kindOf(options)} instead of options.`, hint);
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
