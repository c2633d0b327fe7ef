import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AuthorityServer } from '../../support/authority-server.js';
import type { Outcome } from './contender.js';
import type { Command } from './original-program.mjs';

const PROGRAM = fileURLToPath(new URL('original-program.mjs', import.meta.url));

export type Reply = Outcome | { readonly kind: 'opened' | 'done' };

/** One process that runs passport-azure-ad. */
export class OriginalProcess {
  readonly #child: ChildProcess;
  #errors = '';
  /** What it has written to the console. Complete when it has ended. */
  printed = '';

  constructor({ port, certificate }: AuthorityServer) {
    this.#child = fork(PROGRAM, [String(port), certificate], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Without the options of the test runner.
      execArgv: [],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** Sends a command. The promise does not settle if the original hangs. */
  tell(command: Command): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply): void => {
        this.#child.off('message', settle);
        this.#child.off('close', died);
        resolve(reply);
      };
      const died = (): void => {
        const lastWords = /^died of (.*)$/m.exec(this.#errors)?.[1];
        if (lastWords === undefined) reject(new Error(`The process ended without a reason: ${this.#errors}`));
        else settle({ kind: 'dies', of: lastWords });
      };
      this.#child.on('message', settle);
      // 'close' comes after the last output, unlike 'exit'.
      this.#child.once('close', died);
      this.#child.send(command, (error) => {
        if (error) reject(error);
      });
    });
  }

  async kill(): Promise<void> {
    this.#child.removeAllListeners('message').removeAllListeners('close');
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await closed;
  }
}
