/** The state of one document of an authority. Times are milliseconds since the epoch. */
export interface KeySourceState {
  readonly url: string;
  readonly document: 'metadata' | 'keys';
  /** When it was last read. */
  readonly fetchedAt: number | undefined;
  /** Until when the loaded copy stays in use if it can't be refreshed. */
  readonly trustedUntil: number | undefined;
  /** Why the last attempt failed; `undefined` after a success. */
  readonly lastError: string | undefined;
  /** After a failure: no attempt is made before this time. */
  readonly retryAt: number | undefined;
  /** Whether it was never read, or is due for a refresh. */
  readonly stale: boolean;
}

/** The state of a validator, for health checks and dashboards. */
export interface ValidatorState {
  /** Metadata and key sets that have been asked for. */
  readonly sources: readonly KeySourceState[];
  /** IDs of the loaded signing keys. */
  readonly keyIds: readonly string[];
  readonly closed: boolean;
}
