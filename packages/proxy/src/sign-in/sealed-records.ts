import { createHash } from 'node:crypto';
import { type KeyRing, type LogSink, UnavailableError } from '@entra-guard/core';
import { limitedLog } from '@entra-guard/core/assertion';
import { sealingOf } from '@entra-guard/core/downstream';
import { openEntry, sealEntry } from '@entra-guard/downstream/sign-in';
import { type AttemptRecord, readRecord, type SessionRecord } from './records.js';
import type { SessionStore } from './session-store.js';

type RecordOf<Kind> = Kind extends 'session' ? SessionRecord : AttemptRecord;
type Kind = 'session' | 'attempt';

/** The SHA-256 of what a browser holds: the store, and who reads it, can't sign in with that. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/**
 * Records of sessions and of sign-ins in a store: sealed with AES-256-GCM, each for its own place, so that no entry is of use in the
 * place of another. What can't be opened is not there, and the log says so.
 */
export class SealedRecords {
  readonly store: SessionStore;
  readonly #sealing: ReturnType<typeof sealingOf>;
  readonly #keyId: string;
  readonly #warn: (state: string) => void;

  constructor(store: SessionStore, ring: KeyRing, log: LogSink | false) {
    this.store = store;
    this.#sealing = sealingOf('sessions.keys', ring);
    this.#keyId = ring.ids[0] as string;
    const write = limitedLog(log, Date.now);
    this.#warn = (state) =>
      write({
        level: 'warn',
        event: 'configuration',
        message: `A session in the store can't be opened (${state}), and counts as ended.`,
        hint: 'Give all processes the same sessions.keys, and keep a former key for as long as sessions live. If they are the same, the store was changed from outside.',
      });
  }

  /** @throws UnavailableError if the store fails */
  async get<K extends Kind>(kind: K, key: string): Promise<RecordOf<K> | undefined> {
    const place = placeOf(kind, key);
    return this.#open(kind, place, await this.#ask(() => this.store.get(place)));
  }

  async take<K extends Kind>(kind: K, key: string): Promise<RecordOf<K> | undefined> {
    const place = placeOf(kind, key);
    return this.#open(kind, place, await this.#ask(() => this.store.take(place)));
  }

  async set(key: string, record: SessionRecord | AttemptRecord, ttlMs: number): Promise<void> {
    const place = placeOf(record.kind, key);
    await this.#ask(() => this.store.set(place, this.#seal(place, record), ttlMs));
  }

  /** @returns whether the record was there: what has ended does not come back */
  async replace(key: string, record: SessionRecord, ttlMs: number): Promise<boolean> {
    const place = placeOf(record.kind, key);
    return this.#ask(() => this.store.replace(place, this.#seal(place, record), ttlMs));
  }

  async delete(kind: Kind, key: string): Promise<void> {
    await this.#ask(() => this.store.delete(placeOf(kind, key)));
  }

  /** Remembers that a session came from this session of Entra. */
  async index(sid: string, key: string, ttlMs: number): Promise<void> {
    await this.#ask(() => this.store.add(`sid:${digestOf(sid)}`, key, ttlMs));
  }

  async indexed(sid: string): Promise<readonly string[]> {
    return this.#ask(() => this.store.members(`sid:${digestOf(sid)}`));
  }

  #seal(place: string, record: object): string {
    return sealEntry(this.#sealing, this.#keyId, place, JSON.stringify(record)).toString('base64url');
  }

  #open<K extends Kind>(kind: K, place: string, text: string | undefined): RecordOf<K> | undefined {
    if (text === undefined) return undefined;
    const opened = openEntry(this.#sealing, place, Buffer.from(text, 'base64url'));
    const record = opened.state === 'opened' ? readRecord(kind, opened.text) : undefined;
    if (record === undefined) this.#warn(opened.state === 'opened' ? 'version' : opened.state);
    return record;
  }

  async #ask<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (UnavailableError.is(error)) throw error;
      throw new UnavailableError({
        part: 'sessions',
        message: 'The store of sessions does not answer.',
        hint: 'See its health, and sessions.store of the policy.',
        retryAfter: 5,
        cause: error,
      });
    }
  }
}

/** Whether an entry is a sign-in that has begun: anyone can begin one. */
export const isAttempt = (place: string): boolean => place.startsWith(placeOf('attempt', ''));

const placeOf = (kind: Kind, key: string): string => `${kind}:${key}`;
