import { drizzle } from 'drizzle-orm/node-postgres';
import { knex } from 'knex';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCaller, callerTransaction, RolledBackError } from '../src/index.js';
import { ada, bob, ordersOn } from './support/orders.js';
import { PostgresServer, whyNot } from './support/postgres-server.js';

/** What the tests do with each library. */
interface Library {
  /** Runs a function as a caller; it gets what sends a statement. */
  run<T>(
    auth: typeof ada,
    fn: (send: Send) => Promise<T>,
    options?: { isolation: 'serializable' },
  ): Promise<T>;
  /** Sends a statement on a connection without a caller. */
  outside: Send;
  /** What sends statements in the transaction of the code that runs. */
  current(): Send | undefined;
  close(): Promise<unknown>;
}
type Send = (sql: string) => Promise<Record<string, unknown>[]>;

const title =
  whyNot === undefined ? 'transactions as callers' : `transactions as callers (skipped: ${whyNot})`;

const MAX = 3;

const libraries: Readonly<Record<string, (server: PostgresServer) => Library>> = {
  pg(server) {
    const pool = server.pool({ max: MAX });
    const on =
      (sender: Pick<Pool, 'query'>): Send =>
      async (sql) =>
        (await sender.query(sql)).rows;
    return {
      run: (auth, fn, options) =>
        asCaller(pool, auth, (client) => fn(on(client as unknown as Pool)), options),
      outside: on(pool),
      current: () => {
        const client = callerTransaction(pool);
        return client && on(client as unknown as Pool);
      },
      close: async () => {},
    };
  },
  knex(server) {
    const database = knex({ client: 'pg', connection: server.url(), pool: { min: 0, max: MAX } });
    const on =
      (sender: Pick<typeof database, 'raw'>): Send =>
      async (sql) =>
        (await sender.raw(sql)).rows;
    return {
      run: (auth, fn, options) => asCaller(database, auth, (transaction) => fn(on(transaction)), options),
      outside: on(database),
      current: () => {
        const transaction = callerTransaction(database);
        return transaction && on(transaction);
      },
      close: () => database.destroy(),
    };
  },
  Drizzle(server) {
    const pool = server.pool({ max: MAX });
    const on =
      (client: Pool | PoolClient): Send =>
      async (sql) => {
        try {
          return (await drizzle({ client }).execute(sql)).rows;
        } catch (error) {
          // Drizzle says which statement has failed, and puts the reason below.
          throw (error as Error).cause ?? error;
        }
      };
    return {
      run: (auth, fn, options) => asCaller(pool, auth, (client) => fn(on(client)), options),
      outside: on(pool),
      current: () => {
        const client = callerTransaction(pool);
        return client && on(client);
      },
      close: async () => {},
    };
  },
  TypeORM(server) {
    const database = new DataSource({
      type: 'postgres',
      url: server.url(),
      extra: { max: MAX },
      logging: false,
    });
    const ready = database.initialize();
    const on =
      (sender: Pick<DataSource, 'query'>): Send =>
      async (sql) =>
        sender.query(sql);
    return {
      run: async (auth, fn, options) => {
        await ready;
        return asCaller(database, auth, (manager) => fn(on(manager as unknown as DataSource)), options);
      },
      outside: on(database),
      current: () => {
        const manager = callerTransaction(database);
        return manager && on(manager as unknown as DataSource);
      },
      close: () => database.destroy(),
    };
  },
};

describe.skipIf(whyNot !== undefined)(title, { timeout: 60_000 }, () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start();
    await ordersOn(server);
  }, 60_000);
  afterAll(() => server?.close());

  describe.each(Object.entries(libraries))('%s', (name, make) => {
    let library: Library;
    beforeAll(() => {
      library = make(server);
    });
    afterAll(() => library?.close());

    const items = (auth: typeof ada) =>
      library.run(auth, (send) => send("select item from orders where item not like 'item %'"));
    const insert = (item: string) => `insert into orders (owner, item) values (entra.subject(), '${item}')`;

    it('shows each caller their rows, and none outside', async () => {
      const count = "select count(*)::int as n from orders where item like 'item %'";
      expect(await library.run(ada, (send) => send(count))).toEqual([{ n: 3 }]);
      expect(await library.run(bob, (send) => send(count))).toEqual([{ n: 2 }]);
      expect(await library.outside(count)).toEqual([{ n: 0 }]);
    });

    it('never mixes 60 concurrent callers', async () => {
      const seen = await Promise.all(
        Array.from({ length: 60 }, (_, number) =>
          library.run(number % 2 === 0 ? ada : bob, (send) => send('select distinct owner from orders')),
        ),
      );
      for (const [number, rows] of seen.entries())
        expect(rows).toEqual([{ owner: (number % 2 === 0 ? ada : bob).subjectKey }]);
    });

    it('commits what has returned', async () => {
      expect(
        await library.run(ada, async (send) => {
          await send(insert(`kept by ${name}`));
          return 'returned';
        }),
      ).toBe('returned');
      expect(await items(ada)).toContainEqual({ item: `kept by ${name}` });
    });

    it('rolls back, and rejects with the error, where the function throws', async () => {
      const failure = new Error('of the application');
      const failing = library.run(ada, async (send) => {
        await send(insert(`${name} throws`));
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      expect(await items(ada)).not.toContainEqual({ item: `${name} throws` });
    });

    it('rejects where a statement failed and the function swallowed it', async () => {
      const failing = library.run(ada, async (send) => {
        await send(insert(`${name} swallows`));
        await send('select 1 / 0').catch(() => {});
        return 'as if nothing had happened';
      });
      const error = await failing.catch((thrown: unknown) => thrown);
      expect(RolledBackError.is(error)).toBe(true);
      expect(error).toMatchObject({
        message: expect.stringContaining('its error was swallowed'),
        cause: expect.objectContaining({ code: '25P02' }),
      });
      expect(await items(ada)).not.toContainEqual({ item: `${name} swallows` });
    });

    it('goes on where the statement that failed was behind a savepoint', async () => {
      await library.run(ada, async (send) => {
        await send('savepoint before');
        await send('select 1 / 0').catch(() => {});
        await send('rollback to savepoint before');
        await send(insert(`${name} recovers`));
      });
      expect(await items(ada)).toContainEqual({ item: `${name} recovers` });
    });

    it('rejects where the commit fails, for a deferred constraint', async () => {
      await server.admin(`
        create table if not exists notes (id int unique deferrable initially deferred);
        grant select, insert on notes to app`);
      const failing = library.run(ada, (send) => send('insert into notes values (1), (1)'));
      await expect(failing).rejects.toThrow('duplicate key');
      expect(await library.outside('select id from notes')).toEqual([]);
    });

    it('joins the transaction in a nested call of the same caller', async () => {
      const failure = new Error('after both');
      const failing = library.run(ada, async () => {
        await library.run(ada, (send) => send(insert(`${name} nests`)));
        const seen = await library.run(ada, (send) =>
          send(`select 1 from orders where item = '${name} nests'`),
        );
        expect(seen).toHaveLength(1);
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      expect(await items(ada)).not.toContainEqual({ item: `${name} nests` });
    });

    it('keeps nothing where a nested call has failed, although the outer one goes on', async () => {
      const failure = new Error('of the nested call');
      const failing = library.run(ada, async (send) => {
        await send(insert(`${name} outer`));
        const nested = library.run(ada, async (inner) => {
          await inner(insert(`${name} inner`));
          throw failure;
        });
        await expect(nested).rejects.toBe(failure);
      });
      await expect(failing).rejects.toBe(failure);
      expect(await items(ada)).not.toContainEqual({ item: expect.stringMatching(`${name} (outer|inner)`) });
    });

    it('refuses a nested call of another caller, and of none', async () => {
      await library.run(ada, async () => {
        await expect(library.run(bob, (send) => send('select 1'))).rejects.toThrow(
          'in a transaction of another',
        );
        await expect(library.run(undefined as never, (send) => send('select 1'))).rejects.toThrow(
          'in a transaction of another',
        );
      });
    });

    it('gives the transaction to the code that runs in it, and to no other', async () => {
      expect(library.current()).toBeUndefined();
      await library.run(ada, async () => {
        expect(await library.current()?.('select entra.subject() as it')).toEqual([{ it: ada.subjectKey }]);
      });
      expect(library.current()).toBeUndefined();
    });

    it('begins a transaction of its own in code that outlives the one it was started in', async () => {
      let goOn = () => {};
      const ended = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      let later: Promise<unknown> | undefined;
      await library.run(ada, async () => {
        later = ended.then(() => library.run(bob, (send) => send('select entra.subject() as it')));
      });
      goOn();
      expect(await later).toEqual([{ it: bob.subjectKey }]);
    });

    it('refuses a statement that is sent when the transaction has ended', async () => {
      let kept: Send = () => Promise.reject(new Error('not kept'));
      await library.run(ada, async (send) => {
        kept = send;
      });
      await library.run(bob, async () => {
        await expect(kept('select 1')).rejects.toThrow(
          /has ended|already complete|already released|Query runner/i,
        );
      });
    });

    it('keeps nothing where the function has ended the transaction, and says so', async () => {
      const failing = library.run(ada, async (send) => {
        await send('/* sneaky */ do $$ begin null; end $$; commit; begin');
        await send('select 1');
      });
      await expect(failing).rejects.toThrow('not the one that was begun for this caller');
    });

    it('has the isolation level that was asked for', async () => {
      const level = (send: Send) => send('show transaction_isolation');
      expect(await library.run(ada, level)).toEqual([{ transaction_isolation: 'read committed' }]);
      expect(await library.run(ada, level, { isolation: 'serializable' })).toEqual([
        { transaction_isolation: 'serializable' },
      ]);
      await library.run(ada, async () => {
        const nested = library.run(ada, level, { isolation: 'serializable' });
        await expect(nested).rejects.toThrow('one isolation level');
      });
    });

    it('rejects, and does not use the connection again, where it breaks in the transaction', async () => {
      const pidOf = async (send: Send) => (await send('select pg_backend_pid() as pid'))[0]?.pid as number;
      let pid = 0;
      const failing = library.run(ada, async (send) => {
        pid = await pidOf(send);
        await server.admin(`select pg_terminate_backend(${pid})`);
        await send(insert(`${name} breaks`));
      });
      await expect(failing).rejects.toThrow(/terminat|Connection|closed/i);
      const others = await Promise.all(Array.from({ length: 6 }, () => library.run(bob, pidOf)));
      expect(others).not.toContain(pid);
      expect(await items(ada)).not.toContainEqual({ item: `${name} breaks` });
    });
  });
});
