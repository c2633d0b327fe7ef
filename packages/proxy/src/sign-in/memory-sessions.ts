import { type HealthPart, UnavailableError } from '@entra-guard/core';
import { isAttempt } from './sealed-records.js';
import type { SessionStore } from './session-store.js';

/** Options of {@link memorySessions}. */
export interface MemorySessionsOptions {
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /**
   * Most entries of sessions: a session is one or two. As many sign-ins can have begun, in addition: each is one entry for ten minutes.
   * Default 50,000.
   */
  readonly maxEntries?: number;
}

type Value = string | Set<string>;

interface Entry {
  readonly value: Value;
  readonly until: number;
}

/**
 * Keeps sessions in this process: they end with it, and other processes do not see them.
 *
 * Where it is full of sessions, no further one begins (503), and those that are there go on. Where too many sign-ins have begun, the
 * earliest is forgotten: its person has to begin again.
 */
export function memorySessions({
  now = Date.now,
  maxEntries = 50_000,
}: MemorySessionsOptions = {}): SessionStore {
  const sessions = new Map<string, Entry>();
  const attempts = new Map<string, Entry>();
  // A sign-in that has only begun may not take the room of a session.
  const entriesFor = (key: string) => (isAttempt(key) ? attempts : sessions);
  const find = (key: string): Value | undefined => {
    const entries = entriesFor(key);
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (now() < entry.until) return entry.value;
    entries.delete(key);
    return undefined;
  };
  const textAt = (key: string): string | undefined => {
    const value = find(key);
    return typeof value === 'string' ? value : undefined;
  };
  const makeRoomFor = (key: string): void => {
    const entries = entriesFor(key);
    if (entries.has(key) || entries.size < maxEntries) return;
    if (isAttempt(key)) {
      // Entries stand in the order in which they came.
      const [earliest] = entries.keys();
      entries.delete(earliest as string);
      return;
    }
    for (const each of entries.keys()) find(each);
    if (entries.size >= maxEntries) throw full(maxEntries);
  };
  const put = (key: string, value: Value, ttlMs: number): void => {
    makeRoomFor(key);
    entriesFor(key).set(key, { value, until: now() + ttlMs });
  };
  return Object.freeze({
    shared: false,
    get: async (key: string) => textAt(key),
    set: async (key: string, value: string, ttlMs: number) => put(key, value, ttlMs),
    async replace(key: string, value: string, ttlMs: number) {
      if (textAt(key) === undefined) return false;
      put(key, value, ttlMs);
      return true;
    },
    async take(key: string) {
      const value = textAt(key);
      entriesFor(key).delete(key);
      return value;
    },
    async delete(key: string) {
      entriesFor(key).delete(key);
    },
    async add(index: string, member: string, ttlMs: number) {
      const known = find(index);
      const until = known === undefined ? 0 : (entriesFor(index).get(index)?.until ?? 0);
      const members = new Set(known instanceof Set ? known : []);
      put(index, members.add(member), Math.max(ttlMs, until - now()));
    },
    async members(index: string) {
      const known = find(index);
      return known instanceof Set ? [...known] : [];
    },
    health(): HealthPart {
      const facts = { part: 'sessions', name: 'memory', shared: false, entries: sessions.size } as const;
      return sessions.size < maxEntries
        ? { ...facts, status: 'up', message: 'Sessions are in this process.' }
        : { ...facts, status: 'degraded', message: 'No further sign-in fits.' };
    },
    async close() {
      sessions.clear();
      attempts.clear();
    },
  });
}

function full(maxEntries: number): UnavailableError {
  return new UnavailableError({
    part: 'sessions',
    message: `There are ${maxEntries} entries in the memory of sessions.`,
    hint: 'Keep sessions in a Redis: sessions.store of the policy.',
    retryAfter: 30,
  });
}
