import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Pool, type PoolConfig } from 'pg';
import { freePort } from '../../../../scripts/free-port.mjs';

/** Where Debian puts the programs of each version, which are not in the path. */
const DEBIAN = '/usr/lib/postgresql';

const program = (name: string): string | undefined => {
  const versions = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one))
    : [];
  const found = versions
    .map((version) => join(DEBIAN, version, 'bin', name))
    .find((path) => existsSync(path));
  return found ?? (spawnSync(name, ['--version']).status === 0 ? name : undefined);
};

/** Why the tests with a real PostgreSQL are skipped; `undefined` if they run. In CI they run, and fail without one. */
export const whyNot =
  process.env.CI === 'true' || (program('initdb') !== undefined && program('postgres') !== undefined)
    ? undefined
    : 'PostgreSQL is not installed';

/** PostgreSQL refuses to run as root. */
const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

function idOf(flag: string): number {
  return Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
}

/** What `entra-guard postgres sql` prints. */
export const functionsSql = readFileSync(
  fileURLToPath(new URL('../../sql/entra-guard.sql', import.meta.url)),
  'utf8',
);

/** The role that applications connect as in tests. */
export const APP = 'app';

/** A PostgreSQL of one test file, on loopback. Its superuser is `admin`; every role may log in without a password. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #pools: Pool[] = [];

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#child = child;
  }

  /** @param settings such as `max_connections=300` */
  static async start(...settings: string[]): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'entra-guard-postgres-'));
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const made = spawnSync(
      program('initdb') ?? 'initdb',
      ['-D', folder, '-U', 'admin', '--auth=trust', '--no-sync', '--encoding=UTF8', '--no-locale'],
      { ...user, encoding: 'utf8', cwd: folder },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? made.stderr}`);
    const port = await freePort();
    const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', ...settings];
    const child = spawn(
      program('postgres') ?? 'postgres',
      ['-D', folder, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let printed = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-4000);
        if (printed.includes('ready to accept connections')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`postgres ended:\n${printed}`)));
    });
    const server = new PostgresServer(port, folder, child);
    await server.admin(`create role ${APP} login`);
    return server;
  }

  url(role = APP): string {
    return `postgres://${role}@127.0.0.1:${this.port}/postgres`;
  }

  /** Runs statements as the superuser, and gives the rows of the last one. */
  async admin(sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client(this.url('admin'));
    await client.connect();
    try {
      const results = [await client.query(sql)].flat();
      return results.at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  }

  /** A pool, which is ended with the server. */
  pool(options: PoolConfig = {}, role = APP): Pool {
    const pool = new Pool({ connectionString: this.url(role), max: 5, ...options });
    // Connections that a test breaks while no caller has them.
    pool.on('error', () => {});
    this.#pools.push(pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
    const ended = once(this.#child, 'exit');
    // Immediate shutdown.
    this.#child.kill('SIGQUIT');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
