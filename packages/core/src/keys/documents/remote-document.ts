import { KeysUnavailableError } from '../../base/errors.js';
import type { JsonObject } from '../../base/json-object.js';
import type { LogSink } from '../../base/log.js';
import { printable } from '../../base/printable.js';
import { errorLike } from '../../base/thrown.js';
import type { KeyLimits } from '../../options/key-limits.js';
import type { SavedDocument } from '../../options/key-snapshot.js';
import { DocumentReport } from './document-report.js';
import { budgetOf, type Reserve, type Spending } from './fetch-budget.js';
import { FetchFailure, fetchJson } from './fetch-json.js';
import type { RefreshReason } from './key-events.js';
import { platformGap } from './platform-gap.js';
import { RetryPause } from './retry-pause.js';
import type { KeySourceState } from './validator-state.js';

/** A key in a document, for telling what came and went. */
export interface NamedKey {
  readonly kid: string;
  readonly thumbprint: string;
}

/** What a kind of document is: how it is read, and told of. */
export interface DocumentKind<T> {
  readonly document: 'metadata' | 'keys';
  /** Names what `parse` does: documents are shared only for the same purpose. */
  readonly purpose: string;
  /** Makes a value of the answer; throws when it is not acceptable, which makes the refresh a failed one. */
  parse(json: JsonObject, url: string): T;
  /** The reverse: what `parse` would make the same value of. */
  format(value: T): JsonObject;
  /** The keys in a value. */
  keysOf(value: T): readonly NamedKey[];
}

/** What a document is read with. */
export interface DocumentSource<T> {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly limits: KeyLimits;
  readonly kind: DocumentKind<T>;
  readonly log: LogSink;
}

/** How a document stands. */
export interface DocumentState extends KeySourceState {
  /** The HTTP status of the last attempt, if that failed with one. */
  readonly lastStatus: number | undefined;
}

/** A look that was not made. */
export interface TryLater {
  /** Seconds. */
  readonly retryAfter: number;
}

interface Snapshot<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
  readonly moment: number;
}

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
  /** Its own share of what may be fetched; see {@link proven}. */
  reserve: Reserve | undefined;
  readonly #source: DocumentSource<T>;
  readonly #report: DocumentReport;
  readonly #pause = new RetryPause();
  readonly #closing = new AbortController();
  #snapshot: Snapshot<T> | undefined;
  #exchange: Promise<void> | undefined;
  #lastError: string | undefined;
  #lastHint: string | undefined;
  #lastStatus: number | undefined;
  #forcedAt: number | undefined;
  /** Whether the last attempt was put off, because the process has read too many documents for the first time. */
  #overspent = false;
  /** Whether its first reading was at the expense of what all documents share. */
  #paid = false;

  /** @param saved a copy to start with; nothing is trusted for longer because it was saved */
  constructor(source: DocumentSource<T>, saved?: { readonly value: T; readonly fetchedAt: number }) {
    this.#source = source;
    this.#report = new DocumentReport(source.kind.document, source.url, source.now, source.log);
    if (saved !== undefined) this.#snapshot = { ...saved, moment: 0 };
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
   * The value, if one is there that may be served without a look at the authority; never waits. One that is due for a
   * refresh is refreshed in the background.
   *
   * @param now milliseconds since the epoch, by this document's clock
   */
  atHand(now = this.#source.now()): T | undefined {
    const snapshot = this.#snapshot;
    // What is not even due for a refresh is trusted: the soft age is never more than what keys are trusted for.
    if (snapshot !== undefined && !this.#isStale(snapshot.fetchedAt, now)) return snapshot.value;
    const trusted = this.#trusted(now);
    if (trusted === undefined) return undefined;
    void this.#refresh('age');
    return this.#isLongPast(trusted.fetchedAt, now) ? undefined : trusted.value;
  }

  /**
   * The value: at once where one is there, else after an exchange. Nobody came for twice the soft age: then the copy says
   * too little about today, and one attempt at a refresh is waited for.
   *
   * @throws KeysUnavailableError
   */
  async get(): Promise<T> {
    const atHand = this.atHand();
    if (atHand !== undefined) return atHand;
    await this.#refresh(this.#snapshot === undefined ? 'first' : 'age');
    const fetched = this.#trusted();
    if (fetched === undefined) throw this.#unavailable();
    return fetched.value;
  }

  /**
   * A value fetched because the present one lacks something (an unknown key ID). At most one such refresh per cool-down,
   * shared by everybody who waits, and no more over all documents than the process may make.
   *
   * @param arrival the moment when the request came: a value fetched since is fresh enough
   * @param atOnce whether the cool-down of this document doesn't count: the caller keeps one that is longer
   * @returns `fresh`, or in how many seconds another try is allowed
   */
  async getFresher(arrival: number, atOnce = false): Promise<'fresh' | TryLater> {
    if (this.fetchedSince(arrival)) return 'fresh';
    if (this.#exchange === undefined) {
      const now = this.#source.now();
      const sinceForced = this.#forcedAt === undefined ? Number.POSITIVE_INFINITY : now - this.#forcedAt;
      if (!atOnce && sinceForced >= 0 && sinceForced < this.#source.limits.coolDown) {
        return { retryAfter: (this.#source.limits.coolDown - sinceForced) / 1000 };
      }
      if (!this.#pause.holds(now)) {
        const wait = this.#spend('look', now);
        if (wait > 0) return { retryAfter: wait };
        this.#forcedAt = now;
      }
    }
    await this.#refresh('unknown_key');
    if (this.fetchedSince(arrival)) return 'fresh';
    return { retryAfter: this.#secondsToRetry() };
  }

  /**
   * A token whose signature held has needed this document, or one that can't be used without it. What its first reading
   * took from what all share is given back: however many tenants have callers, they don't use it up.
   *
   * @param reserve the share that it has of its own from now on, unless it has one
   */
  proven(reserve: Reserve): void {
    if (this.reserve !== undefined) return;
    this.reserve = reserve;
    if (this.#paid) budgetOf(this.#source.now).giveBack('load');
  }

  /** Whether the current value was fetched after a moment. */
  fetchedSince(moment: number): boolean {
    return this.#snapshot !== undefined && this.#snapshot.moment > moment;
  }

  state(): DocumentState {
    const fetchedAt = this.#snapshot?.fetchedAt;
    return {
      url: this.#source.url,
      document: this.#source.kind.document,
      fetchedAt,
      trustedUntil: this.#trustedUntil(),
      lastError: this.#lastError,
      lastStatus: this.#lastStatus,
      retryAt: this.#pause.until,
      stale: fetchedAt === undefined || this.#isStale(fetchedAt),
    };
  }

  /** A copy to start another process with; `undefined` while none is at hand that is trusted. */
  save(): SavedDocument | undefined {
    const trusted = this.#trusted();
    if (trusted === undefined) return undefined;
    const { url, kind } = this.#source;
    return { url, fetchedAt: trusted.fetchedAt, content: kind.format(trusted.value) };
  }

  /** Ends a running exchange. */
  close(): void {
    this.#closing.abort();
  }

  #trusted(now = this.#source.now()): Snapshot<T> | undefined {
    const until = this.#trustedUntil();
    if (until === undefined) return undefined;
    const snapshot = this.#snapshot as Snapshot<T>;
    if (now < until) return snapshot;
    this.#report.expired(this.#source.kind.keysOf(snapshot.value));
    return undefined;
  }

  #trustedUntil(): number | undefined {
    const { softAge, hardAge } = this.#source.limits;
    return this.#snapshot && this.#snapshot.fetchedAt + Math.max(softAge, hardAge);
  }

  /** A value from the future means that the clock was set back: its age is not known any more. */
  #isStale(fetchedAt: number, now = this.#source.now()): boolean {
    const age = now - fetchedAt;
    return age >= this.#source.limits.softAge || age < 0;
  }

  /** While attempts fail nobody waits: there is nothing better than the copy. */
  #isLongPast(fetchedAt: number, now: number): boolean {
    const longPast = now - fetchedAt >= 2 * this.#source.limits.softAge;
    return longPast && this.#pause.failures === 0;
  }

  /** Joins the running exchange or starts one; waits for it; never rejects. Does nothing while backing off. */
  #refresh(why: RefreshReason): Promise<void> {
    if (this.#exchange !== undefined) return this.#exchange;
    const now = this.#source.now();
    if (this.#pause.holds(now)) return Promise.resolve();
    this.#overspent = why === 'first' && this.#spend('load', now) > 0;
    if (this.#overspent) return Promise.resolve();
    this.#exchange = this.#run(why).finally(() => {
      this.#exchange = undefined;
    });
    return this.#exchange;
  }

  /** @returns 0, or in how many seconds the process may make such an exchange */
  #spend(what: Spending, now: number): number {
    const wait = budgetOf(this.#source.now).spend(what, now, this.reserve);
    this.#paid ||= what === 'load' && wait === 0 && this.reserve === undefined;
    return wait;
  }

  async #run(why: RefreshReason): Promise<void> {
    const { url, fetch, limits, kind, now } = this.#source;
    try {
      const value = kind.parse(await fetchJson(url, fetch, limits, this.#closing.signal), url);
      const before = this.#snapshot === undefined ? [] : kind.keysOf(this.#snapshot.value);
      this.#snapshot = { value, fetchedAt: now(), moment: ++exchanges };
      this.#lastError = undefined;
      this.#lastHint = undefined;
      this.#lastStatus = undefined;
      this.#report.refreshed(why, before, kind.keysOf(value), this.#pause.failures);
      this.#pause.succeeded();
    } catch (error) {
      this.#fail(error, why);
    }
  }

  #fail(error: unknown, why: RefreshReason): void {
    const failure = error instanceof FetchFailure ? error : undefined;
    this.#lastError = printable(errorLike(error)?.message ?? error);
    this.#lastStatus = failure?.status;
    this.#lastHint = failure?.hint;
    const now = this.#source.now();
    const retryAt = this.#pause.failed(now, failure?.retryAfter ?? 0);
    if (this.#closing.signal.aborted) return;
    const copy = this.#trusted();
    this.#report.failed({
      why,
      reason: this.#lastError,
      hint: this.#lastHint,
      status: this.#lastStatus,
      retryAt,
      copy: copy && {
        fetchedAt: copy.fetchedAt,
        trustedUntil: this.#trustedUntil() as number,
        stale: this.#isStale(copy.fetchedAt),
      },
    });
  }

  #secondsToRetry(): number {
    return Math.max(1, ((this.#pause.until ?? 0) - this.#source.now()) / 1000);
  }

  #unavailable(): KeysUnavailableError {
    const { url } = this.#source;
    if (this.#overspent) {
      return new KeysUnavailableError({
        message: `${url} is not read now: this process has read too many documents for the first time.`,
        hint: 'Only callers of very many tenants can cause this. See who sends tokens that name so many.',
        retryAfter: 1,
      });
    }
    return new KeysUnavailableError({
      message: `${url} can't be read: ${this.#lastError ?? 'no attempt has succeeded yet'}.`,
      hint:
        this.#lastHint ??
        platformGap(this.#lastError) ??
        'See whether this machine can reach the authority (DNS, proxy, firewall, TLS), and whether the tenant or authority is spelt right.',
      retryAfter: this.#secondsToRetry(),
    });
  }
}
