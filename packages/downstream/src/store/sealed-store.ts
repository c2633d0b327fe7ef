import { ConfigurationError, type HealthPart, type KeyRing, publishEvent } from '@entra-guard/core';
import { sealingOf } from '@entra-guard/core/downstream';
import { kindOfFailure } from '../credential/unusable.js';
import { shown } from '../options/read.js';
import { type OpenedEntry, openEntry, sealEntry } from './seal.js';
import type { StoreTime } from './store-time.js';
import type { TokenStore } from './token-store.js';
import { type Unwrapping, unwrappingOf, type WrappedKeyRing } from './wrapped-key-ring.js';

/** A store whose entries are sealed. Made by {@link sealed}, and by nothing else. */
export interface SealedStore {
  /** Whether other processes see what it holds. */
  readonly shared: boolean;
}

/** A registered symbol, because another copy of the package may have made it. */
const ENTRIES: unique symbol = Symbol.for('entra-guard/sealed-entries') as never;

/**
 * Seals what a store keeps, with AES-256-GCM and a key for each entry: who reads the store learns no token, and who writes to it can't
 * make one, move one or bring an old one back to another place. An entry that can't be opened is a miss and an event.
 *
 * @param store `redisTokens(client)` of `@entra-guard/redis`, or one of your own
 * @param ring `keyRing([{ id, secret }])`, or `wrappedKeyRing(...)` for keys that a vault has wrapped. All processes need the same keys
 * @throws ConfigurationError for anything else
 */
export function sealed(store: TokenStore, ring: KeyRing | WrappedKeyRing): SealedStore {
  const methods = ['get', 'set', 'delete'] as const;
  if (
    typeof store !== 'object' ||
    store === null ||
    methods.some((name) => typeof store[name] !== 'function')
  ) {
    throw new ConfigurationError(
      `sealed(...) was given ${typeof store === 'object' && store !== null ? 'an object without get, set and delete' : shown(store)} for a store.`,
      'Pass redisTokens(client) of @entra-guard/redis. A client itself is not a store.',
    );
  }
  const unwrapping = unwrappingOf(ring);
  if (unwrapping === undefined) sealingOf('sealed(...)', ring);
  const made = { shared: store.shared === true };
  Object.defineProperty(made, ENTRIES, { value: new SealedEntries(store, ring as KeyRing, unwrapping) });
  return Object.freeze(made);
}

/** Returns what is behind a {@link SealedStore}; `undefined` for anything else, above all for a store that is not sealed. */
export function entriesOf(given: unknown): SealedEntries | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  return (given as { readonly [ENTRIES]?: SealedEntries })[ENTRIES];
}

/** The result of reading. `later`: the store, the vault or a newer process has to be waited for. */
export type ReadEntry =
  | { readonly state: 'found'; readonly text: string }
  | { readonly state: 'missing' | 'later' };

/** How long a store that has failed is left alone, in milliseconds. */
const LEFT_ALONE = 5000;

/** Reads and writes sealed entries. Never rejects: what fails is a miss. */
export class SealedEntries {
  readonly #store: TokenStore;
  readonly #ring: KeyRing;
  readonly #unwrapping: Unwrapping | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #lastError: string | undefined;
  #unreadable = 0;

  constructor(store: TokenStore, ring: KeyRing, unwrapping: Unwrapping | undefined) {
    this.#store = store;
    this.#ring = ring;
    this.#unwrapping = unwrapping;
  }

  /** Whether several processes can avoid asking for the same token at once. */
  get locks(): boolean {
    return typeof this.#store.lock === 'function';
  }

  /** @returns the text that was set for this place; `undefined` for none, and for one that can't be read */
  async get(place: string, time: StoreTime): Promise<string | undefined> {
    const read = await this.read(place, time);
    return read.state === 'found' ? read.text : undefined;
  }

  /** Like `get`, and tells an entry that is missing from one that can't be read at the moment. */
  async read(place: string, time: StoreTime): Promise<ReadEntry> {
    const ring = await this.#readyRing(time);
    if (ring === undefined) return { state: 'later' };
    const answer = await this.#ask(time, async () => ({ bytes: await this.#store.get(place) }));
    if (answer === undefined) return { state: 'later' };
    if (answer.bytes === undefined) return { state: 'missing' };
    const opened = openEntry(sealingOf('sealed(...)', ring), place, answer.bytes);
    if (opened.state === 'opened') return { state: 'found', text: opened.text };
    this.tell(place, opened);
    // A process with a newer release or ring has written it.
    return { state: opened.state === 'key' || opened.state === 'version' ? 'later' : 'missing' };
  }

  /**
   * @param ttlMs for how long, in milliseconds
   * @returns whether the store has it
   */
  async set(place: string, text: string, ttlMs: number, time: StoreTime): Promise<boolean> {
    const ring = await this.#readyRing(time);
    const [id] = ring?.ids ?? [];
    if (ring === undefined || id === undefined || !(ttlMs >= 1)) return false;
    const bytes = sealEntry(sealingOf('sealed(...)', ring), id, place, text);
    const set = async () => {
      await this.#store.set(place, bytes, Math.floor(ttlMs));
      return true;
    };
    return (await this.#ask(time, set)) ?? false;
  }

  /** @returns whether the store has done so */
  async delete(place: string, time: StoreTime): Promise<boolean> {
    const deleted = async () => {
      await this.#store.delete(place);
      return true;
    };
    return (await this.#ask(time, deleted)) ?? false;
  }

  /** @returns ends the reservation; `'taken'` by another process; `undefined` if the store can't tell */
  async lock(
    place: string,
    ttlMs: number,
    time: StoreTime,
  ): Promise<(() => Promise<void>) | 'taken' | undefined> {
    const lock = this.#store.lock?.bind(this.#store);
    if (lock === undefined) return undefined;
    const locked = await this.#ask(time, async () => ({ release: await lock(place, ttlMs) }));
    if (locked === undefined) return undefined;
    const { release } = locked;
    return release === undefined ? 'taken' : async () => void (await release().catch(() => {}));
  }

  /** Publishes that an entry can't be used. */
  tell(
    place: string,
    { state, ...facts }: Exclude<OpenedEntry, { state: 'opened' }> | { readonly state: 'content' },
  ): void {
    this.#unreadable++;
    publishEvent('sealed-entry', () => ({
      v: 1,
      time: Date.now(),
      problem: state,
      place,
      ...('id' in facts ? { keyId: facts.id } : {}),
    }));
  }

  health(): HealthPart {
    const facts = {
      part: 'downstream',
      name: 'token store',
      shared: this.#store.shared === true,
      unreadable: this.#unreadable,
    } as const;
    const wrapped = this.#unwrapping;
    if (wrapped?.lastError !== undefined && wrapped.ring === undefined) {
      return {
        ...facts,
        status: 'degraded',
        message: 'The keys of the token store can not be unwrapped.',
        lastError: wrapped.lastError,
      };
    }
    return this.#isLeftAlone()
      ? {
          ...facts,
          status: 'degraded',
          message: 'The token store does not answer in time.',
          ...(this.#lastError && { lastError: this.#lastError }),
        }
      : { ...facts, status: 'up', message: 'The token store answers.' };
  }

  async #readyRing(time: StoreTime): Promise<KeyRing | undefined> {
    if (this.#unwrapping === undefined) return this.#ring;
    return this.#unwrapping.ring ?? time.within(this.#unwrapping.unwrap()).catch(() => undefined);
  }

  async #ask<T>(time: StoreTime, ask: () => Promise<T>): Promise<T | undefined> {
    if (this.#isLeftAlone()) return undefined;
    try {
      // A store that throws at once fails like one that rejects.
      return await time.within((async () => ask())());
    } catch (error) {
      this.#failedAt = performance.now();
      this.#lastError = kindOfFailure(error);
      return undefined;
    }
  }

  #isLeftAlone(): boolean {
    return performance.now() - this.#failedAt < LEFT_ALONE;
  }
}
