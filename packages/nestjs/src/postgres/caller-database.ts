import { type AuthContext, ConfigurationError } from '@entra-guard/core';
import {
  asCaller,
  type CallerTransactionOptions,
  callerTransaction,
  type PgClient,
  type PgPool,
} from '@entra-guard/postgres';
import { Inject, Injectable } from '@nestjs/common';
import { POSTGRES_OPTIONS } from '../entra-guard.tokens.js';
import { type EntraPostgresOptions, madeOptions } from './entra-postgres.options.js';

/**
 * The database, in which every statement has a caller. Inject it where statements are sent, also in providers of the whole application:
 * the transaction is that of the code that runs.
 *
 * ```ts
 * constructor(private readonly database: CallerDatabase<PoolClient>) {}
 * list() { return this.database.current.query('select * from orders'); }
 * ```
 *
 * Its parameter is the type of what statements are sent with: `PoolClient` of `pg`, `Knex.Transaction`, `EntityManager` of TypeORM.
 */
@Injectable()
export class CallerDatabase<Handle extends object = PgClient> {
  readonly #pool: PgPool;

  constructor(@Inject(POSTGRES_OPTIONS) options: EntraPostgresOptions) {
    // One of the three; asCaller finds out which.
    this.#pool = madeOptions(options).database as PgPool;
  }

  /**
   * What the statements of the transaction are sent with.
   *
   * @throws ConfigurationError where no transaction is open: the handler lacks `@AsCaller()`
   */
  get current(): Handle {
    const handle = callerTransaction(this.#pool) as Handle | undefined;
    if (handle !== undefined) return handle;
    throw new ConfigurationError(
      'CallerDatabase.current was read where no transaction of a caller is open.',
      'Put @AsCaller() on the handler, or call as(auth, …).',
    );
  }

  /**
   * Runs a function in a transaction as a caller: `asCaller` of `@entra-guard/postgres`. Where one of the same caller is open, joins it.
   *
   * @param auth the caller that the guard gave; `undefined` where no caller is authenticated
   */
  as<T>(
    auth: AuthContext | undefined,
    fn: (handle: Handle) => T | Promise<T>,
    options?: CallerTransactionOptions,
  ): Promise<T> {
    return asCaller(this.#pool, auth, (handle) => fn(handle as object as Handle), options);
  }
}
