import { type LogEntry, type LogSink, publishEvent } from '@entra-guard/core';
import type { ReplicaState } from '../log/replica.js';
import type { Staleness } from './staleness.js';
import { EVICTION_FIX, reasonOf, whyStale } from './store-health.js';

const MOST_WRITERS = 20;
const STARTING = 2000;

/** Tells operators and auditors what has changed: once for each change, and not for each attempt. */
export class Notices {
  readonly #store: string;
  readonly #now: () => number;
  readonly #log: LogSink;
  readonly #writers = new Set<string>();
  #isLost = false;
  #wasRecovering = false;
  #said: 'starting' | 'current' | 'refuse' | 'accept' = 'starting';
  #staleSince = performance.now();

  /**
   * @param store the name of the store in events
   * @param now in milliseconds since the epoch
   */
  constructor(store: string, log: LogSink, now: () => number) {
    this.#store = store;
    this.#log = log;
    this.#now = now;
  }

  /** The connection was made or lost, or the server has lost its data. */
  connection({ connected, recovering, lastError, complete }: ReplicaState): void {
    if (complete && connected && this.#isLost) {
      this.#isLost = false;
      this.#tell('info', 'Redis is reachable: revocations are current.');
    } else if (complete && !connected && !this.#isLost) {
      this.#isLost = true;
      const cause = lastError === undefined ? {} : { cause: reasonOf(lastError) };
      this.#tell(
        'warn',
        'Redis is unreachable: new revocations of other processes are not known here.',
        cause,
      );
    }
    if (recovering && !this.#wasRecovering) {
      this.#tell(
        'warn',
        'Redis has no data, or has lost it: records are written again by the processes that know them.',
        {
          hint: 'Where this is not the first start, turn on persistence: appendonly yes.',
        },
      );
    }
    this.#wasRecovering = recovering;
  }

  /** Whether callers are refused may have changed. A start that takes a moment is not worth a word. */
  staleness(staleness: Staleness, state: ReplicaState): void {
    const verdict = staleness.stale ? (staleness.refuses ? 'refuse' : 'accept') : 'current';
    const before = this.#said;
    if (
      verdict === before ||
      (before === 'starting' && performance.now() - this.#staleSince < STARTING && staleness.stale)
    ) {
      return;
    }
    this.#said = verdict;
    const [store, time] = [this.#store, this.#now()];
    if (verdict === 'current') {
      if (before === 'starting') return;
      const staleMs = Math.round(performance.now() - this.#staleSince);
      publishEvent('revocation', () => ({ v: 1, time, change: 'fresh', store, staleMs }));
      return;
    }
    if (before === 'current') this.#staleSince = performance.now();
    const reason = whyStale(state);
    publishEvent('revocation', () => ({ v: 1, time, change: 'stale', store, whenStale: verdict, reason }));
    if (verdict === 'refuse') {
      this.#tell('error', 'Revocations are not current: requests are answered 503.', {
        hint: "Make Redis reachable. To let callers in meanwhile, set whenStale to 'accept', or let the function return that.",
      });
    } else {
      this.#tell(
        'error',
        'Revocations are not current: callers are let in whom another process may have revoked.',
        {
          hint: 'Make Redis reachable.',
        },
      );
    }
  }

  /** An entry can't be read. Told once for each release that has written one. */
  unreadable(writer = 'an unknown writer'): void {
    if (this.#writers.has(writer) || this.#writers.size >= MOST_WRITERS) return;
    this.#writers.add(writer);
    this.#tell(
      'error',
      `A revocation was written by ${writer}, and can't be read here: it refuses no caller in this process.`,
      {
        hint: 'Install a release that is at least as new in every process. Health says how many records there are.',
      },
    );
  }

  /** The server may drop records when its memory is full. */
  eviction(policy: string): void {
    this.#tell('error', `Redis has maxmemory-policy ${policy}, and may drop revocations.`, {
      hint: EVICTION_FIX,
    });
  }

  #tell(level: LogEntry['level'], message: string, more: Partial<LogEntry> = {}): void {
    this.#log({ level, event: 'revocations', message, ...more });
  }
}
