import { type AuthContext, ConfigurationError } from '@entra-guard/core';
import { callerClaims } from '../caller/caller-claims.js';
import { inLibrary } from './in-library.js';
import { inPool } from './in-pool.js';
import type { KnexDatabase, TypeOrmDatabase } from './library-database.js';
import { openTransactions } from './open-transactions.js';
import type { PgClient, PgPool } from './pg-pool.js';
import { type CallerTransactionOptions, transactionModes } from './transaction-options.js';

/**
 * Runs a function in a transaction in which PostgreSQL knows the caller: `entra.subject()`, `entra.has_scope(...)` and the other functions
 * of `entra-guard postgres sql` ask about it, for row level security.
 *
 * ```ts
 * const orders = await asCaller(pool, authOf(req), (client) => client.query('select * from orders'));
 * ```
 *
 * Commits when the function has returned, and rolls back when it throws. Also rolls back, and rejects, where a statement failed and its
 * error was swallowed. A call for the same caller in the function joins the transaction, and fails all of it if it fails; a call for
 * another caller is refused. The connection is for the function alone: a statement that is sent after it has returned is refused.
 *
 * @param database a `Pool` of `pg`; `knex(...)`; a `DataSource` of TypeORM. For Drizzle pass the pool, and `drizzle({ client })` in `fn`
 * @param auth the caller that the guard gave, not a copy; `undefined` where no caller is authenticated, which the database is told
 * @param fn gets the connection, Knex's transaction, or TypeORM's entity manager
 * @returns what `fn` returned, once it is committed
 * @throws ConfigurationError for what is not a caller or a database, for unknown options, and for a call for another caller;
 * RolledBackError where nothing was kept although `fn` has returned; what `fn` throws, and the errors of the database
 */
export function asCaller<C extends PgClient, T>(
  database: PgPool<C>,
  auth: AuthContext | undefined,
  fn: (client: C) => T | Promise<T>,
  options?: CallerTransactionOptions,
): Promise<T>;
export function asCaller<Tx extends object, T>(
  database: KnexDatabase<Tx>,
  auth: AuthContext | undefined,
  fn: (transaction: Tx) => T | Promise<T>,
  options?: CallerTransactionOptions,
): Promise<T>;
export function asCaller<Manager extends object, T>(
  database: TypeOrmDatabase<Manager>,
  auth: AuthContext | undefined,
  fn: (manager: Manager) => T | Promise<T>,
  options?: CallerTransactionOptions,
): Promise<T>;
export async function asCaller<T>(
  database: PgPool | KnexDatabase<object> | TypeOrmDatabase<object>,
  auth: AuthContext | undefined,
  fn: (handle: never) => T | Promise<T>,
  options: CallerTransactionOptions = {},
): Promise<T> {
  const asked = { claims: callerClaims('asCaller(...)', auth), modes: transactionModes(options) };
  assertDatabase(database);
  if (typeof fn !== 'function') {
    throw new ConfigurationError(
      `asCaller(...) was given ${fn === null ? 'null' : `a ${typeof fn}`} instead of a function.`,
      'Write asCaller(pool, auth, (client) => client.query(...)).',
    );
  }
  const around = openTransactions.getStore();
  around?.assertSameCaller(asked.claims);
  const open = around?.of(database);
  if (open !== undefined) return open.join(asked, fn);
  return 'transaction' in database
    ? inLibrary(database, asked, fn)
    : inPool(database, asked, fn as (client: PgClient) => T | Promise<T>);
}

/**
 * Returns what the statements of the transaction are sent with, in code that runs as a caller; `undefined` elsewhere.
 *
 * @param database what `asCaller` was given
 */
export function callerTransaction<C extends PgClient>(database: PgPool<C>): C | undefined;
export function callerTransaction<Tx extends object>(database: KnexDatabase<Tx>): Tx | undefined;
export function callerTransaction<Manager extends object>(
  database: TypeOrmDatabase<Manager>,
): Manager | undefined;
export function callerTransaction(database: object): unknown {
  return openTransactions.getStore()?.of(database)?.handle;
}

function assertDatabase(database: unknown): asserts database is object {
  if ((typeof database === 'object' && database !== null) || typeof database === 'function') {
    const { connect, transaction } = database as {
      readonly connect?: unknown;
      readonly transaction?: unknown;
    };
    if (typeof connect === 'function' || typeof transaction === 'function') return;
  }
  throw new ConfigurationError(
    'asCaller(...) was given something that begins no transactions.',
    'Pass a Pool of pg, knex(...) or a DataSource of TypeORM.',
  );
}
