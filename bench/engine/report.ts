import type { RowResult } from './row.js';

/** All that a run found; the pages are made from it and from nothing else. */
export interface Report {
  readonly machine: readonly string[];
  /** How each contender is set up. */
  readonly setups: { readonly [contender: string]: string };
  readonly rows: readonly RowResult[];
}
