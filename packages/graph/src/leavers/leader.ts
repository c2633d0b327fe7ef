import { randomUUID } from 'node:crypto';
import { GraphFailure, reasonOf } from '../graph/graph-failure.js';
import type { Delta } from './delta.js';
import { Due, pauseAfter } from './due.js';
import { LeadLost } from './lead-lost.js';
import { Loop } from './loop.js';
import { readNote, textIn } from './notes.js';
import type { Concern, Notices } from './notices.js';
import type { JobCount, LeaverJobs, TakenJob } from './queue.js';
import type { Subscription } from './subscription.js';

/** For how long a process leads without saying so again, in milliseconds: longer than Graph may take for one answer. */
const LEASE = 15_000;
const RENEWED = 4000;
/** How often it is looked whether there is something to do, in milliseconds. */
const TICK = 500;
/** How often it is looked what other processes have done, in milliseconds. */
const REFRESHED = 4000;
/** For how long a chore belongs to the process that took it, in milliseconds. */
const TAKEN = 60_000;
/** When the subscription is looked at again, in milliseconds. */
const CARED = 60_000;

/** What a leader needs. */
export interface LeaderContext {
  /** Users, what is remembered, and the lead. */
  readonly jobs: LeaverJobs;
  /** What only the leading process does. */
  readonly chores: LeaverJobs;
  readonly delta: Delta;
  readonly subscription: Subscription | undefined;
  readonly notices: Notices;
  readonly now: () => number;
  /** Milliseconds. */
  readonly pollEvery: number;
  /** Users were put into the queue. */
  readonly put: () => void;
}

/**
 * Asks Graph for changes and keeps the subscription alive, in one of the processes that share a queue. Another takes over when that
 * one stops, and within 15 seconds when it dies.
 */
export class Leader {
  readonly #context: LeaderContext;
  readonly #loop = new Loop(TICK, () => this.#step());
  readonly #poll: Due;
  readonly #care: Due;
  readonly #failures = new Map<Concern, number>();
  #claim = randomUUID();
  #leads = false;
  #saidAt = Number.NEGATIVE_INFINITY;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  /** What health says of the processes together. */
  count: JobCount = { waiting: 0, tried: 0 };
  lastPollAt: number | undefined;
  lastPageAt: number | undefined;
  subscriptionEndsAt: number | undefined;

  constructor(context: LeaderContext) {
    this.#context = context;
    this.#poll = new Due(context.now);
    this.#care = new Due(context.now);
  }

  get leads(): boolean {
    return this.#leads;
  }

  start(): void {
    this.#claim = randomUUID();
    this.#saidAt = Number.NEGATIVE_INFINITY;
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** Has changes asked for at once. */
  pollNow(): void {
    this.#poll.in(0);
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    if (!this.#leads) return;
    this.#leads = false;
    // If it fails, the lease ends in some seconds.
    await this.#context.jobs.resign(this.#claim).catch(() => {});
  }

  async #step(): Promise<boolean> {
    try {
      await this.#lead();
      const more = this.#leads && (await this.#work());
      if (performance.now() - this.#refreshedAt >= REFRESHED) await this.#refresh();
      return more;
    } catch (reason) {
      // Who leads is not known; another process may.
      this.#leads = false;
      this.#saidAt = Number.NEGATIVE_INFINITY;
      if (reason instanceof LeadLost) return true;
      this.#context.notices.failed('queue', reasonOf(reason));
      return false;
    }
  }

  async #lead(): Promise<void> {
    const now = performance.now();
    if (now - this.#saidAt < (this.#leads ? RENEWED : 2 * TICK)) return;
    const led = this.#leads;
    this.#leads = await this.#context.jobs.lead(this.#claim, LEASE);
    this.#saidAt = now;
    if (!this.#leads || led) return;
    // What the process before has missed is asked for first.
    this.#poll.in(0);
    this.#care.in(0);
    this.#failures.clear();
  }

  /** Does one thing. @returns whether there may be more */
  async #work(): Promise<boolean> {
    const { chores, subscription } = this.#context;
    const chore = await chores.take(TAKEN);
    if (chore !== undefined) {
      await this.#do(chore);
      return true;
    }
    if (subscription !== undefined && this.#care.isDue) {
      await this.#attempt('subscription', this.#care, async () => {
        await subscription.care(this.#claim);
        await this.#refresh();
        return CARED;
      });
    }
    if (!this.#poll.isDue) return false;
    return this.#attempt('changes', this.#poll, async () => {
      const more = await this.#context.delta.page(this.#claim);
      this.lastPageAt = this.#context.now();
      this.#context.put();
      if (more) return 0;
      await this.#refresh();
      return this.#context.pollEvery;
    });
  }

  /** @param what does it, and says after how many milliseconds it is due again. @returns whether that is at once */
  async #attempt(concern: Concern, due: Due, what: () => Promise<number>): Promise<boolean> {
    const { notices } = this.#context;
    try {
      const wait = await what();
      due.in(wait);
      this.#failures.delete(concern);
      notices.worked(concern);
      return wait === 0;
    } catch (reason) {
      if (!(reason instanceof GraphFailure)) throw reason;
      const failures = (this.#failures.get(concern) ?? 0) + 1;
      this.#failures.set(concern, failures);
      due.in(pauseAfter(failures, reason.retryAfter));
      notices.failed(concern, reasonOf(reason));
      return false;
    }
  }

  /** Does what a lifecycle notification asks for. */
  async #do(job: TakenJob): Promise<void> {
    const { chores, subscription, notices } = this.#context;
    const note = readNote(job.text);
    if (note.state === 'unreadable') notices.unread(note.writer);
    try {
      if (job.key === 'poll') this.#poll.in(0);
      else if (job.key === 'replace') await subscription?.again(this.#claim);
      else if (job.key === 'renew') await subscription?.renew(textIn(note, 'subscription'), this.#claim);
      else notices.unread();
    } catch (reason) {
      if (reason instanceof LeadLost) await chores.retry(job, 0);
      if (!(reason instanceof GraphFailure)) throw reason;
      notices.failed('subscription', reasonOf(reason));
      await chores.retry(job, pauseAfter(job.attempts, reason.retryAfter));
      return;
    }
    await chores.done(job);
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const { jobs, delta, subscription } = this.#context;
    this.#refreshedAt = performance.now();
    this.count = await jobs.count();
    const state = await delta.state();
    this.lastPollAt = state?.at;
    this.lastPageAt = state?.pageAt;
    // The store has lost its data: all users have to be read anew.
    if (state === undefined && this.#leads && !this.#failures.has('changes')) this.#poll.in(0);
    this.subscriptionEndsAt = (await subscription?.known())?.endsAt;
  }
}
