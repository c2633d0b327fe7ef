/** Something to look at. */
export interface LeaverJob {
  /** Jobs with the same key are one job. Up to 100 visible ASCII characters. */
  readonly key: string;
  /** What is known about it; empty for nothing. Replaces what was known, unless it is empty. */
  readonly text: string;
}

/** A job that this process works on. */
export interface TakenJob extends LeaverJob {
  /** Proves that the job was not given to another process meanwhile. */
  readonly claim: string;
  /** How often it was taken since it last succeeded; 1 at first. */
  readonly attempts: number;
}

/** How many jobs there are. */
export interface JobCount {
  /** Due now. */
  readonly waiting: number;
  /** Being worked on, or failed and to be tried again. */
  readonly tried: number;
}

/** How {@link LeaverJobs.remember} keeps a text. */
export interface RememberOptions {
  /** For how long, in milliseconds. Default: for ever. */
  readonly forMs?: number;
  /** Writes only if this claim leads, so that a process that has lost the lead changes nothing. */
  readonly claim?: string;
}

/** The jobs of one feed, what it remembers, and which process leads. Every method rejects if the store can't be reached. */
export interface LeaverJobs {
  /**
   * Keeps jobs, and resolves when they are kept. A job that is there becomes due now; one that is worked on at this moment becomes due
   * again afterwards.
   *
   * @param options `urgent`: before jobs that are not
   */
  put(jobs: readonly LeaverJob[], options?: { readonly urgent?: boolean }): Promise<void>;
  /** Takes a job that is due. No other process gets it within `forMs` milliseconds. */
  take(forMs: number): Promise<TakenJob | undefined>;
  /**
   * Ends a job that succeeded, or makes it due again after `againIn` milliseconds.
   *
   * @returns whether the claim held; else another process has the job, and nothing happens
   */
  done(job: TakenJob, options?: { readonly againIn?: number | undefined }): Promise<boolean>;
  /**
   * Makes a job that failed due again after so many milliseconds.
   *
   * @returns whether the claim held; else another process has the job, and nothing happens
   */
  retry(job: TakenJob, inMs: number): Promise<boolean>;
  count(): Promise<JobCount>;
  /** Returns a text that was remembered. */
  recall(name: string): Promise<string | undefined>;
  /** Remembers a text. @returns whether it was written */
  remember(name: string, text: string, options?: RememberOptions): Promise<boolean>;
  /** Takes the lead, or goes on leading, for so many milliseconds. @returns whether this claim leads */
  lead(claim: string, forMs: number): Promise<boolean>;
  /** Gives the lead back. */
  resign(claim: string): Promise<void>;
}

/** Where feeds keep their jobs: in memory by default, or `redisQueue(...)` of `@entra-guard/redis` for several processes. */
export interface LeaverQueue {
  /** Whether other processes share the jobs. */
  readonly shared: boolean;
  /** Returns the jobs by a name, which all processes with the same feed use. */
  open(name: string): LeaverJobs;
  /** Ends timers. Idempotent. */
  close(): Promise<void>;
}
