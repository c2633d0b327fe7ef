import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BearerStrategy } from '@entra-guard/passport';
import type { Authority, Documents } from './authority.js';
import { Clock } from './clock.js';
import type { Command } from './original.mjs';
import {
  type Ask,
  openStand,
  type Seen,
  type Setup,
  type Stand,
  type StrategyClass,
  type Throws,
} from './stand.mjs';

/** What can come of a request, or of the construction. */
export type Outcome =
  | Seen
  | Throws
  | { readonly kind: 'dies'; readonly of: string }
  | { readonly kind: 'hangs' };

/** One of those that are compared, before an authority of its own. */
export interface Contender {
  readonly authority: Authority;
  /** @returns how it failed, if it did */
  open(setup: Setup, extras: Extras): Promise<Outcome | undefined>;
  ask(ask: Ask): Promise<Outcome>;
  /** Time passes, in milliseconds. */
  advance(milliseconds: number): Promise<void>;
  /** Ends the application that was opened. */
  close(): Promise<void>;
  /** Ends everything. */
  end(): Promise<void>;
}

/** What a row has to say beside the application itself. */
export interface Extras {
  readonly documents: Documents;
  /** Options that only ours has. */
  readonly more: object;
  /** The application of the original goes on after uncaught exceptions. */
  readonly survive: boolean;
  /** Who is known to leave a request without an answer. Everybody else is waited for. */
  readonly hangs: 'nobody' | 'original' | 'both';
}

/** How long those that are known to hang are waited for, milliseconds. */
const PATIENCE = 400;

/** `@entra-guard/passport`, from its sources and in this process. */
export class Ours implements Contender {
  #stand: Stand | undefined;
  #clock = new Clock();
  #hangs = false;

  constructor(
    readonly authority: Authority,
    /** For every row, on top of what the row says. */
    readonly always: object = {},
  ) {}

  async open(setup: Setup, { documents, more, hangs }: Extras): Promise<Outcome | undefined> {
    this.#clock = new Clock();
    this.#hangs = hangs === 'both';
    this.authority.publish(documents);
    const own = { fetch: this.authority.newFetch(), now: this.#clock.now, log: false };
    // Rows about options that are no object at all add nothing to them.
    const { options: given } = setup;
    const plain = typeof given === 'object' && given !== null;
    const options = plain ? { ...given, ...own, ...this.always, ...more } : given;
    const opened = await openStand(BearerStrategy as StrategyClass, { ...setup, options });
    if (!('ask' in opened)) return opened;
    this.#stand = opened;
    return undefined;
  }

  async ask(ask: Ask): Promise<Outcome> {
    if (this.#stand === undefined) throw new Error('Nothing was opened.');
    const answer = this.#stand.ask(ask);
    if (!this.#hangs) return answer;
    // It ends with its connection, when the application is closed.
    answer.catch(() => {});
    return Promise.race([answer, setTimeout(PATIENCE, { kind: 'hangs' } as const)]);
  }

  async advance(milliseconds: number): Promise<void> {
    this.#clock.advance(milliseconds);
  }

  async close(): Promise<void> {
    await this.#stand?.close();
    this.#stand = undefined;
  }

  async end(): Promise<void> {
    await this.authority.close();
  }
}

const PROGRAM = fileURLToPath(new URL('original.mjs', import.meta.url));

/** passport-azure-ad 4.3.5, in a process that is replaced whenever it died or hung. */
export class Original implements Contender {
  #child: ChildProcess | undefined;
  #errors = '';
  #clock = new Clock();
  #hangs = false;

  constructor(readonly authority: Authority) {}

  async open(setup: Setup, { documents, survive, hangs }: Extras): Promise<Outcome | undefined> {
    this.#clock = new Clock();
    this.#hangs = hangs !== 'nobody';
    this.authority.publish(documents);
    const opened = await this.#tell({ type: 'open', setup, survive, now: this.#clock.now() });
    return opened.kind === 'throws' ? opened : undefined;
  }

  async ask(ask: Ask): Promise<Outcome> {
    const answer = this.#tell({ type: 'ask', ask }) as Promise<Outcome>;
    return this.#hangs ? Promise.race([answer, setTimeout(PATIENCE, { kind: 'hangs' } as const)]) : answer;
  }

  async advance(milliseconds: number): Promise<void> {
    this.#clock.advance(milliseconds);
    await this.#tell({ type: 'clock', now: this.#clock.now() });
  }

  async close(): Promise<void> {
    // What hung may come to life at any time.
    if (this.#hangs) await this.#kill();
    else if (this.#child !== undefined) await this.#tell({ type: 'close' });
  }

  async end(): Promise<void> {
    await this.#kill();
    await this.authority.close();
  }

  #tell(command: Command): Promise<Outcome | { readonly kind: 'opened' | 'done' }> {
    const child = this.#running();
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        child.off('message', settle);
        child.off('close', died);
        resolve(outcome);
      };
      const died = (): void => {
        this.#child = undefined;
        const lastWords = /^died of (.*)$/m.exec(this.#errors)?.[1];
        if (lastWords === undefined) reject(new Error(`The process ended without a reason: ${this.#errors}`));
        else settle({ kind: 'dies', of: lastWords });
      };
      child.on('message', settle);
      // After the last of its output, unlike 'exit'.
      child.once('close', died);
      child.send(command, (error) => {
        if (error) reject(error);
      });
    });
  }

  #running(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const { port, certificate } = this.authority;
    const child = fork(PROGRAM, [String(port), certificate], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Nothing of the test runner's.
      execArgv: [],
    });
    this.#errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child = child;
    return child;
  }

  async #kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.removeAllListeners('message').removeAllListeners('close');
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }
}
