import { KeysUnavailableError } from '../../base/errors.js';
import type { JsonObject } from '../../base/json-object.js';
import type { LogSink } from '../../base/log.js';
import { printable } from '../../base/printable.js';
import { errorLike } from '../../base/thrown.js';
import type { KeyLimits } from '../../options/key-limits.js';
import type { ReadDocument } from '../../options/key-snapshot.js';
import { DocumentReport } from './document-report.js';
import { budgetOf, type Reserve, type Spending } from './fetch-budget.js';
import { FetchFailure, fetchJson } from './fetch-json.js';
import type { RefreshReason } from './key-events.js';
import { platformGap } from './platform-gap.js';
import { RetryPause } from './retry-pause.js';
import type { KeySourceState } from './validator-state.js';

/** A key in a document, for events about added and removed keys. */
export interface NamedKey {
  readonly kid: string;
  readonly thumbprint: string;
}

/** A kind of document: how it is read, and how it is named in reports. */
export interface DocumentKind<T> {
  readonly document: 'metadata' | 'keys';
  /** Names what `parse` does. Documents are shared only if they have the same purpose. */
  readonly purpose: string;
  /** Makes a value of the answer. Throws if the answer is not acceptable, and the refresh has then failed. */
  parse(json: JsonObject, url: string): T;
  /** The inverse of `parse`: writes JSON from which `parse` makes the value. */
  format(value: T): JsonObject;
  /** Returns the keys in a value. */
  keysOf(value: T): readonly NamedKey[];
}

/** What is needed to read a document. */
export interface DocumentSource<T> {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly limits: KeyLimits;
  readonly kind: DocumentKind<T>;
  readonly log: LogSink;
}

/** The state of a document. */
export interface DocumentState extends KeySourceState {
  /** The HTTP status of the last attempt, if that failed with an answer. */
  readonly lastStatus: number | undefined;
}

/** A refresh for an unknown key that was not made. */
export interface TryLater {
  /** In seconds. */
  readonly retryAfter: number;
}

interface Snapshot<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
  readonly moment: number;
}

/** Counts successful exchanges of the process. Orders them even if they fall into one tick of the clock. */
let exchanges = 0;

/** Returns the current moment, for {@link RemoteDocument.fetchedSince}. */
export function currentMoment(): number {
  return exchanges;
}

/**
 * One JSON document of an authority: refreshed in the background after its soft age, trusted until its hard age. Makes
 * at most one exchange at a time, with exponential back-off after failures. The value is replaced as a whole.
 */
export class RemoteDocument<T> {
  /** The reserve of a proven document; see {@link proven}. */
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
  /** Whether the last attempt was postponed, because the process has read too many documents for the first time. */
  #overspent = false;
  /** Whether its first reading used the shared budget. */
  #paid = false;

  /** @param saved a copy to start with; its age counts from when it was fetched */
  constructor(source: DocumentSource<T>, saved?: { readonly value: T; readonly fetchedAt: number }) {
    this.#source = source;
    this.#report = new DocumentReport(source.kind.document, source.url, source.now, source.log);
    if (saved !== undefined) this.#snapshot = { ...saved, moment: 0 };
  }

  /** The value if it is loaded and trusted. Never waits. */
  get current(): T | undefined {
    return this.#trusted()?.value;
  }

  /** When the current value was fetched, in milliseconds since the epoch. */
  get fetchedAt(): number | undefined {
    return this.#snapshot?.fetchedAt;
  }

  /**
   * Returns the value if it may be used without asking the authority. Never waits. If the value is due for a refresh,
   * starts one in the background.
   *
   * @param now milliseconds since the epoch, by this document's clock
   */
  atHand(now = this.#source.now()): T | undefined {
    const snapshot = this.#snapshot;
    // A value within its soft age is trusted, because keys are trusted at least until then.
    if (snapshot !== undefined && !this.#isStale(snapshot.fetchedAt, now)) return snapshot.value;
    const trusted = this.#trusted(now);
    if (trusted === undefined) return undefined;
    void this.#refresh('age');
    return this.#isLongPast(trusted.fetchedAt, now) ? undefined : trusted.value;
  }

  /**
   * Returns the value, at once if it is loaded, or else after an exchange. If the copy was not used for twice the soft
   * age, it is too old to trust unchecked: waits for one attempt to refresh it.
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
   * Refreshes the value because the current one lacks something (an unknown key ID). Makes at most one such refresh per
   * cool-down, shared by all requests that wait, within the budget of the process.
   *
   * @param arrival the moment when the request arrived; a value fetched since is fresh enough
   * @param atOnce whether to ignore the cool-down of this document, because the calling code has a longer one
   * @returns `fresh`, or in how many seconds another try is allowed
   */
  async getFresher(arrival: number, atOnce = false): Promise<'fresh' | TryLater> {
    if (this.fetchedSince(arrival)) return 'fresh';
    if (this.#exchange === undefined) {
      const now = this.#source.now();
      const sinceForced = this.#forcedAt === undefined ? Number.POSITIVE_INFINITY : now - this.#forcedAt;
      if (!atOnce && sinceForced >= 0 && sinceForced < this.#source.limits.coolDownMs) {
        return { retryAfter: (this.#source.limits.coolDownMs - sinceForced) / 1000 };
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
   * Notes that a verified token needed this document, or another one that depends on it. Puts the permit of its first
   * reading back, so that tenants with real callers don't use the budget up.
   *
   * @param reserve the document's reserve from now on, unless it has one
   */
  proven(reserve: Reserve): void {
    if (this.reserve !== undefined) return;
    this.reserve = reserve;
    if (this.#paid) budgetOf(this.#source.now).giveBack('load');
  }

  /** Tells whether the current value was fetched after a moment. */
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

  /** Returns a copy to start another process with; `undefined` if no trusted value is loaded. */
  save(): ReadDocument | undefined {
    const trusted = this.#trusted();
    if (trusted === undefined) return undefined;
    const { url, kind } = this.#source;
    return { url, fetchedAt: trusted.fetchedAt, content: kind.format(trusted.value) };
  }

  /** Aborts a running exchange. */
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
    const { softAgeMs, hardAgeMs } = this.#source.limits;
    return this.#snapshot && this.#snapshot.fetchedAt + Math.max(softAgeMs, hardAgeMs);
  }

  /** Tells whether a value is due for a refresh, also if it is from the future because the clock was set back. */
  #isStale(fetchedAt: number, now = this.#source.now()): boolean {
    const age = now - fetchedAt;
    return age >= this.#source.limits.softAgeMs || age < 0;
  }

  /** Tells whether a value is so old that a refresh is waited for. Not while attempts fail, which would not help. */
  #isLongPast(fetchedAt: number, now: number): boolean {
    const longPast = now - fetchedAt >= 2 * this.#source.limits.softAgeMs;
    return longPast && this.#pause.failures === 0;
  }

  /** Joins the running exchange, or starts one, and waits for it. Never rejects. Does nothing while backing off. */
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

  /** @returns 0 if the process may make such an exchange, or in how many seconds it may */
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
        hint: 'Only tokens of very many tenants can cause this. Find out which clients send them.',
        retryAfter: 1,
      });
    }
    return new KeysUnavailableError({
      message: `${url} can't be read: ${this.#lastError ?? 'no attempt has succeeded yet'}.`,
      hint:
        this.#lastHint ??
        platformGap(this.#lastError) ??
        'Check that this machine can reach the authority (DNS, proxy, firewall, TLS), and that the tenant or authority is spelt correctly.',
      retryAfter: this.#secondsToRetry(),
    });
  }
}
