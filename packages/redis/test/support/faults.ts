import { appendFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { type AuthContext, type HealthPart, UnavailableError } from '@entra-guard/core';
import { expect, it } from 'vitest';
import { caller, type StartedStore } from './stores.js';

/** What is done to Redis or to a process, and from when until when it heals. In the order of docs/revocation-faults.md. */
export const FAULTS = {
  'Redis is down when a process starts': 'from the start of Redis until the process lets callers in',
  "Redis is down when a process starts, `whenStale: 'accept'`":
    'from the start of the process until `ready()` goes on without Redis; `startTimeout` is 3 s',
  'Redis is lost for a while':
    'from the start of Redis until the other process refuses whom this one has revoked meanwhile',
  'Redis is lost for longer than `maxStaleness`': 'from the start of Redis until the process lets callers in',
  '`CLIENT KILL` of all connections, 100 times':
    'from the last `CLIENT KILL` until the other process has all records',
  'Redis is started again with its data': 'from the start of Redis until both processes are healthy',
  'Redis is started again without its data':
    'from the start of Redis until a process that knows nothing lets callers in',
  '`FLUSHALL`': 'from the command until Redis has all records and liftings again',
  'Redis is empty, and no process knows a record': 'from the start of the process until it lets callers in',
  'A connection is half-open: it forwards nothing more': 'from `revoke` elsewhere until it is refused here',
  'The stream is trimmed before it is read': 'from the trimming until all records are refused here',
  'Sentinel fails over to a replica that lacks the last record':
    'from the end of the old server until both processes are healthy',
  'Two processes revoke and lift at once': 'from the last call until both have the same records',
  'The clock of one process is 5 minutes behind':
    'from the first `revoke` until all processes refuse both callers',
  'The clock of one process is 5 minutes ahead':
    'from the first `revoke` until all processes refuse both callers',
  'The clock of one process is 3 years ahead':
    'from its `revoke` until a process that starts refuses both callers',
  'A process raises `longestToken`': 'from its start until Redis has the later end of the record',
  'A newer release writes a new kind of target, and an older one to fall back on':
    'from writing until the older release refuses the caller',
  "A newer release writes a record that an older one can't read":
    'from writing until the health of the older release says so; it refuses the caller once it is updated',
} as const;

export type Fault = keyof typeof FAULTS;

/** Faults whose tests run only with `ENTRA_GUARD_FULL=1`. */
export const ONLY_FULL: readonly Fault[] = ['Sentinel fails over to a replica that lacks the last record'];

/** How often callers were refused with 401, refused with 503, and let in. */
export interface Answers {
  revoked: number;
  unavailable: number;
  accepted: number;
}

/** What a test of a fault has seen. One line of JSON in the file that `ENTRA_GUARD_FAULT_TABLE` names. */
export interface Observation {
  readonly fault: Fault;
  readonly client: string;
  /** Callers whom the process has to refuse. */
  readonly known: Answers;
  /** Callers whom another process has revoked, which this one can't know yet. */
  readonly unknown: Answers;
  /** Callers who are not revoked. */
  readonly others: Answers;
  /** Each status that `health()` had. */
  readonly health: readonly HealthStatus[];
  readonly healedMs: number;
  /** How many processes wanted a core meanwhile, over a minute: what is slow may be the machine. */
  readonly load: number;
}

export type HealthStatus = HealthPart['status'];
type Group = 'known' | 'unknown' | 'others';

interface Asked {
  readonly store: StartedStore;
  readonly person: number;
  readonly auth: AuthContext;
}

const EVERY = 10;

/**
 * Asks processes about callers every few milliseconds for as long as a fault lasts: a test that asks at the end does not see a caller
 * who gets in for a moment.
 */
export class FaultWatch {
  readonly #asked: Record<Group, Asked[]> = { known: [], unknown: [], others: [] };
  readonly #seen: Record<Group, Answers> = { known: none(), unknown: none(), others: none() };
  readonly #health = new Set<HealthStatus>();
  readonly #timer = setInterval(() => this.#look(), EVERY);
  #begun = Number.NaN;
  #healed = Number.NaN;

  /**
   * From now on, the process has to refuse these people: it knows why, or does not know yet whom to let in.
   *
   * @param issued when their tokens were issued, in milliseconds since the epoch
   */
  mustRefuse(store: StartedStore, people: readonly number[], issued?: number): void {
    this.#asked.unknown = this.#asked.unknown.filter(
      (asked) => asked.store !== store || !people.includes(asked.person),
    );
    this.#add('known', store, people, issued);
  }

  /** These people were revoked elsewhere, which this process can't know yet. Until `mustRefuse` or `healed`. */
  notKnown(store: StartedStore, people: readonly number[]): void {
    this.#add('unknown', store, people);
  }

  /** These people are not revoked. */
  others(store: StartedStore, people: readonly number[]): void {
    this.#add('others', store, people);
  }

  /** The time to heal begins. */
  begins(): void {
    this.#begun = performance.now();
  }

  /** The time to heal is over. */
  healed(): void {
    this.#healed = performance.now();
    this.#asked.unknown = [];
  }

  /** Returns what was seen. Fails if a caller was let in whom the process had to refuse. */
  result(fault: Fault, client: string): Observation {
    this.#look();
    const healedMs = Math.round(this.#healed - this.#begun);
    expect(this.#seen.known.accepted).toBe(0);
    expect(healedMs).toBeGreaterThanOrEqual(0);
    return { fault, client, ...this.#seen, health: [...this.#health], healedMs, load: loadavg()[0] ?? 0 };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #add(group: Group, store: StartedStore, people: readonly number[], issued?: number): void {
    for (const person of people) this.#asked[group].push({ store, person, auth: caller(person, issued) });
    this.#look();
  }

  #look(): void {
    const stores = new Set<StartedStore>();
    for (const group of ['known', 'unknown', 'others'] as const) {
      for (const { store, auth } of this.#asked[group]) {
        this.#seen[group][answer(store, auth)]++;
        stores.add(store);
      }
    }
    for (const { revocations } of stores) this.#health.add(revocations.health().status);
  }
}

function answer({ revocations }: StartedStore, auth: AuthContext): keyof Answers {
  try {
    return revocations.find(auth) === undefined ? 'accepted' : 'revoked';
  } catch (error) {
    if (UnavailableError.is(error)) return 'unavailable';
    throw error;
  }
}

function none(): Answers {
  return { revoked: 0, unavailable: 0, accepted: 0 };
}

/**
 * Tests a fault, which is a row of docs/revocation-faults.md: a fault without a row does not compile.
 *
 * @param client the name of the client
 * @param title what holds meanwhile
 * @param timeout milliseconds
 */
export function testFault(
  fault: Fault,
  client: string,
  title: string,
  test: (watch: FaultWatch) => Promise<void>,
  timeout = 60_000,
): void {
  it.concurrent(
    title,
    async () => {
      const watch = new FaultWatch();
      try {
        await test(watch);
        const seen = watch.result(fault, client);
        const file = process.env.ENTRA_GUARD_FAULT_TABLE;
        if (file !== undefined) appendFileSync(file, `${JSON.stringify(seen)}\n`);
      } finally {
        watch.stop();
      }
    },
    timeout,
  );
}
