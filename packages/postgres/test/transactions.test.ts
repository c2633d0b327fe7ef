import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { asCaller } from '../src/index.js';
import { FakePool } from './support/fake-pool.js';
import { ada } from './support/orders.js';

const first = (pool: FakePool) => pool.clients[0];
const nothing = async () => {};

describe('a transaction on a connection of a pool', () => {
  it('takes one message to begin, and one to end', async () => {
    const pool = new FakePool();
    await asCaller(pool, ada, (client) => client.query('select 1'));
    expect(pool.statements).toEqual([
      expect.stringMatching(/^begin; select pg_catalog\.set_config\('entra\.claims', .+, true\)$/),
      'select 1',
      expect.stringMatching(/^select 1 \/ .+; commit$/),
    ]);
    expect(first(pool)?.released).toEqual([undefined]);
  });

  it('sends the claims as hexadecimal digits and in no other form', async () => {
    const pool = new FakePool();
    await asCaller(pool, ada, nothing);
    expect(pool.statements.join()).not.toContain(ada.subjectKey);
    const [, digits = ''] = /decode\('([0-9a-f]+)', 'hex'\)/.exec(pool.statements[0] ?? '') ?? [];
    expect(JSON.parse(Buffer.from(digits, 'hex').toString())).toMatchObject({ subjectKey: ada.subjectKey });
  });

  it('gives the connection back for use where the function has thrown', async () => {
    const pool = new FakePool();
    const failing = asCaller(pool, ada, () => {
      throw new Error('of the application');
    });
    await expect(failing).rejects.toThrow('of the application');
    expect(pool.statements.at(-1)).toBe('rollback');
    expect(first(pool)?.released).toEqual([undefined]);
  });

  it.each([
    ['the beginning', /^begin/],
    ['a statement of the function', /^select 2$/],
    ['the end', /commit$/],
  ])('closes the connection where it breaks in %s', async (_, when) => {
    const broken = new Error('Connection terminated unexpectedly');
    let isBroken = false;
    const pool = new FakePool((text) => {
      isBroken ||= when.test(text);
      if (isBroken) throw broken;
    });
    const failing = asCaller(pool, ada, (client) => client.query('select 2'));
    await expect(failing).rejects.toBe(broken);
    expect(first(pool)?.released).toEqual([broken]);
  });

  it('closes the connection where it breaks between two statements, and the process goes on', async () => {
    const broken = new Error('Connection terminated unexpectedly');
    const pool = new FakePool();
    await asCaller(pool, ada, () => void first(pool)?.emit('error', broken));
    expect(first(pool)?.released).toEqual([broken]);
    expect(first(pool)?.listenerCount('error')).toBe(0);
  });

  it('closes the connection where it can not be rolled back', async () => {
    const pool = new FakePool((text) => {
      // Not an error, as a careless driver may throw.
      if (text === 'rollback') throw 'no';
    });
    const failing = asCaller(pool, ada, () => Promise.reject(new Error('of the application')));
    await expect(failing).rejects.toThrow('of the application');
    expect(first(pool)?.released).toEqual([expect.objectContaining({ cause: 'no' })]);
  });

  it.each([
    'commit',
    ' COMMIT;',
    'begin',
    'start transaction',
    'end',
    'abort',
    'rollback',
    'rollback work',
    "prepare transaction 'x'",
    '-- comment\n/* another */ commit',
  ])('refuses %j in the function', async (statement) => {
    const pool = new FakePool();
    const failing = asCaller(pool, ada, (client) => client.query(statement));
    await expect(failing).rejects.toThrow('begins or ends a transaction');
    // What asCaller sends itself comes once.
    expect(pool.statements).toEqual([expect.stringMatching(/^begin; /), 'rollback']);
    const asObject = asCaller(pool, ada, (client) => client.query({ text: statement } as never));
    await expect(asObject).rejects.toThrow('begins or ends a transaction');
  });

  it.each([
    'savepoint a',
    'rollback to a',
    'rollback to savepoint a',
    'rollback work to a',
    'release savepoint a',
    'select 1 as commit',
    'endless()',
  ])('takes %j in the function', async (statement) => {
    const pool = new FakePool();
    await asCaller(pool, ada, (client) => client.query(statement));
    expect(pool.statements).toContain(statement);
  });

  it('looks at a long statement in no time', async () => {
    const pool = new FakePool();
    const started = performance.now();
    await asCaller(pool, ada, (client) => client.query(`${'/**/'.repeat(20_000)}select 1`));
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('lends the connection only until the function has returned', async () => {
    const pool = new FakePool();
    let kept: Awaited<ReturnType<FakePool['connect']>> | undefined;
    await asCaller(pool, ada, (client) => {
      kept = client;
      expect(() => client.release()).toThrow('has released its connection');
      // Its methods give the lent connection, and not the one below.
      expect(client.on('notice', () => {})).toBe(client);
      expect(client.listenerCount('notice')).toBe(1);
      expect(client.constructor).toBe(first(pool)?.constructor);
    });
    expect(() => kept?.query('select 1')).toThrow('after the function of asCaller(...) has ended');
    expect(pool.statements).not.toContain('select 1');
    expect(first(pool)?.released).toHaveLength(1);
  });

  it('has the modes that were asked for', async () => {
    const pool = new FakePool();
    await asCaller(pool, ada, nothing, { isolation: 'repeatable read', readOnly: true });
    await asCaller(pool, ada, nothing, { readOnly: false });
    expect(pool.statements.filter((text) => text.startsWith('begin'))).toEqual([
      expect.stringMatching(/^begin isolation level repeatable read, read only; select/),
      expect.stringMatching(/^begin read write; select/),
    ]);
  });
});

describe('what asCaller refuses before it asks for a connection', () => {
  it.each([
    ['an unknown option', { isolaton: 'serializable' }, "Did you mean 'isolation'?"],
    [
      'another isolation level',
      { isolation: 'serializable; drop table orders' },
      'is not an isolation level',
    ],
    ['readOnly as text', { readOnly: 'yes' }, 'readOnly is a string'],
    ['an option of a prototype', Object.create({ readOnly: true }), 'from its prototype'],
    ['no object', 'serializable', 'instead of options'],
  ])('%s', async (_, options, problem) => {
    const pool = new FakePool();
    await expect(asCaller(pool, ada, nothing, options as never)).rejects.toThrow(problem);
    expect(pool.clients).toEqual([]);
  });

  it.each([
    ['no function', undefined, 'a undefined instead of a function'],
    ['null', null, 'null instead of a function'],
  ])('%s', async (_, fn, problem) => {
    await expect(asCaller(new FakePool(), ada, fn as never)).rejects.toThrow(problem);
  });

  it.each([
    ['nothing', undefined, 'begins no transactions'],
    ['a text', 'postgres://', 'begins no transactions'],
    ['an object without a transaction', {}, 'begins no transactions'],
    [
      'a client, which is connected already',
      { connect: async () => undefined },
      'not give a connection of a pool',
    ],
    ["Knex's open transaction", { transaction: nothing, isTransaction: true }, 'is open already'],
    [
      "TypeORM's manager of an open transaction",
      { transaction: nothing, queryRunner: { isTransactionActive: true } },
      'is open already',
    ],
    ['a database of Drizzle', drizzle(new Pool()), 'a database of Drizzle'],
    ['a library that does not call the function', { transaction: nothing }, 'does not run its function'],
    [
      'a library that it does not know',
      { transaction: (scope: (handle: object) => unknown) => scope({}) },
      'a library that it does not know',
    ],
  ])('%s', async (_, database, problem) => {
    const asked = asCaller(database as never, ada, nothing);
    await expect(asked).rejects.toThrow(problem);
    await expect(asked).rejects.toMatchObject({ code: 'configuration_invalid' });
  });
});
