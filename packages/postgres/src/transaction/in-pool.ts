import { ConfigurationError } from '@entra-guard/core';
import { confirmingCaller, tellingCaller } from '../caller/statements.js';
import { lendClient } from './lent-client.js';
import { type Asked, OpenTransaction, openTransactions, runIn } from './open-transactions.js';
import type { PgClient, PgPool } from './pg-pool.js';
import { endingError } from './rolled-back-error.js';

/** Runs a function in a transaction on a connection of a pool. */
export async function inPool<C extends PgClient, T>(
  pool: PgPool<C>,
  asked: Asked,
  fn: (client: C) => T | Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  assertClient(client);
  let broken: Error | undefined;
  // A pool does not listen to connections that it has given away, and an event without a listener ends the process.
  const onError = (error: Error) => {
    broken ??= error;
  };
  client.on?.('error', onError);
  const transaction: OpenTransaction = new OpenTransaction(
    pool,
    asked,
    lendClient(client, () => transaction.isOpen),
    openTransactions.getStore(),
  );
  try {
    const begin = asked.modes === '' ? 'begin' : `begin ${asked.modes}`;
    await client.query(`${begin}; ${tellingCaller(asked.claims)}`);
    const result = await runIn(transaction, fn);
    transaction.close();
    transaction.assertNoneFailed();
    await commit(client, asked.claims);
    return result;
  } catch (error) {
    transaction.close();
    broken ??= await rollback(client);
    throw error;
  } finally {
    client.removeListener?.('error', onError);
    client.release(broken);
  }
}

/** Commits what is still this caller's transaction: in one message, so that it takes one round trip. */
async function commit(client: PgClient, claims: string): Promise<void> {
  try {
    await client.query(`${confirmingCaller(claims)}; commit`);
  } catch (error) {
    throw endingError(error);
  }
}

/** Returns why the connection can't be used again, if it can't. */
async function rollback(client: PgClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error
      : new Error('The transaction could not be rolled back.', { cause: error });
  }
}

function assertClient(client: PgClient | undefined): void {
  if (typeof client?.query === 'function' && typeof client.release === 'function') return;
  throw new ConfigurationError(
    'asCaller(...) was given something whose connect() does not give a connection of a pool.',
    'Pass a Pool of pg, and not a Client: new Pool({ connectionString }).',
  );
}
