import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '@entra-guard/scripts/free-port.mjs';
import pg from 'pg';

/** Where Debian puts the programs of each version. */
const DEBIAN = '/usr/lib/postgresql';

function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

export function hasPostgres(): boolean {
  return programs() !== undefined;
}

/** PostgreSQL refuses to run as root. */
function userOf() {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout),
  );
  return { uid: uid as number, gid: gid as number };
}

/** Orders that belong to callers, and the same without policies. */
export interface OrdersDatabase {
  readonly url: string;
  /** Gives one order of a hundred to a caller. */
  give(subjectKey: string): Promise<void>;
}

/** Starts a PostgreSQL on loopback with such orders. */
export async function withPostgres<T>(use: (database: OrdersDatabase) => Promise<T>): Promise<T> {
  const [folder, port, user] = [
    mkdtempSync(join(tmpdir(), 'entra-guard-bench-')),
    await freePort(),
    userOf(),
  ];
  if ('uid' in user) chownSync(folder, user.uid as number, user.gid as number);
  const bin = programs() ?? '';
  spawnSync(
    join(bin, 'initdb'),
    ['-D', folder, '-U', 'admin', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8'],
    {
      ...user,
      cwd: folder,
    },
  );
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
  const server = spawn(join(bin, 'postgres'), ['-D', folder, '-p', String(port), ...settings], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  try {
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes('ready to accept connections')) resolve();
      });
      server.once('exit', () => reject(new Error(printed)));
    });
    const url = (role: string) => `postgres://${role}@127.0.0.1:${port}/postgres`;
    const admin = new pg.Client(url('admin'));
    await admin.connect();
    const manifest = createRequire(import.meta.url).resolve('@entra-guard/postgres/package.json');
    await admin.query(readFileSync(join(dirname(manifest), 'sql/entra-guard.sql'), 'utf8'));
    await admin.query(`
      create table orders (id serial primary key, owner text not null, item text not null);
      insert into orders (owner, item)
        select 'other' || n, 'item' from generate_series(1, 10000) n;
      create index on orders (owner);
      create table plain_orders as select * from orders;
      create index on plain_orders (owner);
      alter table orders enable row level security;
      alter table orders force row level security;
      create policy own on orders using (owner = (select entra.subject()) and (select entra.has_scope('Orders.Read')));
      create role app login;
      grant select on orders, plain_orders to app;
      analyze`);
    const give = async (subjectKey: string) => {
      for (const table of ['orders', 'plain_orders'])
        await admin.query(`update ${table} set owner = $1 where id % 100 = 0`, [subjectKey]);
      await admin.query('analyze');
    };
    try {
      return await use({ url: url('app'), give });
    } finally {
      await admin.end();
    }
  } finally {
    server.kill('SIGQUIT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
