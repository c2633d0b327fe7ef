import { randomUUID } from 'node:crypto';
import type { JobCount, LeaverJob, LeaverJobs, LeaverQueue, RememberOptions, TakenJob } from './queue.js';

/** How much earlier than others an urgent job counts as due, in milliseconds. */
const URGENT = 86_400_000;
/** After how many texts those that have ended are removed. */
const SWEEP = 1000;

interface Entry {
  text: string;
  due: number;
  attempts: number;
  claim: string | undefined;
  /** It was put again while it was worked on. */
  again: boolean;
}

/**
 * Keeps the jobs of leaver feeds in this process: for APIs that run as one. They are lost when it ends; the next one reads all users
 * anew. To share them, use `redisQueue(...)` of `@entra-guard/redis`.
 *
 * @param options `now`: milliseconds since the epoch, default `Date.now`
 */
export function memoryQueue(options: { readonly now?: () => number } = {}): LeaverQueue {
  const { now = () => Date.now() } = options;
  const opened = new Map<string, MemoryJobs>();
  return {
    shared: false,
    open: (name) => {
      const jobs = opened.get(name) ?? new MemoryJobs(now);
      opened.set(name, jobs);
      return jobs;
    },
    close: async () => {},
  };
}

class MemoryJobs implements LeaverJobs {
  readonly #now: () => number;
  readonly #jobs = new Map<string, Entry>();
  readonly #texts = new Map<string, { readonly text: string; readonly until: number }>();
  #lease = { claim: '', until: Number.NEGATIVE_INFINITY };
  #sweepAt = SWEEP;

  constructor(now: () => number) {
    this.#now = now;
  }

  async put(jobs: readonly LeaverJob[], { urgent = false } = {}): Promise<void> {
    const now = this.#now();
    for (const { key, text } of jobs) {
      const there = this.#jobs.get(key);
      const due = urgent ? now - URGENT : now;
      if (there === undefined) {
        this.#jobs.set(key, { text, due, attempts: 0, claim: undefined, again: false });
        continue;
      }
      if (text !== '') there.text = text;
      if (there.claim !== undefined && there.due > now) there.again = true;
      else there.due = Math.min(there.due, due);
    }
  }

  async take(forMs: number): Promise<TakenJob | undefined> {
    const now = this.#now();
    let first: [string, Entry] | undefined;
    for (const one of this.#jobs)
      if (one[1].due <= now && one[1].due < (first?.[1].due ?? Infinity)) first = one;
    if (first === undefined) return undefined;
    const [key, entry] = first;
    const claim = randomUUID();
    Object.assign(entry, { claim, due: now + forMs, again: false, attempts: entry.attempts + 1 });
    return { key, text: entry.text, claim, attempts: entry.attempts };
  }

  async done(job: TakenJob, options: { readonly againIn?: number | undefined } = {}): Promise<boolean> {
    const entry = this.#claimed(job);
    if (entry === undefined) return false;
    const { againIn } = options;
    entry.attempts = 0;
    if (entry.text === job.text) entry.text = '';
    if (entry.again) entry.due = this.#now();
    else if (againIn !== undefined) entry.due = this.#now() + againIn;
    else this.#jobs.delete(job.key);
    return true;
  }

  async retry(job: TakenJob, inMs: number): Promise<boolean> {
    const entry = this.#claimed(job);
    if (entry === undefined) return false;
    entry.due = this.#now() + (entry.again ? 0 : inMs);
    return true;
  }

  async count(): Promise<JobCount> {
    const now = this.#now();
    const all = [...this.#jobs.values()];
    return {
      waiting: all.filter(({ due }) => due <= now).length,
      tried: all.filter(({ attempts }) => attempts > 0).length,
    };
  }

  async recall(name: string): Promise<string | undefined> {
    const there = this.#texts.get(name);
    return there === undefined || there.until <= this.#now() ? undefined : there.text;
  }

  async remember(
    name: string,
    text: string,
    { forMs = Infinity, claim }: RememberOptions = {},
  ): Promise<boolean> {
    if (claim !== undefined && !this.#leads(claim)) return false;
    this.#texts.set(name, { text, until: this.#now() + forMs });
    if (this.#texts.size > this.#sweepAt) this.#sweep();
    return true;
  }

  async lead(claim: string, forMs: number): Promise<boolean> {
    const now = this.#now();
    if (this.#lease.until > now && this.#lease.claim !== claim) return false;
    this.#lease = { claim, until: now + forMs };
    return true;
  }

  async resign(claim: string): Promise<void> {
    if (this.#lease.claim === claim) this.#lease = { claim: '', until: Number.NEGATIVE_INFINITY };
  }

  #leads(claim: string): boolean {
    return this.#lease.claim === claim && this.#lease.until > this.#now();
  }

  #claimed({ key, claim }: TakenJob): Entry | undefined {
    const entry = this.#jobs.get(key);
    if (entry?.claim !== claim) return undefined;
    entry.claim = undefined;
    return entry;
  }

  #sweep(): void {
    const now = this.#now();
    for (const [name, { until }] of this.#texts) if (until <= now) this.#texts.delete(name);
    this.#sweepAt = this.#texts.size + SWEEP;
  }
}
