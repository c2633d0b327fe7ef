import { type HealthPart, UnavailableError } from '@entra-guard/core';
import type { SessionStore } from './session-store.js';

/** Options of {@link memorySessions}. */
export interface MemorySessionsOptions {
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** Most entries: a session is one or two, and a sign-in that has begun is one for ten minutes. Default 50,000. */
  readonly maxEntries?: number;
}

interface Entry {
  readonly value: string | Set<string>;
  readonly until: number;
}

/**
 * Keeps sessions in this process: they end with it, and other processes do not see them.
 *
 * Where it is full, no further sign-in begins (503), and sessions that are there go on.
 */
export function memorySessions({
  now = Date.now,
  maxEntries = 50_000,
}: MemorySessionsOptions = {}): SessionStore {
  const entries = new Map<string, Entry>();
  const find = (key: string): Entry['value'] | undefined => {
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
  const put = (key: string, value: Entry['value'], ttlMs: number): void => {
    if (!entries.has(key) && entries.size >= maxEntries) {
      for (const each of entries.keys()) find(each);
      if (entries.size >= maxEntries) throw full(maxEntries);
    }
    entries.set(key, { value, until: now() + ttlMs });
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
      entries.delete(key);
      return value;
    },
    async delete(key: string) {
      entries.delete(key);
    },
    async add(index: string, member: string, ttlMs: number) {
      const known = find(index);
      const until = known === undefined ? 0 : (entries.get(index)?.until ?? 0);
      const members = new Set(known instanceof Set ? known : []);
      put(index, members.add(member), Math.max(ttlMs, until - now()));
    },
    async members(index: string) {
      const known = find(index);
      return known instanceof Set ? [...known] : [];
    },
    health(): HealthPart {
      const facts = { part: 'sessions', name: 'memory', shared: false, entries: entries.size } as const;
      return entries.size < maxEntries
        ? { ...facts, status: 'up', message: 'Sessions are in this process.' }
        : { ...facts, status: 'degraded', message: 'No further sign-in fits.' };
    },
    async close() {
      entries.clear();
    },
  });
}

function full(maxEntries: number): UnavailableError {
  return new UnavailableError({
    part: 'sessions',
    message: `There are ${maxEntries} entries in the memory of sessions.`,
    hint: 'Keep sessions in a Redis: sessions.store of the policy. Many sign-ins that begin and do not end may be an attack.',
    retryAfter: 30,
  });
}
