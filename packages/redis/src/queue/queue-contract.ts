import type { HealthPart } from '@entra-guard/core';

/** Something to do. */
export interface QueueJob {
  /** Jobs with the same key are one job. Up to 100 visible ASCII characters. */
  readonly key: string;
  /** What is known about it; empty for nothing. Replaces what was known, unless it is empty. */
  readonly text: string;
}

/** A job that this process works on. */
export interface TakenQueueJob extends QueueJob {
  /** Proves that the job was not given to another process meanwhile. */
  readonly claim: string;
  /** How often it was taken since it last succeeded; 1 at first. */
  readonly attempts: number;
}

/** The jobs by one name, what is remembered with them, and which process leads. Every method rejects if Redis does not answer in 2 seconds. */
export interface QueueJobs {
  /**
   * Keeps jobs, and resolves when Redis has them. A job that is there becomes due now; one that is worked on at this moment becomes due
   * again afterwards.
   *
   * @param options `urgent`: before jobs that are not
   */
  put(jobs: readonly QueueJob[], options?: { readonly urgent?: boolean }): Promise<void>;
  /** Takes a job that is due. No other process gets it within `forMs` milliseconds. */
  take(forMs: number): Promise<TakenQueueJob | undefined>;
  /**
   * Ends a job that succeeded, or makes it due again after `againIn` milliseconds.
   *
   * @returns whether the claim held; else another process has the job, and nothing happens
   */
  done(job: TakenQueueJob, options?: { readonly againIn?: number | undefined }): Promise<boolean>;
  /**
   * Makes a job that failed due again after so many milliseconds.
   *
   * @returns whether the claim held; else another process has the job, and nothing happens
   */
  retry(job: TakenQueueJob, inMs: number): Promise<boolean>;
  /** How many jobs are due now, and how many are worked on or have failed. */
  count(): Promise<{ readonly waiting: number; readonly tried: number }>;
  /** Returns a text that was remembered. */
  recall(name: string): Promise<string | undefined>;
  /**
   * Remembers a text.
   *
   * @param options `forMs`: for how long, in milliseconds, by the server's clock; `claim`: writes only if this claim leads
   * @returns whether it was written
   */
  remember(
    name: string,
    text: string,
    options?: { readonly forMs?: number; readonly claim?: string },
  ): Promise<boolean>;
  /** Takes the lead, or goes on leading, for so many milliseconds. @returns whether this claim leads */
  lead(claim: string, forMs: number): Promise<boolean>;
  /** Gives the lead back. */
  resign(claim: string): Promise<void>;
}

/** Jobs that the processes of an API share, over Redis. */
export interface RedisQueue {
  readonly shared: true;
  /** Returns the jobs by a name. @throws ConfigurationError for a name that is not 1 to 100 visible ASCII characters */
  open(name: string): QueueJobs;
  /** Whether Redis answered the last command. */
  health(): HealthPart;
  /** Does nothing: there is no connection and no timer of its own. */
  close(): Promise<void>;
}
