import { KeysUnavailableError } from '../errors.js';
import type { LogSink } from '../log.js';
import { printable } from '../printable.js';
import type { JsonObject } from '../token/json-object.js';
import { type ExchangeLimits, FetchFailure, fetchJson } from './fetch-json.js';

/** All limits, resolved; milliseconds and bytes. */
export interface KeyLimits extends ExchangeLimits {
  readonly softAge: number;
  readonly hardAge: number;
  readonly coolDown: number;
}

/** What a document is read with. */
export interface DocumentSource<T> {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly limits: KeyLimits;
  /** Makes a value of the answer; throws when it is not acceptable, which makes the refresh a failed one. */
  readonly parse: (json: JsonObject) => T;
  readonly log: LogSink;
}

/** How a document stands; for `state()`. */
export interface DocumentState {
  readonly url: string;
  readonly fetchedAt: number | undefined;
  readonly lastError: string | undefined;
  /** The HTTP status of the last attempt, if that failed with one. */
  readonly lastStatus: number | undefined;
  /** No attempt before this time, after a failure. */
  readonly retryAt: number | undefined;
  readonly stale: boolean;
}

interface Snapshot<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
  readonly moment: number;
}

const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;
const LONGEST_ASKED_RETRY = 300_000;

/** Counts successful exchanges of the process: tells what came before what where the clock's grain is too coarse. */
let exchanges = 0;

/** The moment, to be compared with {@link RemoteDocument.fetchedSince}. */
export function currentMoment(): number {
  return exchanges;
}

/**
 * One JSON document of an authority, kept fresh: refreshed in the background after its soft age, trusted until its hard
 * age, at most one exchange at a time, exponential back-off after failures. Its value is replaced whole.
 */
export class RemoteDocument<T> {
  readonly #source: DocumentSource<T>;
  readonly #closing = new AbortController();
  #snapshot: Snapshot<T> | undefined;
  #exchange: Promise<void> | undefined;
  #failures = 0;
  #failedAt = 0;
  #retryAt: number | undefined;
  #lastError: string | undefined;
  #lastStatus: number | undefined;
  #forcedAt: number | undefined;

  constructor(source: DocumentSource<T>) {
    this.#source = source;
  }

  /** The value, if one is there that may be trusted; never waits. */
  get current(): T | undefined {
    return this.#trusted()?.value;
  }

  /** When the current value was fetched, milliseconds since the epoch. */
  get fetchedAt(): number | undefined {
    return this.#snapshot?.fetchedAt;
  }

  /**
   * The value: at once where one is there, else after an exchange.
   *
   * @throws KeysUnavailableError
   */
  async get(): Promise<T> {
    const trusted = this.#trusted();
    if (trusted !== undefined) {
      if (this.#isStale(trusted.fetchedAt)) void this.#refresh();
      return trusted.value;
    }
    await this.#refresh();
    const fetched = this.#trusted();
    if (fetched === undefined) throw this.#unavailable();
    return fetched.value;
  }

  /**
   * A value fetched because the present one lacks something (an unknown key ID). At most one such refresh per cool-down,
   * shared by everybody who waits.
   *
   * @param arrival the moment when the request came: a value fetched since is fresh enough
   * @returns `fresh`, or in how many seconds another try is allowed
   */
  async getFresher(arrival: number): Promise<'fresh' | { readonly retryAfter: number }> {
    if (this.fetchedSince(arrival)) return 'fresh';
    if (this.#exchange === undefined) {
      const now = this.#source.now();
      const sinceForced = this.#forcedAt === undefined ? Number.POSITIVE_INFINITY : now - this.#forcedAt;
      if (sinceForced >= 0 && sinceForced < this.#source.limits.coolDown) {
        return { retryAfter: (this.#source.limits.coolDown - sinceForced) / 1000 };
      }
      if (this.#retryAt === undefined || now >= this.#retryAt) this.#forcedAt = now;
    }
    await this.#refresh();
    if (this.fetchedSince(arrival)) return 'fresh';
    return { retryAfter: this.#secondsToRetry() };
  }

  /** Whether the current value was fetched after a moment. */
  fetchedSince(moment: number): boolean {
    return this.#snapshot !== undefined && this.#snapshot.moment > moment;
  }

  state(): DocumentState {
    const fetchedAt = this.#snapshot?.fetchedAt;
    return {
      url: this.#source.url,
      fetchedAt,
      lastError: this.#lastError,
      lastStatus: this.#lastStatus,
      retryAt: this.#retryAt,
      stale: fetchedAt === undefined || this.#isStale(fetchedAt),
    };
  }

  /** Ends a running exchange. */
  close(): void {
    this.#closing.abort();
  }

  #trusted(): Snapshot<T> | undefined {
    if (this.#snapshot === undefined) return undefined;
    const { softAge, hardAge } = this.#source.limits;
    return this.#source.now() - this.#snapshot.fetchedAt < Math.max(softAge, hardAge)
      ? this.#snapshot
      : undefined;
  }

  /** A value from the future means that the clock was set back: its age is not known any more. */
  #isStale(fetchedAt: number): boolean {
    const age = this.#source.now() - fetchedAt;
    return age >= this.#source.limits.softAge || age < 0;
  }

  /** Joins the running exchange or starts one; waits for it; never rejects. Does nothing while backing off. */
  #refresh(): Promise<void> {
    if (this.#exchange !== undefined) return this.#exchange;
    const now = this.#source.now();
    // A failure in the future means that the clock was set back: nobody knows how long ago it was.
    const pausing = this.#retryAt !== undefined && now < this.#retryAt && now >= this.#failedAt;
    if (pausing) return Promise.resolve();
    this.#exchange = this.#run().finally(() => {
      this.#exchange = undefined;
    });
    return this.#exchange;
  }

  async #run(): Promise<void> {
    const { url, fetch, limits, parse, now, log } = this.#source;
    try {
      const value = parse(await fetchJson(url, fetch, limits, this.#closing.signal));
      if (this.#failures > 0) {
        log({ level: 'info', event: 'keys', message: `${url} answers again.` });
      }
      this.#snapshot = { value, fetchedAt: now(), moment: ++exchanges };
      this.#failures = 0;
      this.#retryAt = undefined;
      this.#lastError = undefined;
      this.#lastStatus = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { url, now, log } = this.#source;
    this.#failures++;
    this.#lastError = printable(error instanceof Error ? error.message : String(error));
    this.#lastStatus = error instanceof FetchFailure ? error.status : undefined;
    const backOff = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(this.#failures - 1, 10));
    const jittered = backOff * (0.75 + Math.random() / 4);
    const asked = error instanceof FetchFailure ? (error.retryAfter ?? 0) * 1000 : 0;
    this.#failedAt = now();
    this.#retryAt = this.#failedAt + Math.max(jittered, Math.min(asked, LONGEST_ASKED_RETRY));
    if (this.#closing.signal.aborted) return;
    log({
      level: 'error',
      event: 'keys',
      code: 'keys_unavailable',
      message: `Reading ${url} failed: ${this.#lastError}.`,
      hint: this.#trusted()
        ? 'The last known good copy goes on serving. See whether this machine can reach the authority.'
        : 'Until it succeeds, requests that need it are answered 503. See whether this machine can reach the authority.',
    });
  }

  #secondsToRetry(): number {
    return Math.max(1, ((this.#retryAt ?? 0) - this.#source.now()) / 1000);
  }

  #unavailable(): KeysUnavailableError {
    return new KeysUnavailableError({
      message: `${this.#source.url} can't be read: ${this.#lastError ?? 'no attempt has succeeded yet'}.`,
      hint: 'See whether this machine can reach the authority (DNS, proxy, firewall, TLS), and whether the tenant or authority is spelt right.',
      retryAfter: this.#secondsToRetry(),
    });
  }
}
