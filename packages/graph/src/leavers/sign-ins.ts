import { noteOf, numberIn, readNote } from './notes.js';
import type { OwnRecords } from './own-records.js';
import type { LeaverJobs } from './queue.js';

/**
 * Since when the sign-ins of each user are valid, as far as it was seen. Forgotten once no token from before can be valid: from then
 * on nothing depends on it.
 */
export class SignIns {
  readonly #jobs: LeaverJobs;
  readonly #records: OwnRecords;

  constructor(jobs: LeaverJobs, records: OwnRecords) {
    this.#jobs = jobs;
    this.#records = records;
  }

  /** Whether a time is later than what was seen, and tokens from before may be valid. */
  async isNews(user: string, validFrom: number): Promise<boolean> {
    return this.#records.cutoffLasts(validFrom) > 0 && validFrom > ((await this.seen(user)) ?? 0);
  }

  /** The latest time that was seen, in milliseconds since the epoch. What can't be read counts as unseen: a cutoff is then set again. */
  async seen(user: string): Promise<number | undefined> {
    return numberIn(readNote(await this.#jobs.recall(nameFor(user))), 'validFrom');
  }

  async remember(user: string, validFrom: number): Promise<void> {
    const forMs = this.#records.cutoffLasts(validFrom);
    if (forMs > 0) await this.#jobs.remember(nameFor(user), noteOf({ validFrom }), { forMs });
  }
}

function nameFor(user: string): string {
  return `sign-ins:${user}`;
}
