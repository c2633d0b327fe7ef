import { setTimeout as wait } from 'node:timers/promises';
import type { Wanted } from '../cache/entry-key.js';
import { parseJsonObject } from '../json-object.js';
import type { SealedEntries } from './sealed-store.js';
import { StoreTime } from './store-time.js';

/** A token as processes share it. Times are milliseconds since the epoch. */
export interface SharedToken {
  readonly token: string;
  readonly expiresAt: number;
  readonly usableUntil: number;
  readonly refreshAt: number;
}

/** The version of what is sealed. Another release may have written an entry. */
const VERSION = 1;
/** After how long a reservation ends if its process does not end it, in milliseconds. */
const LOCKED_FOR = 5000;
/** How long to wait for what another process is getting, in milliseconds. Less than the above. */
const WAITS_FOR = 2000;
/** How often to look meanwhile: the first pause and the longest, in milliseconds. */
const LOOKS = { first: 20, longest: 120 };

const MEMBERS = ['kind', 'tokenUrl', 'clientId', 'subject', 'scope', 'cae'] as const;

/** Tokens in a sealed store. What can't be reached in time, or read, is missing. */
export class SharedTokens {
  readonly #entries: SealedEntries;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(entries: SealedEntries, now: () => number) {
    this.#entries = entries;
    this.#now = now;
  }

  /** @returns a token that may be handed out, for exactly what is wanted */
  async find(key: string, wanted: Wanted, time: StoreTime): Promise<SharedToken | undefined> {
    const text = await this.#entries.get(key, time);
    if (text === undefined) return undefined;
    const entry = readEntry(text, wanted);
    if (entry === undefined) this.#entries.tell(key, { state: 'content' });
    return entry !== undefined && this.#now() < entry.usableUntil ? entry : undefined;
  }

  async keep(
    key: string,
    wanted: Wanted,
    { token, expiresAt, usableUntil, refreshAt }: SharedToken,
  ): Promise<void> {
    const text = JSON.stringify({ v: VERSION, ...wanted, token, expiresAt, usableUntil, refreshAt });
    await this.#entries.set(key, text, usableUntil - this.#now(), new StoreTime());
  }

  async forget(keys: readonly string[]): Promise<void> {
    const time = new StoreTime();
    await Promise.all(keys.map((key) => this.#entries.delete(key, time)));
  }

  /**
   * Reserves a token, so that other processes wait for it. If another process has reserved it, waits for what that gets.
   *
   * @returns the token that another process has got; else a function that ends the reservation, and does nothing where there is none
   */
  async reserve(key: string, wanted: Wanted, time: StoreTime): Promise<SharedToken | (() => Promise<void>)> {
    const locked = await this.#entries.lock(`${key}:lock`, LOCKED_FOR, time);
    if (locked !== 'taken') return locked ?? noReservation;
    const end = performance.now() + WAITS_FOR;
    for (let pause = LOOKS.first; performance.now() < end; pause = Math.min(2 * pause, LOOKS.longest)) {
      // Spread, because many wait at the same time.
      await wait(pause * (0.5 + Math.random()));
      const found = await this.find(key, wanted, new StoreTime());
      if (found !== undefined) return found;
    }
    return noReservation;
  }
}

const noReservation = async (): Promise<void> => {};

/** Compares what was wanted, too: another entry's text under this key would be another caller's token. */
function readEntry(text: string, wanted: Wanted): SharedToken | undefined {
  const entry = parseJsonObject(text);
  if (entry === undefined) return undefined;
  if (entry.v !== VERSION || MEMBERS.some((name) => entry[name] !== wanted[name])) return undefined;
  const { token, expiresAt, usableUntil, refreshAt } = entry;
  if (typeof token !== 'string' || token === '') return undefined;
  const times = [expiresAt, usableUntil, refreshAt];
  return times.every(Number.isFinite)
    ? ({ token, expiresAt, usableUntil, refreshAt } as SharedToken)
    : undefined;
}
