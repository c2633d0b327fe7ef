import { createHash, randomBytes } from 'node:crypto';
import type { Granted } from '../exchange/answer.js';
import type { Refusal } from '../exchange/refusal.js';
import type { SharedToken, SharedTokens } from '../store/shared-tokens.js';
import { StoreTime } from '../store/store-time.js';
import { entryKey, type Wanted } from './entry-key.js';
import { lifetimeOf } from './lifetime.js';
import { RememberedRefusals } from './remembered-refusals.js';
import { type KeptToken, type MemoryLimits, TokenMemory } from './token-memory.js';

/** From where a token came, or that Entra refused one. */
export type Source = 'memory' | 'store' | 'exchange';

/** What the cache gives. */
export type Found =
  | {
      readonly kind: 'token';
      readonly token: string;
      /** Milliseconds since the epoch. */
      readonly expiresAt: number;
      readonly source: Source;
      /** The ID by which Entra's support finds the request, where there was one. */
      readonly correlationId: string | undefined;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly source: Source };

/** What the token endpoint has granted. */
export type GrantedToken = Granted & { readonly correlationId?: string };

/** Asks the token endpoint. */
export interface Asking {
  readonly wanted: Wanted;
  /** Whose token it is, for {@link TokenCache.forget}: `AuthContext.subjectKey`; `undefined` for this API itself. */
  readonly owner: string | undefined;
  /** When a token must not be used any more, whatever its expiry; milliseconds since the epoch, `Infinity` for never. */
  readonly end: number;
  /**
   * @param claims a claims request of another API
   * @throws UnavailableError, DownstreamError (as rejections)
   */
  ask(claims: string | undefined): Promise<GrantedToken | Refusal>;
}

/** For how long an early renewal that failed is not tried again, in milliseconds. */
const PAUSE = 30_000;
/** How long a token that other processes share is kept here, so that what one of them forgets is soon gone, in milliseconds. */
const KEPT_HERE = 300_000;
/** Within this time a second demand for the same claims is not asked for again, in milliseconds. */
const DEMANDED_AGAIN = 10_000;

/**
 * Tokens for other APIs: in memory, or got by one request for all who wait for the same one. A token is got anew ahead of its end; if
 * that fails, the old one is handed out as long as it is valid.
 */
export class TokenCache {
  readonly #memory: TokenMemory;
  readonly #refusals = new RememberedRefusals();
  readonly #flights = new Map<string, Promise<Found>>();
  /** What is being written to the store. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #shared: SharedTokens | undefined;
  readonly #now: () => number;
  /** How often tokens were forgotten. */
  #forgotten = 0;
  /** Different in each process, for {@link lifetimeOf}. */
  readonly #salt = randomBytes(16);

  /** @param now milliseconds since the epoch */
  constructor(limits: MemoryLimits, shared: SharedTokens | undefined, now: () => number) {
    this.#memory = new TokenMemory(limits);
    this.#shared = shared;
    this.#now = now;
  }

  /** @throws what `asking.ask` throws (as a rejection) */
  async get(asking: Asking): Promise<Found> {
    const key = entryKey(asking.wanted);
    const now = this.#now();
    const entry = this.#memory.get(key, now);
    if (entry !== undefined) {
      if (now >= entry.refreshAt) this.#renewEarly(key, entry, asking, now);
      return tokenOf(entry, 'memory');
    }
    const refusal = this.#refusals.get(key, now);
    if (refusal !== undefined) return { kind: 'refused', refusal, source: 'memory' };
    return this.#fly(key, asking, undefined);
  }

  /**
   * Gets a token that satisfies the claims which another API has demanded, past every cache.
   *
   * @param used the token that the other API has refused
   * @returns `undefined` if a token that was just got for the same claims was refused: asking once more would not help
   * @throws what `asking.ask` throws (as a rejection)
   */
  async getFor(claims: string, used: string | undefined, asking: Asking): Promise<Found | undefined> {
    const key = entryKey(asking.wanted);
    const now = this.#now();
    const entry = this.#memory.get(key, now);
    if (entry?.demanded?.claims === claims && now - entry.demanded.at < DEMANDED_AGAIN) {
      return entry.bytes.toString('latin1') === used ? undefined : tokenOf(entry, 'memory');
    }
    return this.#fly(key, asking, claims);
  }

  /** Forgets all tokens of a user. One that is being got now is not kept. */
  async forget(owner: string): Promise<void> {
    this.#forgotten++;
    const keys = this.#memory.deleteOf(owner);
    await this.#shared?.forget(keys);
  }

  clear(): void {
    this.#forgotten++;
    this.#memory.clear();
  }

  #fly(key: string, asking: Asking, claims: string | undefined): Promise<Found> {
    const flight = `${key} ${claims ?? ''}`;
    const running = this.#flights.get(flight);
    if (running !== undefined) return running;
    const flying = this.#ask(key, asking, claims).finally(() => this.#flights.delete(flight));
    this.#flights.set(flight, flying);
    return flying;
  }

  async #ask(key: string, asking: Asking, claims: string | undefined): Promise<Found> {
    // What another API demands, no token of the store is known to satisfy.
    if (this.#shared === undefined || claims !== undefined) return this.#exchange(key, asking, claims);
    const time = new StoreTime();
    const known = await this.#shared.find(key, asking.wanted, time);
    if (known !== undefined && this.#now() < known.refreshAt) return this.#take(key, known, asking);
    const reserved = await this.#shared.reserve(key, asking.wanted, time);
    if (typeof reserved !== 'function') return this.#take(key, reserved, asking);
    try {
      return await this.#exchange(key, asking, undefined);
    } catch (error) {
      // Due to be renewed, and still good.
      if (known !== undefined) return this.#take(key, known, asking);
      throw error;
    } finally {
      // After the token is there for those who wait.
      void (this.#writing.get(key) ?? Promise.resolve()).then(reserved);
    }
  }

  /** Keeps a token that another process has got. */
  #take(key: string, { token, ...times }: SharedToken, asking: Asking): Found {
    const entry = this.#keep(key, token, times, asking, undefined, this.#forgotten);
    return tokenOf(entry, 'store');
  }

  async #exchange(key: string, asking: Asking, claims: string | undefined): Promise<Found> {
    const forgotten = this.#forgotten;
    const answer = await asking.ask(claims);
    const now = this.#now();
    if ('fault' in answer) {
      // What was demanded beyond the usual says nothing of the next call.
      if (claims === undefined) this.#refusals.set(key, answer, now);
      return { kind: 'refused', refusal: answer, source: 'exchange' };
    }
    const { token, expiresAt } = answer;
    const times = { expiresAt, ...lifetimeOf(answer, now, asking.end, this.#luck(key)) };
    const demanded = claims === undefined ? undefined : { claims, at: now };
    const entry = this.#keep(key, token, times, asking, demanded, forgotten);
    if (this.#forgotten === forgotten) this.#share(key, asking, { token, ...times });
    return tokenOf(entry, 'exchange', answer.correlationId);
  }

  #keep(
    key: string,
    token: string,
    times: Omit<SharedToken, 'token'>,
    { owner }: Asking,
    demanded: KeptToken['demanded'],
    forgotten: number,
  ): KeptToken {
    const here = this.#shared === undefined ? times.usableUntil : this.#now() + KEPT_HERE;
    const entry: KeptToken = {
      bytes: Buffer.from(token, 'latin1'),
      owner,
      ...times,
      usableUntil: Math.min(times.usableUntil, here),
      demanded,
    };
    if (this.#forgotten === forgotten) this.#memory.set(key, entry);
    return entry;
  }

  /** Writes a token for other processes. No caller waits for that. */
  #share(key: string, { wanted }: Asking, shared: SharedToken): void {
    if (this.#shared === undefined) return;
    const writing = this.#shared.keep(key, wanted, shared).finally(() => this.#writing.delete(key));
    this.#writing.set(key, writing);
  }

  /** Gets a token anew, while the old one is handed out. Whatever comes of it, no caller waits for it or fails by it. */
  #renewEarly(key: string, entry: KeptToken, asking: Asking, now: number): void {
    entry.refreshAt = now + PAUSE;
    this.#fly(key, asking, undefined).catch(() => {});
  }

  #luck(key: string): number {
    return createHash('sha256').update(this.#salt).update(key).digest().readUInt32BE() / 0xffff_ffff;
  }
}

function tokenOf({ bytes, expiresAt }: KeptToken, source: Source, correlationId?: string): Found {
  return { kind: 'token', token: bytes.toString('latin1'), expiresAt, source, correlationId };
}
