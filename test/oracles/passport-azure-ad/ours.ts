import { setTimeout } from 'node:timers/promises';
import { BearerStrategy } from '@entra-guard/passport';
import type { AuthorityServer } from '../../support/authority-server.js';
import { Clock } from './clock.js';
import { type Contender, type Extras, type Outcome, PATIENCE } from './contender.js';
import { loopbackFetch } from './loopback-fetch.js';
import { type Ask, openStand, type Setup, type Stand, type StrategyClass } from './stand.mjs';

/** `@entra-guard/passport`, from its sources, in this process. */
export class Ours implements Contender {
  #stand: Stand | undefined;
  #clock = new Clock();
  #hangs = false;

  constructor(
    readonly authority: AuthorityServer,
    /** Options for every row, in addition to those of the row. */
    readonly always: object = {},
  ) {}

  async open(setup: Setup, { documents, more, hangs }: Extras): Promise<Outcome | undefined> {
    this.#clock = new Clock();
    this.#hangs = hangs === 'both';
    this.authority.publish(documents);
    const own = { fetch: loopbackFetch(this.authority), now: this.#clock.now, log: false };
    // In some rows the options are not an object. Then no options are added.
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
    // The server side ends with its connection, when the application is closed.
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
