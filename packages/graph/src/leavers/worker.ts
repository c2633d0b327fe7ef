import { reasonOf, retryAfterOf } from '../graph/graph-failure.js';
import { isGuid } from '../graph/guid.js';
import { Due, pauseAfter } from './due.js';
import type { Look, Told } from './look.js';
import { Loop } from './loop.js';
import { readNote } from './notes.js';
import type { Notices } from './notices.js';
import type { LeaverJobs, TakenJob } from './queue.js';

/** How many users are looked at side by side. */
const SIDE_BY_SIDE = 4;
/** For how long a job belongs to the process that took it, in milliseconds: longer than Graph and Redis may take. */
const TAKEN = 30_000;
/** How often the queue is asked, in milliseconds. What this process puts there is taken at once. */
const TICK = 500;
/** When a job that can't be read is looked at again, in milliseconds. */
const UNREADABLE = 300_000;

/** What a worker needs. */
export interface WorkerContext {
  readonly jobs: LeaverJobs;
  readonly look: Look;
  readonly notices: Notices;
  readonly now: () => number;
}

/** Takes users from the queue, and looks at them. Every process does. */
export class Worker {
  readonly #context: WorkerContext;
  readonly #loop = new Loop(TICK, () => this.#step());
  readonly #working = new Set<Promise<void>>();
  /** Graph has asked for a pause. */
  readonly #pause: Due;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#pause = new Due(context.now);
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** Ends it. Resolves when the jobs of this moment are back in the queue, or done. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.all(this.#working);
  }

  async #step(): Promise<boolean> {
    if (this.#working.size >= SIDE_BY_SIDE || !this.#pause.isDue) return false;
    const { jobs, notices } = this.#context;
    try {
      const job = await jobs.take(TAKEN);
      notices.worked('queue');
      if (job === undefined) return false;
      const working = this.#work(job).finally(() => {
        this.#working.delete(working);
        this.#loop.wake();
      });
      this.#working.add(working);
      return true;
    } catch (reason) {
      notices.failed('queue', reasonOf(reason));
      return false;
    }
  }

  async #work(job: TakenJob): Promise<void> {
    try {
      await this.#lookAt(job);
    } catch (reason) {
      // Neither done nor put back: it is due again when the claim ends.
      this.#context.notices.failed('queue', reasonOf(reason));
    }
  }

  async #lookAt(job: TakenJob): Promise<void> {
    const { jobs, look, notices } = this.#context;
    const note = readNote(job.text);
    if (note.state === 'unreadable') notices.unread(note.writer);
    if (!isGuid(job.key)) {
      notices.unread(note.state === 'unreadable' ? note.writer : undefined);
      await jobs.retry(job, UNREADABLE);
      return;
    }
    const told = note.state === 'read' ? toldIn(note.facts.told) : undefined;
    const kept = await look.at(job.key, told).then(
      (againIn) => {
        notices.worked('users');
        return jobs.done(job, { againIn });
      },
      (reason: unknown) => {
        notices.failed('users', reasonOf(reason));
        const retryAfter = retryAfterOf(reason);
        if (retryAfter !== undefined) this.#pause.in(retryAfter);
        return jobs.retry(job, pauseAfter(job.attempts, retryAfter));
      },
    );
    // This process was suspended, and another has looked meanwhile: what was done last was done by the older answer.
    if (!kept) await jobs.put([{ key: job.key, text: '' }], { urgent: true });
  }
}

function toldIn(told: unknown): Told | undefined {
  return told === 'removed' || told === 'disabled' ? told : undefined;
}
