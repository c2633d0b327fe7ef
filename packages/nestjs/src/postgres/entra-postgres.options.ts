import { ConfigurationError, ownOptions } from '@entra-guard/core';
import type { KnexDatabase, PgPool, TypeOrmDatabase } from '@entra-guard/postgres';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Provider } from '@nestjs/common';
import { POSTGRES_OPTIONS } from '../entra-guard.tokens.js';
import { kindOf } from '../handlers/kind-of.js';

/** What `asCaller` of `@entra-guard/postgres` takes: a `Pool` of `pg`, `knex(...)`, a `DataSource` of TypeORM. */
export type Database = PgPool | KnexDatabase<object> | TypeOrmDatabase<object>;

/** What a factory of `EntraPostgresModule.forRootAsync` returns. */
export interface EntraPostgresOptions {
  /** A `Pool` of `pg`, `knex(...)`, or a `DataSource` of TypeORM. The module does not close it. */
  readonly database: Database;
  /**
   * Tables whose rows belong to callers. The application does not start where row level security does not hold for them: see
   * `assertRowSecurity`. Default: nothing is examined.
   */
  readonly tables?: readonly string[];
}

/** Options of `EntraPostgresModule.forRoot`. */
export interface EntraPostgresModuleOptions extends EntraPostgresOptions {
  /** Whether other modules can use the database without importing this one. Default `true`. */
  readonly isGlobal?: boolean;
}

/** Options of `EntraPostgresModule.forRootAsync`. */
export interface EntraPostgresAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  // `never[]`: the factory names the types of what is injected.
  readonly useFactory: (...dependencies: never[]) => EntraPostgresOptions | Promise<EntraPostgresOptions>;
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  /** Whether other modules can use the database without importing this one. Default `true`. */
  readonly isGlobal?: boolean;
}

/** What the module is put together from, read once. */
export interface PostgresParts {
  readonly isGlobal: boolean;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly source: Provider;
}

const FOR_ROOT = 'EntraPostgresModule.forRoot';
const FOR_ROOT_ASYNC = 'EntraPostgresModule.forRootAsync';

/** @throws ConfigurationError for what is not options */
export function partsOf(given: EntraPostgresModuleOptions): PostgresParts {
  const { isGlobal = true, ...useValue } = known(FOR_ROOT, given, ['database', 'tables', 'isGlobal']);
  return { isGlobal, imports: [], source: { provide: POSTGRES_OPTIONS, useValue } };
}

/** @throws ConfigurationError for what is not options, and without a factory */
export function asyncPartsOf(given: EntraPostgresAsyncOptions): PostgresParts {
  const {
    imports = [],
    isGlobal = true,
    useFactory,
    inject = [],
  } = known(FOR_ROOT_ASYNC, given, ['imports', 'useFactory', 'inject', 'isGlobal']);
  if (typeof useFactory !== 'function') {
    throw new ConfigurationError(
      `${FOR_ROOT_ASYNC} was given ${kindOf(useFactory)} as useFactory.`,
      'Write useFactory: (pool) => ({ database: pool }), inject: [PG_POOL].',
    );
  }
  return { isGlobal, imports, source: { provide: POSTGRES_OPTIONS, useFactory, inject: [...inject] } };
}

/** @throws ConfigurationError for what a factory gave that is not options */
export function madeOptions(given: EntraPostgresOptions): EntraPostgresOptions {
  return known(FOR_ROOT, given, ['database', 'tables']);
}

function known<O extends object>(what: string, given: O, names: readonly string[]): O {
  const own = ownOptions(what, given);
  const unknown = Object.keys(own).find((name) => !names.includes(name));
  if (unknown === undefined) return own;
  throw new ConfigurationError(`${what} has no option called '${unknown}'.`, `Known: ${names.join(', ')}.`);
}
