import type { AuthContext } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCaller, callerSettings } from '../src/index.js';
import { type Described, DescribedCaller } from './support/described-caller.js';
import { ada, adaWithoutScope, agentForAda, bob, nightlyJob, ordersOn, user } from './support/orders.js';
import { PostgresServer, whyNot } from './support/postgres-server.js';

const title = whyNot === undefined ? 'callers in PostgreSQL' : `callers in PostgreSQL (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined)(title, { timeout: 60_000 }, () => {
  let server: PostgresServer;
  let pool: Pool;

  beforeAll(async () => {
    server = await PostgresServer.start('max_connections=60');
    await ordersOn(server);
    pool = server.pool();
  }, 60_000);
  afterAll(() => server?.close());

  const count = async (auth: AuthContext | undefined, from = pool) =>
    asCaller(from, auth, async (client) => (await client.query('select id from orders')).rowCount);
  const told = async (auth: AuthContext | undefined, expression: string) =>
    asCaller(pool, auth, async (client) => (await client.query(`select ${expression} as it`)).rows[0].it);
  const insertFor = (auth: AuthContext | undefined, owner: AuthContext) =>
    asCaller(pool, auth, (client) =>
      client.query('insert into orders (owner, item) values ($1, $2)', [owner.subjectKey, 'new']),
    );

  it.each([
    ['Ada', ada, 3],
    ['Bob', bob, 2],
    ['Ada without the scope', adaWithoutScope, 0],
    ['an agent on behalf of Ada', agentForAda, 3],
    ['the nightly job', nightlyJob, 5],
    ['a caller who is not authenticated', undefined, 0],
  ])('shows %s only the rows of the policies', async (_, auth, rows) => {
    expect(await count(auth)).toBe(rows);
  });

  it('shows no rows to a query outside of asCaller', async () => {
    expect((await pool.query('select id from orders')).rowCount).toBe(0);
  });

  it.each([
    ['for another user', ada, bob],
    ['by an agent, although Ada may', agentForAda, ada],
    ['by the nightly job, which may only read', nightlyJob, ada],
    ['by a caller who is not authenticated', undefined, ada],
  ])('refuses a new row %s', async (_, auth, owner) => {
    await expect(insertFor(auth, owner)).rejects.toThrow('new row violates row-level security policy');
  });

  it('takes a new row of its own user', async () => {
    const carol = user(3);
    await insertFor(carol, carol);
    expect(await count(carol)).toBe(1);
  });

  it('tells the members of audit events, scopes and roles, and no names', async () => {
    expect(await told(agentForAda, 'entra.claims()')).toEqual({
      v: 1,
      kind: 'user',
      tenantId: agentForAda.tenantId,
      objectId: agentForAda.objectId,
      clientId: agentForAda.clientId,
      subjectKey: ada.subjectKey,
      agent: { actor: true, subject: false, blueprintId: agentForAda.agent?.blueprintId },
      scopes: ['Orders.Read', 'Orders.Write'],
      roles: [],
    });
    expect(JSON.stringify(await told(ada, 'entra.claims()'))).not.toMatch(/Lovelace|contoso/);
    expect(await told(undefined, 'entra.claims()')).toEqual({ v: 1, kind: 'anonymous' });
  });

  const admin = testAuth({ kind: 'user', scopes: ['Read'], roles: ['Admin'] });
  const adminApp = testAuth({ kind: 'app', roles: ['Admin'] });
  it.each([
    ['the subject of a user', ada, 'entra.subject()', ada.subjectKey],
    ['the subject of an app', nightlyJob, 'entra.subject()', nightlyJob.subjectKey],
    ['no subject without a caller', undefined, 'entra.subject()', null],
    ['a scope', ada, "entra.has_scope('Orders.Read')", true],
    ['a scope in another case as missing', ada, "entra.has_scope('orders.read')", false],
    ['no scope without a caller', undefined, "entra.has_scope('Orders.Read')", false],
    ['null as no scope', ada, 'entra.has_scope(null)', false],
    ["a user's role", admin, "entra.has_user_role('Admin')", true],
    ['a role that a user does not have', admin, "entra.has_user_role('Owner')", false],
    ["a user's role as no application permission", admin, "entra.has_app_permission('Admin')", false],
    ['an application permission', adminApp, "entra.has_app_permission('Admin')", true],
    ['an application permission as no role of a user', adminApp, "entra.has_user_role('Admin')", false],
    ["a user's role as a value of the claim", admin, "entra.has_role('Admin')", true],
    ['an application permission as a value of the claim', adminApp, "entra.has_role('Admin')", true],
    ['a value that the claim does not have', adminApp, "entra.has_role('admin')", false],
    ['null as no role', admin, 'entra.has_role(null)', false],
    ["no user's role without a caller", undefined, "entra.has_user_role('Admin')", false],
    ['no role without a caller', undefined, "entra.has_role('Admin')", false],
    ['an agent', agentForAda, 'entra.may_be_agent()', true],
    ['a user without an agent', ada, 'entra.may_be_agent()', false],
    ['a token that does not say as perhaps an agent', admin, 'entra.may_be_agent()', true],
    ['no caller as perhaps an agent', undefined, 'entra.may_be_agent()', true],
    ['the kind of a user', ada, 'entra.kind()', 'user'],
    ['the kind of an app', nightlyJob, 'entra.kind()', 'app'],
    ['the kind of no caller', undefined, 'entra.kind()', 'anonymous'],
  ])('tells %s', async (_, auth, expression, expected) => {
    expect(await told(auth, expression)).toBe(expected);
  });

  it('tells a connection without asCaller from an anonymous caller', async () => {
    const { rows } = await pool.query(
      "select entra.kind(), entra.claims(), entra.subject(), entra.has_scope('a'), entra.has_role('a'), entra.has_user_role('a'), entra.has_app_permission('a')",
    );
    expect(rows).toEqual([
      {
        kind: 'none',
        claims: null,
        subject: null,
        has_scope: false,
        has_role: false,
        has_user_role: false,
        has_app_permission: false,
      },
    ]);
  });

  it('never mixes 200 concurrent callers on 5 connections', async () => {
    const people = Array.from({ length: 200 }, (_, number) => user(1000 + number));
    const seen = await Promise.all(
      people.map(async (auth, number) =>
        asCaller(pool, auth, async (client) => {
          await client.query('insert into orders (owner, item) values (entra.subject(), $1)', [
            `of ${number}`,
          ]);
          // Lets others go on in between.
          await client.query('select pg_sleep(0.001)');
          const { rows } = await client.query('select owner, item from orders');
          if (number % 7 === 0) throw new Error('of the application');
          return rows;
        }).catch((error: Error) => error.message),
      ),
    );
    for (const [number, rows] of seen.entries()) {
      const own = [{ owner: people[number]?.subjectKey, item: `of ${number}` }];
      expect(rows).toEqual(number % 7 === 0 ? 'of the application' : own);
    }
    expect(pool.totalCount).toBeLessThanOrEqual(5);
    expect((await pool.query('select id from orders')).rowCount).toBe(0);
  });

  /** PostgreSQL, appendix A: invalid_text_representation, untranslatable_character. */
  const UNREADABLE = /^22P0[25]$/;

  /** What ends literals, comments, JSON or parameters somewhere. */
  const HOSTILE = [
    "'; delete from orders; --",
    "\\'; delete from orders; --",
    '$$; delete from orders; $$',
    '","kind":"app","roles":["Orders.Read.All"],"x":"',
    '\\u0022,\\u0022kind\\u0022:\\u0022app',
    '$1 ? ?? :name %s {0}',
    'line\nline\r\n\t/* -- */',
    'ключ-键-🔑',
    "E'\\047'",
    ' ',
    'x'.repeat(100_000),
  ];
  /** Each place of the claims that can hold text, and what the database finds there. */
  const PLACES: readonly (readonly [string, (text: string) => Described, (text: string) => unknown])[] = [
    ['tenantId', (tenantId) => ({ tenantId }), (text) => text],
    ['objectId', (objectId) => ({ objectId }), (text) => text],
    ['clientId', (clientId) => ({ clientId }), (text) => text],
    ['subjectKey', (subjectKey) => ({ subjectKey }), (text) => text],
    ['scopes', (text) => ({ scopes: [text] }), (text) => [text]],
    ['roles', (text) => ({ roles: [text] }), (text) => [text]],
    ['roles', (text) => ({ kind: 'app', roles: [text] }), (text) => [text]],
    [
      'agent',
      (blueprintId) => ({ agent: { actor: true, subject: undefined, blueprintId } }),
      (text) => ({ actor: true, blueprintId: text }),
    ],
  ];
  describe.each(PLACES)('%s', (name, members, expected) => {
    it.each(HOSTILE.map((text) => [text.slice(0, 40), text] as const))(
      'takes %j for text',
      async (_, text) => {
        const auth = new DescribedCaller(members(text));
        expect(await told(auth, `entra.claims() -> '${name}'`)).toEqual(expected(text));
        expect(await told(auth, 'entra.kind()')).toBe(auth.kind);
        expect(await count(auth)).toBe(0);
        expect(await count(ada)).toBe(3);
      },
    );

    it.each([
      ['a character that PostgreSQL has not', 'a\u0000b'],
      ['half a character', 'a\ud800b'],
    ])('refuses every query for %s', async (_, text) => {
      await expect(count(new DescribedCaller(members(text)))).rejects.toMatchObject({
        code: expect.stringMatching(UNREADABLE),
      });
    });
  });

  it('sends the same by callerSettings, with the claims as a parameter', async () => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query({ ...callerSettings(ada), values: [...callerSettings(ada).values] });
      expect((await client.query('select id from orders')).rowCount).toBe(3);
      await client.query('commit');
      expect((await client.query('select id from orders')).rowCount).toBe(0);
    } finally {
      client.release();
    }
  });

  it('works in parallel workers', async () => {
    const found = await asCaller(pool, nightlyJob, async (client) => {
      await client.query(
        "select set_config(name, 'on', true) from pg_settings where name in ('force_parallel_mode', 'debug_parallel_query')",
      );
      const query = 'select entra.subject(), entra.may_be_agent() from generate_series(1, 2)';
      const plan = await client.query(`explain (analyze, costs off) ${query}`);
      return {
        plan: plan.rows.map((row) => row['QUERY PLAN']).join(' '),
        rows: (await client.query(query)).rows,
      };
    });
    const row = { subject: nightlyJob.subjectKey, may_be_agent: true };
    expect(found).toEqual({ plan: expect.stringContaining('Workers Launched: 1'), rows: [row, row] });
  });
});
