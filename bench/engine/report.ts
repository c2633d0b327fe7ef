import type { RowResult } from './row.js';

/** All that a run found; the pages are made from such reports, one for each major version of Node, and from nothing else. */
export interface Report {
  /** The version of Node that it was measured on. */
  readonly node: string;
  readonly machine: readonly string[];
  /** How each contender is set up. */
  readonly setups: { readonly [contender: string]: string };
  readonly rows: readonly RowResult[];
}
