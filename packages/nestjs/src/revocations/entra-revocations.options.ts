import { ConfigurationError, ownOptions } from '@entra-guard/core';
import type { RevocationRequestOptions } from '@entra-guard/core/revocation';
import type {
  FactoryProvider,
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Provider,
  Type,
} from '@nestjs/common';
import { REVOCATION_OPTIONS } from '../entra-guard.tokens.js';
import { kindOf } from '../handlers/kind-of.js';

/** Makes the options; for `useClass` and `useExisting`. */
export interface EntraRevocationsOptionsFactory {
  createEntraRevocationsOptions(): RevocationRequestOptions | Promise<RevocationRequestOptions>;
}

/** Options of `EntraRevocationsModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface EntraRevocationsAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  // `never[]`: the factory names the types of what is injected.
  readonly useFactory?: (
    ...dependencies: never[]
  ) => RevocationRequestOptions | Promise<RevocationRequestOptions>;
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  readonly useClass?: Type<EntraRevocationsOptionsFactory>;
  readonly useExisting?: InjectionToken<EntraRevocationsOptionsFactory>;
}

const NAMES = ['imports', 'useFactory', 'inject', 'useClass', 'useExisting'] as const;

/** What `forRootAsync` was given, read once. */
export interface AsyncParts {
  readonly imports: ModuleMetadata['imports'];
  readonly providers: Provider[];
}

/** @throws ConfigurationError for no source of options, for several, and for unknown names */
export function asyncParts(options: EntraRevocationsAsyncOptions): AsyncParts {
  const own: EntraRevocationsAsyncOptions = isObject(options)
    ? ownOptions('EntraRevocationsModule.forRootAsync', options)
    : {};
  const unknown = Object.keys(own).find((name) => !NAMES.includes(name as (typeof NAMES)[number]));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `EntraRevocationsModule.forRootAsync has no option called '${unknown}'.`,
      'Have the factory return { allow, operatorTenants }.',
    );
  }
  const { imports = [], useFactory, useClass, useExisting, inject = [] } = own;
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationError(
      `EntraRevocationsModule.forRootAsync was given ${given.length === 0 ? 'none' : 'more than one'} of useFactory, useClass and useExisting.`,
      'Pass exactly one.',
    );
  }
  if (useFactory) return { imports, providers: [made(useFactory, [...inject])] };
  const create = (factory: EntraRevocationsOptionsFactory) => factory.createEntraRevocationsOptions();
  if (useClass) return { imports, providers: [useClass, made(create, [useClass])] };
  return { imports, providers: [made(create, [useExisting as InjectionToken])] };
}

function made(
  useFactory: FactoryProvider['useFactory'],
  inject: NonNullable<FactoryProvider['inject']>,
): FactoryProvider {
  return { provide: REVOCATION_OPTIONS, useFactory, inject };
}

/** @throws ConfigurationError for what is not an object with options */
export function givenRevocationOptions(options: unknown): RevocationRequestOptions {
  if (isObject(options)) return options;
  throw new ConfigurationError(
    `EntraRevocationsModule was given ${kindOf(options)} instead of options.`,
    'Import EntraRevocationsModule.forRoot(), or forRoot({ allow, operatorTenants }). A factory returns an object, too.',
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
