/** How one document of an authority stands. Times are milliseconds since the epoch. */
export interface KeySourceState {
  readonly url: string;
  readonly document: 'metadata' | 'keys';
  /** When it was last read. */
  readonly fetchedAt: number | undefined;
  /** Until when the copy at hand serves if it can't be refreshed. */
  readonly trustedUntil: number | undefined;
  /** Why the last attempt failed; `undefined` after a success. */
  readonly lastError: string | undefined;
  /** No attempt before this time, after a failure. */
  readonly retryAt: number | undefined;
  /** Never read, or due for a refresh. */
  readonly stale: boolean;
}

/** How a validator stands; for health checks and dashboards. */
export interface ValidatorState {
  /** Metadata and key sets that have been asked for. */
  readonly sources: readonly KeySourceState[];
  /** IDs of the signing keys at hand. */
  readonly keyIds: readonly string[];
  readonly closed: boolean;
}
