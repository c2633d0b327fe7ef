import { setTimeout } from 'node:timers/promises';
import type { AuthorityServer } from '../../support/authority-server.js';
import { Clock } from './clock.js';
import { type Contender, type Extras, type Outcome, PATIENCE } from './contender.js';
import { OriginalProcess, type Reply } from './original-process.js';
import type { Command } from './original-program.mjs';
import type { Ask, Setup } from './stand.mjs';

/** passport-azure-ad 4.3.5, in a process that is replaced when it has ended or hangs. */
export class Original implements Contender {
  #process: OriginalProcess | undefined;
  /** The next process, which loads while the current one works. */
  #spare: OriginalProcess | undefined;
  #clock = new Clock();
  #hangs = false;

  constructor(readonly authority: AuthorityServer) {}

  async open(setup: Setup, { documents, survive, hangs }: Extras): Promise<Outcome | undefined> {
    this.#clock = new Clock();
    this.#hangs = hangs !== 'none';
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
    // A request that hangs may continue at any time.
    if (this.#hangs) await this.#kill();
    else if (this.#process !== undefined) await this.#tell({ type: 'close' });
  }

  async end(): Promise<void> {
    await this.#kill();
    await this.#spare?.kill();
    await this.authority.close();
  }

  async #tell(command: Command): Promise<Reply> {
    this.#process ??= this.#spare ?? new OriginalProcess(this.authority);
    if (this.#process === this.#spare) this.#spare = undefined;
    this.#spare ??= new OriginalProcess(this.authority);
    const reply = await this.#process.tell(command);
    if (reply.kind === 'dies') this.#process = undefined;
    return reply;
  }

  async #kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }
}
