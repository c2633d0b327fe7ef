import type { Aim } from './aim.js';
import type { LocalAuthority } from './local-authority.js';
import type { Settings } from './settings.js';
import type { Spread } from './statistics.js';

/** One contender's figures. */
export interface Figure {
  readonly contender: string;
  readonly value: Spread;
  /** To the row's reference, round by round. */
  readonly ratio?: Spread;
  /** What else was counted: `cpu`, `modules`. */
  readonly beside?: { readonly [name: string]: number };
}

/** What a measure found. */
export interface RowResult {
  readonly row: string;
  readonly title: string;
  /** Of the figures: `tokens/s`, `requests/s`, `ms`. */
  readonly unit: string;
  /** What the ratios are to. */
  readonly reference?: string;
  readonly figures: readonly Figure[];
  readonly aims: readonly Aim[];
  readonly notes: readonly string[];
}

/** One measure of the table, or a few that are taken on the way. */
export interface Row {
  readonly name: string;
  /** Whether it is part of the short form. */
  readonly short: boolean;
  run(bench: Bench): Promise<readonly RowResult[]>;
}

/** What the rows share. */
export interface Bench {
  readonly settings: Settings;
  readonly authority: LocalAuthority;
  /** How a contender is set up, for the notes. */
  readonly setups: Map<string, string>;
  say(line: string): void;
}
