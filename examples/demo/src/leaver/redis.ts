import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Revocations } from '@entra-guard/express';
import { redisRevocations } from '@entra-guard/redis';
import { freePort } from '@entra-guard/scripts/free-port.mjs';
import { createClient } from 'redis';

/** Where the processes share revocations. */
export interface SharedRedis {
  readonly url: string;
  /** Without a password, for people. */
  readonly shown: string;
  /** The beginning of the demo's keys. */
  readonly prefix: string;
  /** For people. */
  readonly what: string;
  /** Removes the keys, or the whole server if it was started for the demo. */
  close(): Promise<void>;
}

/** Thrown if the Redis of `REDIS_URL` does not answer. */
export class RedisUnreachableError extends Error {
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message || String(cause) : String(cause);
    super(`The Redis of REDIS_URL could not be reached: ${reason}. Start it, or unset REDIS_URL.`, { cause });
  }
}

/**
 * Finds a Redis: that of `REDIS_URL`, or one that is started on a free port of loopback if `redis-server` 6.2 or later is installed.
 * `undefined` where there is none.
 *
 * @throws RedisUnreachableError
 */
export async function findRedis(env: NodeJS.ProcessEnv = process.env): Promise<SharedRedis | undefined> {
  const prefix = `{entra-guard-demo-${randomUUID()}}`;
  const { REDIS_URL: url = '' } = env;
  if (url !== '') {
    (await connectedOnce(url)).destroy();
    return {
      url,
      shown: '"$REDIS_URL"',
      prefix,
      what: 'the Redis of REDIS_URL',
      close: () => removeKeys(url, prefix),
    };
  }
  return isInstalled() ? startRedis(prefix) : undefined;
}

function isInstalled(): boolean {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2);
}

/** Starts a server that keeps nothing on disk. `undefined` if it does not start. */
async function startRedis(prefix: string): Promise<SharedRedis | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'entra-guard-demo-redis-'));
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'ignore'] });
  const kill = () => void server.kill('SIGKILL');
  process.once('exit', kill);
  const close = async () => {
    process.off('exit', kill);
    if (server.exitCode === null && server.signalCode === null) {
      const end = once(server, 'exit');
      kill();
      await end;
    }
    await rm(folder, { recursive: true, force: true });
  };
  if (await accepts(server)) {
    const url = `redis://127.0.0.1:${port}`;
    return { url, shown: url, prefix, what: 'a Redis that the demo has started', close };
  }
  await close();
  return undefined;
}

/** Whether the server begins to accept connections before it ends. */
function accepts(server: ChildProcess): Promise<boolean> {
  let printed = '';
  return new Promise((resolve) => {
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-4000);
      if (printed.includes('Ready to accept connections')) resolve(true);
    });
    server.once('error', () => resolve(false));
    server.once('exit', () => resolve(false));
  });
}

/** The revocations that all processes have in common. */
export interface SharedRevocations {
  readonly revocations: Revocations;
  close(): Promise<void>;
}

/** Opens them in this process, and waits until they are current. */
export async function openRevocations({
  url,
  prefix,
}: Pick<SharedRedis, 'url' | 'prefix'>): Promise<SharedRevocations> {
  const client = createClient({ url });
  client.on('error', () => {}); // the store tells its health
  // A server that goes away again is awaited for as long as `ready()` waits.
  client.connect().catch(() => {});
  // The tokens are of a local Entra, which does not date them back.
  const revocations = redisRevocations(client, {
    whenStale: 'refuse',
    prefix,
    margin: 0,
    log: false,
    startTimeout: '15s',
  });
  const close = async () => {
    await revocations.close();
    client.destroy();
  };
  try {
    await revocations.ready();
  } catch (error) {
    await close();
    throw error;
  }
  return { revocations, close };
}

/** Removes what the demo has written to a Redis that is not its own. */
async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = await connectedOnce(url);
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.del(keys);
  }
  client.destroy();
}

/** @throws RedisUnreachableError */
async function connectedOnce(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 5000 } });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new RedisUnreachableError(error);
  }
  return client;
}
