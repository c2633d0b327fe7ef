import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCaller } from '../src/index.js';
import { ada, bob, ordersOn } from './support/orders.js';
import { PostgresServer, whyNot } from './support/postgres-server.js';

const title = whyNot === undefined ? 'traps of PostgreSQL' : `traps of PostgreSQL (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined)(title, { timeout: 60_000 }, () => {
  let server: PostgresServer;
  let one: Pool;

  beforeAll(async () => {
    server = await PostgresServer.start();
    await ordersOn(server);
    // A single connection: each caller gets what the one before has left.
    one = server.pool({ max: 1 });
  }, 60_000);
  afterAll(() => server?.close());

  const rows = async (pool = one) => (await pool.query('select id from orders')).rowCount;

  it('leaves an empty setting on the connection, which the functions take for no caller', async () => {
    await asCaller(one, ada, (client) => client.query('select 1'));
    const { rows: settings } = await one.query(
      "select current_setting('entra.claims', true) as it, entra.claims()",
    );
    expect(settings).toEqual([{ it: '', claims: null }]);
    expect(await rows()).toBe(0);
  });

  it('leaves nothing to the next caller of the connection, unlike set_config(..., false)', async () => {
    await asCaller(one, ada, (client) => client.query('select 1'));
    expect(await rows()).toBe(0);
    const leaking = server.pool({ max: 1 });
    await leaking.query("select set_config('entra.claims', $1, false)", [
      `{"v":1,"kind":"user","tenantId":"t","clientId":"c","subjectKey":"${ada.subjectKey}","scopes":["Orders.Read"],"roles":[]}`,
    ]);
    expect(await rows(leaking)).toBe(3);
    // Even then, asCaller tells who calls.
    expect(
      await asCaller(leaking, bob, async (client) => (await client.query('select id from orders')).rowCount),
    ).toBe(2);
  });

  it('has a transaction around the setting, without which it would have no effect', async () => {
    await one.query("select set_config('entra.claims', $1, true)", ['{"v":1,"kind":"anonymous"}']);
    expect((await one.query('select entra.kind()')).rows).toEqual([{ kind: 'none' }]);
    expect(
      await asCaller(one, ada, async (client) => (await client.query('select entra.kind()')).rows),
    ).toEqual([{ kind: 'user' }]);
  });

  it('is evaluated once a statement, and not for each row, where the policy has a subquery', async () => {
    const plan = await asCaller(one, ada, async (client) => {
      const explained = await client.query('explain select id from orders');
      return explained.rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(/InitPlan/);
  });

  it.each([
    ['is not JSON', 'admin'],
    ['is JSON that ends early', '{"v":1,'],
    ['has a character that PostgreSQL has not', '{"v":1,"kind":"anonymous","x":"\\u0000"}'],
    ['is not an object', '["v"]'],
    ['is a text', '"v"'],
    ['has no version', '{"kind":"anonymous"}'],
    ['has another version', '{"v":2,"kind":"anonymous"}'],
    ['has a version that is text', '{"v":"1","kind":"anonymous"}'],
    ['has no kind', '{"v":1}'],
    ['has another kind', '{"v":1,"kind":"root"}'],
    [
      'has a user without a subject',
      '{"v":1,"kind":"user","tenantId":"t","clientId":"c","scopes":[],"roles":[]}',
    ],
    [
      'has a subject that is not text',
      '{"v":1,"kind":"user","tenantId":"t","clientId":"c","subjectKey":7,"scopes":[],"roles":[]}',
    ],
    [
      'has scopes that are text, which contain themselves',
      '{"v":1,"kind":"user","tenantId":"t","clientId":"c","subjectKey":"s","scopes":"Orders.Read","roles":[]}',
    ],
    [
      'has roles that are an object',
      '{"v":1,"kind":"app","tenantId":"t","clientId":"c","subjectKey":"s","scopes":[],"roles":{"Orders.Read.All":1}}',
    ],
    ['has an anonymous caller with scopes', '{"v":1,"kind":"anonymous","scopes":["Orders.Read"]}'],
  ])('refuses every query if the setting %s', async (_, setting) => {
    const client = await one.connect();
    try {
      for (const query of [
        'select id from orders',
        'select entra.claims()',
        'select entra.subject()',
        'select entra.kind()',
        "select entra.has_scope('Orders.Read')",
        "select entra.has_role('Orders.Read')",
        "select entra.has_user_role('Orders.Read')",
        "select entra.has_app_permission('Orders.Read.All')",
        'select entra.may_be_agent()',
      ]) {
        await client.query('begin');
        await client.query("select set_config('entra.claims', $1, true)", [setting]);
        await expect(client.query(query)).rejects.toMatchObject({
          code: expect.stringMatching(/^(42501|22P02|22P05)$/),
        });
        await client.query('rollback');
      }
    } finally {
      client.release();
    }
  });

  it('finds its functions and operators whatever search_path says', async () => {
    await server.admin(`
      create schema if not exists hostile; grant usage on schema hostile to app;
      create or replace function hostile.current_setting(text, boolean) returns text language sql as
        $$ select '{"v":1,"kind":"app","tenantId":"t","clientId":"c","subjectKey":"s","scopes":[],"roles":["Orders.Read.All"]}' $$;
      create or replace function hostile.nullif(text, text) returns text language sql as $$ select null $$`);
    const found = await asCaller(one, bob, async (client) => {
      await client.query('set local search_path = hostile, pg_catalog, public');
      return (await client.query('select id from orders')).rowCount;
    });
    expect(found).toBe(2);
  });

  it('is not a boundary against SQL in the session, which can set the setting: asCaller finds it, and keeps nothing', async () => {
    const impersonating = asCaller(one, bob, async (client) => {
      await client.query("insert into orders (owner, item) values (entra.subject(), 'kept?')");
      await client.query(
        "select set_config('entra.claims', replace(current_setting('entra.claims'), '000000000002', '000000000001'), true)",
      );
      expect((await client.query('select id from orders')).rowCount).toBe(3);
    });
    await expect(impersonating).rejects.toThrow('not the one that was begun for this caller');
    expect(
      await asCaller(one, bob, async (client) => (await client.query('select id from orders')).rowCount),
    ).toBe(2);
  });

  it('shows all rows to a superuser, and through a view of one that does not ask for its invoker', async () => {
    await server.admin(`
      create or replace view all_orders as select * from orders;
      create or replace view own_orders with (security_invoker = true) as select * from orders;
      grant select on all_orders, own_orders to app`);
    expect(await server.admin('select count(*)::int as n from orders')).toEqual([{ n: 5 }]);
    const through = (view: string) =>
      asCaller(one, ada, async (client) => (await client.query(`select id from ${view}`)).rowCount);
    expect(await through('all_orders')).toBe(5);
    expect(await through('own_orders')).toBe(3);
  });

  it('can be installed again, over what is there', async () => {
    const { functionsSql } = await import('./support/postgres-server.js');
    await server.admin(functionsSql);
    expect(
      await asCaller(one, ada, async (client) => (await client.query('select id from orders')).rowCount),
    ).toBe(3);
  });
});
