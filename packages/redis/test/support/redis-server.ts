import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../scripts/free-port.mjs';

/** Why the tests with real servers are skipped; `undefined` if they run. In CI they run, and fail without a server. */
export const whyNot =
  process.env.CI === 'true' || spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server is not installed';

/** A Redis for one test, on loopback. It can be stopped and started again on its port. */
export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'entra-guard-redis-'));
  readonly #settings: readonly string[];
  #child: ChildProcess | undefined;

  constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#settings = settings;
  }

  static async start(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Sends one command, as an operator would. */
  cli(...command: string[]): string {
    const { stdout } = spawnSync('redis-cli', ['-p', String(this.port), ...command], { encoding: 'utf8' });
    return stdout.trim();
  }

  /** @param first arguments before all others, such as a configuration file */
  async start(...first: string[]): Promise<void> {
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const persistence = this.#settings.includes('--appendonly') ? [] : ['--save', ''];
    const child = spawn('redis-server', [...first, ...settings, ...persistence, ...this.#settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let printed = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-4000);
        if (/Ready to accept connections|Running mode=sentinel/.test(printed)) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`redis-server ended:\n${printed}`)));
    });
  }

  /** Ends the server. What it did not persist is lost. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
