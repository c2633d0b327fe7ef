import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  functionsSql,
  PostgresServer,
  whyNot,
} from '../../../packages/postgres/test/support/postgres-server.js';
import { blocksOf } from '../readme/page.js';

const PAGE = 'docs/postgres.md';
const here = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8').trimEnd();

it.each(['sql', 'ts'])('the page shows the %s that is run here', (language) => {
  const lines = here(`orders.${language}`).split('\n');
  const shown = lines.filter((line) => !line.endsWith("from './your-own.js';")).join('\n');
  expect(blocksOf(PAGE, language).map((block) => block.trimEnd())).toContain(shown);
});

const title = whyNot === undefined ? 'the orders of the page' : `the orders of the page (skipped: ${whyNot})`;

describe.skipIf(whyNot !== undefined)(title, { timeout: 60_000 }, () => {
  let database: PostgresServer;
  let server: Server;
  let own: typeof import('./your-own.js');

  beforeAll(async () => {
    database = await PostgresServer.start();
    await database.admin(functionsSql);
    await database.admin(here('orders.sql'));
    vi.stubEnv('PGHOST', '127.0.0.1');
    vi.stubEnv('PGPORT', String(database.port));
    vi.stubEnv('PGUSER', 'orders_api');
    vi.stubEnv('PGDATABASE', 'postgres');
    own = await import('./your-own.js');
    await import('./orders.js');
    server = own.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    server?.close();
    await own?.entra.close();
    await database?.close();
  });

  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    const text = await response.text();
    return {
      status: response.status,
      items: text.startsWith('[') ? (JSON.parse(text) as object[]).length : undefined,
    };
  };

  it('belong to who has made them', async () => {
    const { entra } = own;
    const humans = { xms_act_fct: '0', xms_sub_fct: '0' };
    const ada = entra.user('ada', { scp: 'Orders.Read Orders.Write', ...humans }).headers;
    const bob = entra.user('bob', { scp: 'Orders.Read Orders.Write', ...humans }).headers;
    const agent = entra.user('ada', {
      scp: 'Orders.Read Orders.Write',
      xms_act_fct: '11',
      xms_sub_fct: '0',
    }).headers;
    const job = entra.app('nightly-job', { roles: ['Orders.Read.All'] }).headers;
    expect(await ask('POST', '/orders/book', ada)).toMatchObject({ status: 201 });
    expect(await ask('POST', '/orders/pen', ada)).toMatchObject({ status: 201 });
    expect(await ask('POST', '/orders/cup', bob)).toMatchObject({ status: 201 });
    expect(await ask('GET', '/orders', ada)).toEqual({ status: 200, items: 2 });
    expect(await ask('GET', '/orders', bob)).toEqual({ status: 200, items: 1 });
    expect(await ask('GET', '/orders', job)).toEqual({ status: 200, items: 3 });
    expect(await ask('GET', '/orders', agent)).toEqual({ status: 200, items: 2 });
    // The policy says no, and the handler did not expect it.
    expect(await ask('POST', '/orders/yacht', agent)).toMatchObject({ status: 500 });
    expect(await ask('GET', '/orders', ada)).toEqual({ status: 200, items: 2 });
  });
});
