import type { HealthPart } from '@entra-guard/core';
import { fillOf } from '@entra-guard/core/revocation';
import { NoEpochError } from '../log/epoch.js';
import type { ReplicaState } from '../log/replica.js';
import type { Staleness } from './staleness.js';

/** What health is told of. */
export interface StoreFacts {
  readonly name: string;
  readonly state: ReplicaState;
  readonly staleness: Staleness;
  readonly entries: number;
  readonly maxEntries: number;
  readonly unreadable: number;
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** By which policy the server may drop records; `undefined` if it does not, or that is not known. */
  readonly eviction: string | undefined;
}

/** What to do about a server that may drop records. */
export const EVICTION_FIX = 'Set maxmemory-policy noeviction.';

/** Returns the health of the store: degraded as soon as something is wrong, down once requests are refused for it. */
export function healthOf(facts: StoreFacts): HealthPart {
  const { name, state, staleness, entries, maxEntries, unreadable } = facts;
  const { staleMs, lastError } = state;
  const base = fillOf(entries, maxEntries, {
    name,
    shared: true,
    unreadable,
    ...(Number.isFinite(staleMs) ? { staleMs: Math.floor(staleMs) } : {}),
  });
  const told = lastError === undefined ? base : { ...base, lastError: reasonOf(lastError) };
  const problem = problemOf(facts);
  if (problem === undefined) return told;
  return { ...told, status: staleness.refuses ? 'down' : 'degraded', message: problem };
}

function problemOf({ state, staleness, unreadable, maxStaleness, eviction }: StoreFacts): string | undefined {
  if (staleness.stale) return `${whyStale(state)} ${verdictOf(staleness)}`;
  if (!state.connected) {
    const left = Math.max(0, Math.ceil((maxStaleness - state.staleMs) / 1000));
    return `Redis is unreachable. The records that were read last are used for ${left} s more.`;
  }
  if (state.recovering) return 'Redis has lost its data. Processes write again what they know.';
  if (state.waiting > 0) return `${state.waiting} entries of this process are not in Redis yet.`;
  if (unreadable > 0) {
    return `${unreadable} records can't be read by this release, and refuse no caller here. Install the release that wrote them.`;
  }
  if (eviction !== undefined) {
    return `Redis may drop revocations when its memory is full: maxmemory-policy is ${eviction}. ${EVICTION_FIX}`;
  }
  return undefined;
}

/** Why records are stale, in one sentence or two. */
export function whyStale({ complete, lastError, recovering }: ReplicaState): string {
  if (complete) return 'Redis has been unreachable for longer than maxStaleness.';
  if (lastError instanceof NoEpochError) return lastError.message;
  if (recovering) return 'Redis is empty. For 5 seconds, other processes may write again what they know.';
  return 'The records were not read yet.';
}

function verdictOf(staleness: Staleness): string {
  return staleness.refuses
    ? 'Requests are answered 503.'
    : 'Callers are let in whom no known record refuses, as whenStale says.';
}

/** The words of an error. Errors of clients hold addresses and no passwords. */
export function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message || error.name : String(error);
  return words.replace(/\s+/g, ' ').slice(0, 300);
}
