import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConfigurationFile } from '@entra-guard/proxy';

/** The servers that the tests run. */
export type ServerFront = 'nginx' | 'haproxy' | 'caddy';

/** What stands in front of applications: a server that asks the decision service, or the proxy that decides itself. */
export type Front = ServerFront | 'embedded';

const VERSION: Readonly<Record<ServerFront, string>> = { nginx: '-v', haproxy: '-v', caddy: 'version' };

/** Why tests with a server are skipped; `undefined` if they run. In CI they run, and fail without the server. */
export function whyNot(front: Front): string | undefined {
  if (front === 'embedded') return undefined;
  return process.env.CI === 'true' || spawnSync(front, [VERSION[front]]).status === 0
    ? undefined
    : `${front} is not installed`;
}

const RUN: Readonly<Record<ServerFront, (folder: string) => readonly string[]>> = {
  nginx: (folder) => [
    '-c',
    join(folder, 'nginx.conf'),
    '-p',
    folder,
    '-e',
    'stderr',
    '-g',
    `daemon off; pid ${join(folder, 'nginx.pid')}; error_log stderr;`,
  ],
  haproxy: (folder) => ['-db', '-f', join(folder, 'haproxy.cfg')],
  caddy: (folder) => ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
};

/** nginx, HAProxy or Caddy for one test file, on loopback, with the files that are printed for it. */
export class FrontServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'entra-guard-front-'));
  #child: ChildProcess | undefined;
  #printed = '';

  /** @param port where the files say that it listens */
  static async start(
    front: ServerFront,
    files: readonly ConfigurationFile[],
    port: number,
  ): Promise<FrontServer> {
    const server = new FrontServer();
    for (const { name, text } of files) writeFileSync(join(server.#folder, name), text);
    await server.#start(front, port);
    return server;
  }

  get printed(): string {
    return this.#printed;
  }

  async #start(front: ServerFront, port: number): Promise<void> {
    const env = {
      ...process.env,
      HOME: this.#folder,
      XDG_DATA_HOME: this.#folder,
      XDG_CONFIG_HOME: this.#folder,
    };
    const child = spawn(front, RUN[front](this.#folder), {
      cwd: this.#folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    // Also where a test run is ended halfway.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    const keep = (text: string) => {
      this.#printed = (this.#printed + text).slice(-20_000);
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    let ended = false;
    child.once('exit', () => {
      ended = true;
    });
    child.once('error', () => {
      ended = true;
    });
    while (!(await accepts(port))) {
      if (ended) throw new Error(`${front} ended:\n${this.#printed}`);
      await wait(20);
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
