import 'reflect-metadata';
import {
  Auth,
  type AuthContext,
  EntraGuardModule,
  OptionalAuth,
  Public,
  RequireScopes,
} from '@entra-guard/nestjs';
import { AsCaller, CallerDatabase, EntraPostgresModule } from '@entra-guard/nestjs/postgres';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get, Injectable, type ModuleMetadata, Sse } from '@nestjs/common';
import { from, of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakePool } from '../../../packages/postgres/test/support/fake-pool.js';
import { bootFailure, type Platform, platforms, serve } from './platforms.js';

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

@Injectable()
class Orders {
  constructor(private readonly database: CallerDatabase) {}
  async list(statement: string): Promise<string> {
    await this.database.current.query(statement);
    return statement;
  }
}

@Controller('orders')
class OrdersController {
  constructor(
    private readonly orders: Orders,
    private readonly database: CallerDatabase,
  ) {}

  @Get()
  @RequireScopes('Orders.Read')
  @AsCaller({ readOnly: true })
  list() {
    return this.orders.list('list');
  }

  @Get('several')
  @RequireScopes('Orders.Read')
  @AsCaller()
  several() {
    return from(this.orders.list('several'));
  }

  @Get('public')
  @Public()
  @AsCaller()
  open() {
    return this.orders.list('public');
  }

  @Get('optional')
  @OptionalAuth()
  @AsCaller()
  optional() {
    return this.orders.list('optional');
  }

  @Get('fails')
  @RequireScopes('Orders.Read')
  @AsCaller()
  async fails() {
    await this.orders.list('fails');
    throw new Error('of the application');
  }

  @Get('without')
  @RequireScopes('Orders.Read')
  without() {
    return this.orders.list('without');
  }

  @Get('by-hand')
  @RequireScopes('Orders.Read')
  byHand(@Auth() auth: AuthContext) {
    return this.database.as(auth, () => this.orders.list('by-hand'));
  }

  @Sse('events')
  @RequireScopes('Orders.Read')
  @AsCaller()
  events() {
    return of({ data: 'event' });
  }
}

@Controller('whole')
@AsCaller({ isolation: 'serializable' })
class WholeController {
  constructor(private readonly orders: Orders) {}

  @Get()
  @RequireScopes('Orders.Read')
  list() {
    return this.orders.list('whole');
  }
}

@Controller('plain')
class PlainController {
  @Get()
  @AsCaller()
  list() {
    return 'plain';
  }
}

/** The claims that each transaction was begun with, and what was sent in it. */
function transactionsOf({ statements }: FakePool): readonly unknown[] {
  return statements.map((text) => {
    const [, digits] = /^begin.*decode\('([0-9a-f]+)'/.exec(text) ?? [];
    if (digits === undefined) return text.replace(/^select 1 \/.*; commit$/, 'commit');
    const { kind, subjectKey } = JSON.parse(Buffer.from(digits, 'hex').toString());
    return { begun: text.split(';')[0], kind, subjectKey };
  });
}

const metadata = (pool: FakePool, guard: object = {}): ModuleMetadata => ({
  imports: [
    EntraGuardModule.forRoot({ ...entra.options(), log: false, ...guard }),
    EntraPostgresModule.forRootAsync({ useFactory: () => ({ database: pool }) }),
  ],
  controllers: [OrdersController, WholeController, PlainController],
  providers: [Orders],
});

describe.each(platforms)('@AsCaller() on %s', (platform: Platform) => {
  async function start(guard: object = {}) {
    const pool = new FakePool();
    const { origin } = await serve(platform, metadata(pool, guard));
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const subjectKey = `${ada.claims.tid}/${ada.claims.oid}`;
    const get = async (path: string, headers: Record<string, string> = ada.headers) => {
      const response = await fetch(`${origin}/${path}`, { headers });
      return [response.status, await response.text()] as const;
    };
    return { pool, get, subjectKey };
  }

  it('runs a handler as its caller, and commits before the answer', async () => {
    const { pool, get, subjectKey } = await start();
    expect(await get('orders')).toEqual([200, 'list']);
    expect(transactionsOf(pool)).toEqual([
      {
        begun: 'begin read only',
        kind: 'user',
        subjectKey: expect.stringContaining(subjectKey.split('/')[1] ?? ''),
      },
      'list',
      'commit',
    ]);
  });

  it.each([
    ['orders/several', 'several'],
    ['orders/by-hand', 'by-hand'],
    ['whole', 'whole'],
  ])('runs %s in one transaction', async (path, statement) => {
    const { pool, get } = await start();
    expect(await get(path)).toEqual([200, statement]);
    expect(transactionsOf(pool)).toEqual([
      expect.objectContaining({
        kind: 'user',
        begun: path === 'whole' ? 'begin isolation level serializable' : 'begin',
      }),
      statement,
      'commit',
    ]);
  });

  it.each(['public', 'optional'])(
    'tells the database that the caller of a handler is anonymous: %s',
    async (path) => {
      const { pool, get } = await start();
      expect(await get(`orders/${path}`, {})).toEqual([200, path]);
      expect(transactionsOf(pool)).toEqual([{ begun: 'begin', kind: 'anonymous' }, path, 'commit']);
    },
  );

  it('rolls back where the handler throws', async () => {
    const { pool, get } = await start();
    expect((await get('orders/fails'))[0]).toBe(500);
    expect(transactionsOf(pool)).toEqual([expect.objectContaining({ kind: 'user' }), 'fails', 'rollback']);
  });

  it.each([
    ['a caller whom the guard refuses', 'orders', 401, {}],
    ['a handler without @AsCaller() that reads the transaction', 'orders/without', 500, undefined],
  ])('sends nothing for %s', async (_, path, status, headers) => {
    const { pool, get } = await start();
    expect((await get(path, headers))[0]).toBe(status);
    expect(pool.statements).toEqual([]);
  });

  it('refuses a stream of events, which would hold a connection', async () => {
    const { pool, get } = await start();
    // Nest 10 has begun to answer by then.
    expect((await get('orders/events'))[1]).not.toContain('data: event');
    expect(pool.statements).toEqual([]);
  });

  it('sends nothing where no guard judged the call, instead of running it as an anonymous caller', async () => {
    const { pool, get } = await start({ installGuard: false, uncovered: 'warn' });
    expect((await get('plain', {}))[0]).toBe(500);
    expect(pool.statements).toEqual([]);
  });
});

describe('EntraPostgresModule', () => {
  const boot = (module: NonNullable<ModuleMetadata['imports']>[number]) =>
    bootFailure({ imports: [EntraGuardModule.forRoot({ ...entra.options(), log: false }), module] });

  it('does not start where row level security does not hold', async () => {
    const found = {
      role: 'app',
      session: 'app',
      missing: [],
      told: false,
      above: ['app'],
      tables: [{ name: 'orders', kind: 'r', enabled: true, forced: true, owner: 'o', owned: false }],
    };
    const pool = new FakePool();
    const database = Object.assign(pool, { query: async () => ({ rows: [{ found }] }) });
    expect(await boot(EntraPostgresModule.forRoot({ database, tables: ['orders'] }))).toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('the role app is a superuser or has BYPASSRLS'),
    });
    found.above = [];
    expect(await boot(EntraPostgresModule.forRoot({ database, tables: ['orders'] }))).toBeUndefined();
  });

  it('does not start without options', async () => {
    expect(await boot(EntraPostgresModule)).toMatchObject({
      message: expect.stringContaining('without options'),
    });
  });

  it.each([
    ['an unknown option', { database: new FakePool(), table: [] }, "no option called 'table'"],
    ['no options', undefined, 'instead of options'],
  ])('refuses %s', (_, options, problem) => {
    expect(() => EntraPostgresModule.forRoot(options as never)).toThrow(problem);
  });

  it.each([
    ['no factory', { inject: [] }, 'undefined as useFactory'],
    ['useClass, which it does not have', { useClass: FakePool }, "no option called 'useClass'"],
  ])('refuses %s', (_, options, problem) => {
    expect(() => EntraPostgresModule.forRootAsync(options as never)).toThrow(problem);
  });
});
