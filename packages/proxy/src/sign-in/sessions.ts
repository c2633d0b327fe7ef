import type { BrowserSession } from './browser-sign-in.js';
import { newId } from './cookies.js';
import { type EntraClient, type SignedIn, SignInRefused } from './entra-client.js';
import { type SessionRecord } from './records.js';
import { digestOf, type SealedRecords } from './sealed-records.js';
import type { SignInCutoff } from './sign-in-cutoff.js';

/** How long sessions last, in milliseconds. */
export interface SessionLimits {
  /** Without a request. */
  readonly idleMs: number;
  /** From the sign-in on, whatever happens. */
  readonly absoluteMs: number;
}

/** How long before its end an access token is renewed. */
const EARLY_MS = 300_000;
/** After a failed renewal: how long to wait with the next. */
const AGAIN_MS = 10_000;
/** How exactly the time of the last request is kept, at most; a store is not written at each request. */
const USED_MS = 60_000;
/** How long a session goes on that another one has taken the place of: scripts may have sent its cookie before they got the new one. */
const REPLACED_MS = 30_000;
/** How often it is looked whether another process has ended a session that something is open for. */
const WATCH_MS = 15_000;

/** The sessions of browsers that are signed in. A session is found by the SHA-256 of an ID that only its browser has. */
export class Sessions {
  readonly #records: SealedRecords;
  readonly #limits: SessionLimits;
  readonly #isCutOff: SignInCutoff;
  readonly #now: () => number;
  readonly #refreshing = new Map<string, Promise<SessionRecord | undefined>>();
  readonly #failedAt = new Map<string, number>();
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(records: SealedRecords, limits: SessionLimits, isCutOff: SignInCutoff, now: () => number) {
    this.#records = records;
    this.#limits = limits;
    this.#isCutOff = isCutOff;
    this.#now = now;
  }

  /**
   * Begins a session.
   *
   * @param issuedAt of its access token, in seconds since the epoch
   * @returns its ID, for the cookie: a new one each time, so that an attacker can't choose one
   */
  async begin(app: string, signedIn: SignedIn, issuedAt: number | undefined): Promise<string> {
    const id = newId();
    const now = this.#now();
    const record: SessionRecord = {
      v: 1,
      kind: 'session',
      app,
      createdAt: now,
      usedAt: now,
      ...(issuedAt === undefined ? {} : { issuedAt }),
      ...signedIn,
    };
    const key = digestOf(id);
    await this.#records.set(key, record, this.#timeLeft(record));
    if (signedIn.sid !== undefined) await this.#records.index(signedIn.sid, key, this.#limits.absoluteMs);
    return id;
  }

  /**
   * Finds a session, with an access token that is valid for some minutes more, if Entra gives one.
   *
   * @returns `undefined` for one that has ended
   * @throws UnavailableError where the store does not answer, or the token has expired and Entra does not answer
   */
  async find(id: string, app: string, client: EntraClient): Promise<BrowserSession | undefined> {
    const key = digestOf(id);
    const found = await this.#living(key);
    if (found === undefined || found.app !== app) return undefined;
    const record = await this.#withToken(key, found, client);
    if (record === undefined) return undefined;
    return {
      authorization: `Bearer ${record.accessToken}`,
      endsAt: this.#endOf(record),
      onEnd: (listener) => this.#onEnd(key, listener),
    };
  }

  /** What signing out needs to know of a session. */
  async factsOf(id: string): Promise<Pick<SessionRecord, 'loginHint'> | undefined> {
    return this.#living(digestOf(id));
  }

  /**
   * Has a session end soon, since another one takes its place. What is open for it ends now. An end at once would answer requests that
   * are under way by taking the cookie away, which is the new session's by then.
   */
  async replace(id: string): Promise<void> {
    const key = digestOf(id);
    const record = await this.#living(key);
    if (record === undefined) return;
    const replaced = { ...record, endsAt: Math.min(this.#now() + REPLACED_MS, this.#endOf(record)) };
    await this.#records.replace(key, replaced, this.#timeLeft(replaced));
    this.#tellEnd(key);
  }

  /** Ends a session, and forgets its tokens. */
  async end(id: string): Promise<void> {
    await this.#end(digestOf(id));
  }

  /** Ends all sessions that came from one session of Entra. */
  async endOf(sid: string): Promise<void> {
    for (const key of await this.#records.indexed(sid)) await this.#end(key);
  }

  async #end(key: string): Promise<void> {
    await this.#records.delete('session', key);
    this.#failedAt.delete(key);
    this.#tellEnd(key);
  }

  #tellEnd(key: string): void {
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener();
  }

  async #living(key: string): Promise<SessionRecord | undefined> {
    const record = await this.#records.get('session', key);
    if (record === undefined) return undefined;
    if (this.#timeLeft(record) > 0) return record;
    await this.#end(key);
    return undefined;
  }

  /** For how long a session lasts if no further request comes. */
  #timeLeft(record: SessionRecord): number {
    return Math.min(record.usedAt + this.#limits.idleMs, this.#endOf(record)) - this.#now();
  }

  /** When a session ends, however many requests come. */
  #endOf({ createdAt, endsAt = Number.POSITIVE_INFINITY }: SessionRecord): number {
    return Math.min(createdAt + this.#limits.absoluteMs, endsAt);
  }

  async #withToken(
    key: string,
    record: SessionRecord,
    client: EntraClient,
  ): Promise<SessionRecord | undefined> {
    const now = this.#now();
    const isDue = now >= record.expiresAt - EARLY_MS;
    const isLate = now >= record.expiresAt;
    if (isDue && record.refreshToken !== undefined) {
      const waits = now < (this.#failedAt.get(key) ?? Number.NEGATIVE_INFINITY) + AGAIN_MS;
      if (isLate || !waits) return this.#refreshed(key, record, client);
    }
    if (isLate) {
      // Without a refresh token, the session is as long as its token.
      await this.#end(key);
      return undefined;
    }
    return this.#used(key, record);
  }

  /** Slides the end of a session in the store: a cookie on an answer of the application would be of another's making. */
  async #used(key: string, record: SessionRecord): Promise<SessionRecord | undefined> {
    const now = this.#now();
    if (now - record.usedAt < Math.min(USED_MS, this.#limits.idleMs / 10)) return record;
    const used = { ...record, usedAt: now };
    return (await this.#records.replace(key, used, this.#timeLeft(used))) ? used : undefined;
  }

  /** Renews a session's tokens: however many requests need it at once, Entra is asked once by this process. */
  async #refreshed(
    key: string,
    record: SessionRecord,
    client: EntraClient,
  ): Promise<SessionRecord | undefined> {
    let refreshing = this.#refreshing.get(key);
    if (refreshing === undefined) {
      refreshing = this.#refresh(key, client).finally(() => this.#refreshing.delete(key));
      this.#refreshing.set(key, refreshing);
    }
    try {
      return await refreshing;
    } catch (error) {
      this.#noteFailure(key);
      // The token that is there is good until its end.
      if (this.#now() < record.expiresAt) return record;
      throw error;
    }
  }

  async #refresh(key: string, client: EntraClient): Promise<SessionRecord | undefined> {
    // Another request, or another process, may have renewed it since it was read.
    const record = await this.#living(key);
    if (record === undefined) return undefined;
    const { refreshToken, expiresAt } = record;
    if (refreshToken === undefined || this.#now() < expiresAt - EARLY_MS) return record;
    let signedIn: SignedIn;
    try {
      signedIn = await client.refreshed(refreshToken);
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      await this.#end(key);
      return undefined;
    }
    if (await this.#isCutOff(signedIn.accessToken, record.issuedAt)) {
      await this.#end(key);
      return undefined;
    }
    const renewed: SessionRecord = { ...record, ...signedIn, usedAt: this.#now() };
    this.#failedAt.delete(key);
    // It may have ended meanwhile: then it does not come back.
    return (await this.#records.replace(key, renewed, this.#timeLeft(renewed))) ? renewed : undefined;
  }

  /** The oldest failures come first. Those that no longer count are forgotten, also of sessions that did not come back. */
  #noteFailure(key: string): void {
    const now = this.#now();
    for (const [other, at] of this.#failedAt) {
      if (now < at + AGAIN_MS) break;
      this.#failedAt.delete(other);
    }
    this.#failedAt.delete(key);
    this.#failedAt.set(key, now);
  }

  #onEnd(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    const timer = this.#records.store.shared
      ? setInterval(() => void this.#look(key, listener), WATCH_MS)
      : undefined;
    timer?.unref();
    return () => {
      clearInterval(timer);
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  async #look(key: string, listener: () => void): Promise<void> {
    const record = await this.#living(key).catch(() => 'unknown' as const);
    if (record === undefined) listener();
  }
}
