import type { AuthContext } from '@entra-guard/core';
import { asCaller } from '@entra-guard/postgres';
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm/sql';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { DataSource } from 'typeorm';

/** One transaction with one query, which gives the rows of a caller. */
export type Transaction = () => Promise<readonly unknown[]>;

/** A library, with a transaction that an application filters, and with one in which PostgreSQL does. */
export interface DatabaseLibrary {
  readonly without: Transaction;
  readonly with: Transaction;
}

const FILTERED = 'select id, item from plain_orders where owner = ';
const ALL = 'select id, item from orders';

/** Sets up a library, with one connection. */
export const databaseLibraries = {
  async pg(url: string, auth: AuthContext): Promise<DatabaseLibrary> {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    return {
      without: async () => {
        const client = await pool.connect();
        try {
          await client.query('begin');
          const { rows } = await client.query(`${FILTERED}$1`, [auth.subjectKey]);
          await client.query('commit');
          return rows;
        } finally {
          client.release();
        }
      },
      with: () => asCaller(pool, auth, async (client) => (await client.query(ALL)).rows),
    };
  },
  async Knex(url: string, auth: AuthContext): Promise<DatabaseLibrary> {
    const database: Knex = knex({ client: 'pg', connection: url, pool: { min: 1, max: 1 } });
    return {
      without: () =>
        database.transaction(async (trx) => (await trx.raw(`${FILTERED}?`, [auth.subjectKey])).rows),
      with: () => asCaller(database, auth, async (trx) => (await trx.raw(ALL)).rows),
    };
  },
  async Drizzle(url: string, auth: AuthContext): Promise<DatabaseLibrary> {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const database = drizzle({ client: pool });
    return {
      without: () =>
        database.transaction(
          async (tx) =>
            (await tx.execute(sql`select id, item from plain_orders where owner = ${auth.subjectKey}`)).rows,
        ),
      with: () => asCaller(pool, auth, async (client) => (await drizzle({ client }).execute(ALL)).rows),
    };
  },
  async TypeORM(url: string, auth: AuthContext): Promise<DatabaseLibrary> {
    const database = await new DataSource({ type: 'postgres', url, extra: { max: 1 } }).initialize();
    return {
      without: () => database.transaction((manager) => manager.query(`${FILTERED}$1`, [auth.subjectKey])),
      with: () => asCaller(database, auth, (manager) => manager.query(ALL)),
    };
  },
} as const;

export type DatabaseLibraryName = keyof typeof databaseLibraries;
