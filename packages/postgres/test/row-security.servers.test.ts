import { knex } from 'knex';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertRowSecurity } from '../src/index.js';
import { ordersOn } from './support/orders.js';
import { PostgresServer, whyNot } from './support/postgres-server.js';

const title = whyNot === undefined ? 'assertRowSecurity' : `assertRowSecurity (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined)(title, { timeout: 60_000 }, () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start();
    await ordersOn(server);
    await server.admin(`
      create schema sales;
      create table sales."Odd Name" (id int);
      create table open_to_all (id int);
      create table not_forced (id int);
      alter table not_forced enable row level security;
      create table owned_by_app (id int);
      alter table owned_by_app owner to app;
      create table parts (id int) partition by range (id);
      create view seen as select * from orders;
      create role above bypassrls;
      create role reader login;
      create role becomes_above login; grant above to becomes_above;
      create role becomes_owner login; grant owner to becomes_owner;
      create role bypasses login bypassrls;
      create role preset login; alter role preset set entra.claims = '{"v":1,"kind":"anonymous"}';
      do $$ declare t text; begin
        foreach t in array array['sales."Odd Name"', 'owned_by_app', 'parts'] loop
          execute format('alter table %s enable row level security', t);
          execute format('alter table %s force row level security', t);
        end loop;
      end $$;
      grant usage on schema sales to app`);
  }, 60_000);
  afterAll(() => server?.close());

  const examine = (role: string, ...tables: string[]) =>
    assertRowSecurity(server.pool({ max: 1 }, role), { tables });

  it.each([
    ['a table', ['orders']],
    ['a table with its schema', ['public.orders']],
    ['a name in quotation marks', ['sales."Odd Name"']],
    ['a partitioned table', ['parts']],
    ['several', ['orders', 'parts']],
  ])('is content with %s where it holds', async (_, tables) => {
    await expect(examine('app', ...tables)).resolves.toBeUndefined();
  });

  it.each([
    ['a table without it', 'app', 'open_to_all', 'open_to_all has no row level security'],
    ['a table that does not force it', 'app', 'not_forced', 'not_forced does not force it on its owner'],
    ['a role that owns the table', 'app', 'owned_by_app', 'the application owns owned_by_app, as app'],
    ['a role that can become the owner', 'becomes_owner', 'orders', 'the application owns orders, as owner'],
    ['a superuser', 'admin', 'orders', 'the role admin is a superuser or has BYPASSRLS'],
    ['a role with BYPASSRLS', 'bypasses', 'orders', 'the role bypasses is a superuser or has BYPASSRLS'],
    ['a role that can become one', 'becomes_above', 'orders', 'the role becomes_above can become above'],
    ['a table that is not there', 'app', 'ordres', 'the table ordres is not there'],
    [
      'a table of a schema that is not there',
      'app',
      'nowhere.orders',
      'the table nowhere.orders is not there',
    ],
    ['a view', 'app', 'seen', 'seen is not a table'],
    [
      'a role whose connections have a caller',
      'preset',
      'orders',
      'the connection has a caller before any request',
    ],
  ])('refuses %s', async (_, role, table, problem) => {
    const examined = examine(role, table);
    await expect(examined).rejects.toMatchObject({ code: 'configuration_invalid' });
    await expect(examined).rejects.toThrow(problem);
  });

  it('refuses a superuser who has become a role without rights', async () => {
    const pool = server.pool({ max: 1, options: '-c role=app' }, 'admin');
    expect((await pool.query('select current_user as it')).rows).toEqual([{ it: 'app' }]);
    await expect(assertRowSecurity(pool, { tables: ['orders'] })).rejects.toThrow(
      'the role admin is a superuser or has BYPASSRLS',
    );
  });

  it('names all that it found, and what to run', async () => {
    const error = await examine('app', 'open_to_all', 'not_forced').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /open_to_all has no .+; open_to_all does not force .+; not_forced does not force/,
      ),
      hint: 'alter table open_to_all enable row level security; alter table open_to_all force row level security; alter table not_forced force row level security;',
    });
  });

  it('refuses a database without the functions', async () => {
    await server.admin('create database empty');
    const pool = server.pool({ connectionString: server.url().replace(/postgres$/, 'empty'), max: 1 });
    await expect(assertRowSecurity(pool, { tables: ['orders'] })).rejects.toThrow(
      'the function entra.claims() is missing',
    );
  });

  it('takes Knex', async () => {
    const database = knex({ client: 'pg', connection: server.url() });
    try {
      await expect(assertRowSecurity(database, { tables: ['orders'] })).resolves.toBeUndefined();
      await expect(assertRowSecurity(database, { tables: ['open_to_all'] })).rejects.toThrow(
        'no row level security',
      );
    } finally {
      await database.destroy();
    }
  });

  it('takes a DataSource of TypeORM', async () => {
    const database = new DataSource({ type: 'postgres', url: server.url() });
    await database.initialize();
    try {
      await expect(assertRowSecurity(database, { tables: ['orders'] })).resolves.toBeUndefined();
      await expect(assertRowSecurity(database, { tables: ['open_to_all'] })).rejects.toThrow(
        'no row level security',
      );
    } finally {
      await database.destroy();
    }
  });
});
