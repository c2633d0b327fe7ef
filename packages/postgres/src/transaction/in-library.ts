import { ConfigurationError } from '@entra-guard/core';
import { confirmingCaller, tellingCaller } from '../caller/statements.js';
import type { KnexDatabase, TypeOrmDatabase } from './library-database.js';
import { type Asked, OpenTransaction, openTransactions, runIn } from './open-transactions.js';
import { endingError } from './rolled-back-error.js';

/** Sends one statement without parameters. */
type Send = (text: string) => PromiseLike<unknown>;

/**
 * Runs a function in a transaction that a library begins and ends. Knex and TypeORM refuse statements of a transaction that has ended, and
 * listen to connections that break.
 */
export async function inLibrary<T>(
  database: KnexDatabase<object> | TypeOrmDatabase<object>,
  asked: Asked,
  fn: (transaction: never) => T | Promise<T>,
): Promise<T> {
  assertNotInTransaction(database);
  let result: { readonly value: T } | undefined;
  await database.transaction(async (handle: object) => {
    const send = senderOf(handle);
    const transaction = new OpenTransaction(database, asked, handle, openTransactions.getStore());
    try {
      if (asked.modes !== '') await send(`set transaction ${asked.modes}`);
      await send(tellingCaller(asked.claims));
      result = { value: await runIn(transaction, fn) };
      transaction.close();
      transaction.assertNoneFailed();
      await confirm(send, asked.claims);
    } finally {
      transaction.close();
    }
  });
  if (result !== undefined) return result.value;
  throw new ConfigurationError(
    'asCaller(...) was given something whose transaction(...) does not run its function.',
    'Pass a Pool of pg, knex(...) or a DataSource of TypeORM.',
  );
}

/** Libraries take every answer to COMMIT for a success, also where PostgreSQL has rolled back. */
async function confirm(send: Send, claims: string): Promise<void> {
  try {
    await send(confirmingCaller(claims));
  } catch (error) {
    throw endingError(error);
  }
}

/** Recognises a library by what its transactions can do: `raw` of Knex, `query` of TypeORM. */
function senderOf(handle: { readonly raw?: Send; readonly query?: Send }): Send {
  const { raw, query } = handle;
  const send = typeof raw === 'function' ? raw : query;
  if (typeof send === 'function') return (text) => Reflect.apply(send, handle, [text]);
  throw new ConfigurationError(
    'asCaller(...) was given a library that it does not know.',
    'Begin a transaction with it, and run callerSettings(auth) as the first statement.',
  );
}

/** A savepoint would leave the caller to the rest of the transaction. */
function assertNotInTransaction(database: object): void {
  const { isTransaction, queryRunner, execute } = database as {
    readonly isTransaction?: unknown;
    readonly queryRunner?: { readonly isTransactionActive?: unknown };
    readonly execute?: unknown;
  };
  if (typeof execute === 'function') {
    throw new ConfigurationError(
      'asCaller(...) was given a database of Drizzle, which would send a late statement on the connection of another caller.',
      'Pass the Pool of pg: asCaller(pool, auth, (client) => … drizzle({ client }) …).',
    );
  }
  if (isTransaction !== true && queryRunner?.isTransactionActive !== true) return;
  throw new ConfigurationError(
    'asCaller(...) was given a transaction that is open already.',
    "Pass the database that begins transactions: the rest of this one would not be the caller's.",
  );
}
