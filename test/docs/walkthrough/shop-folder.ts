import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** What the page installs, by the folder that it is in here. */
const installed = {
  express: 'test/node_modules/express5',
  'openid-client': 'test/node_modules/openid-client',
  '@entra-guard/express': 'packages/express',
  '@entra-guard/cli': 'packages/cli',
  '@entra-guard/testing': 'packages/testing',
};

/** A command that runs in a terminal. */
export interface Terminal {
  /** All that it has printed. */
  readonly printed: string;
  /** Waits until it has printed something, and returns the match. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for its end. */
  readonly ended: Promise<void>;
}

/** The folder of the reader, with what the page installs. */
export class ShopFolder {
  readonly #path = mkdtempSync(join(tmpdir(), 'entra-guard-walkthrough-'));
  readonly #running: ChildProcess[] = [];

  constructor() {
    const modules = join(this.#path, 'node_modules');
    mkdirSync(join(modules, '.bin'), { recursive: true });
    for (const [name, folder] of Object.entries(installed)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, folder), join(modules, name), 'junction');
    }
    symlinkSync(join(root, 'packages/cli/bin/entra-guard.js'), join(modules, '.bin/entra-guard'));
    writeFileSync(join(this.#path, 'package.json'), '{ "name": "shop" }');
  }

  read(name: string): string {
    const path = join(this.#path, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#path, name), text);
  }

  start(command: string): Terminal {
    // A group of its own, so that what the shell started ends with it.
    const child = spawn('bash', ['-euc', command], { cwd: this.#path, detached: true });
    this.#running.push(child);
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        child.emit('printed');
      });
    }
    const ended = once(child, 'close').then(() => void child.emit('printed'));
    return {
      get printed() {
        return printed;
      },
      ended,
      async until(pattern) {
        for (;;) {
          const match = pattern.exec(printed);
          if (match !== null) return match;
          if (child.exitCode !== null) throw new Error(`"${command}" ended. It had printed:\n${printed}`);
          await once(child, 'printed');
        }
      },
    };
  }

  /** Ends what runs, and removes the folder. */
  async close(): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const closed = once(child, 'close');
      process.kill(-child.pid, 'SIGTERM');
      await closed;
    }
    rmSync(this.#path, { recursive: true });
  }
}
