import { type Duration, type DurationRange, secondsOf } from '../base/duration.js';
import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { fn } from '../options/option-readers.js';
import type { RecordLimits } from './ends.js';

/** Options of every store of revocations. */
export interface RevocationOptions {
  /**
   * The longest accepted life of a token. Validators refuse longer ones (`token_lifetime_not_accepted`). Default `'28h'`, the
   * longest that Entra issues (Entra: configurable token lifetimes; continuous access evaluation).
   */
  readonly longestToken?: Duration;
  /**
   * By how much a cutoff refuses more than tokens that say that they were issued before it, because Entra redeems old refresh
   * tokens for some minutes more. Default: `0` for tokens of workforce tenants, which Entra dates 5 minutes back, and `'5m'` for
   * others. At most `'1h'`.
   */
  readonly margin?: Duration;
  /** Most records. Further ones are refused. Default 1,000,000. */
  readonly maxEntries?: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** Options of a store after validation. */
export interface RevocationSettings extends RecordLimits {
  readonly maxEntries: number;
  readonly now: () => number;
}

const LIFE: DurationRange = { standard: '28h', least: '1m', most: '30d' };
const MARGIN: DurationRange = { least: 0, most: '1h' };

/** The names of the options of every store. */
export const REVOCATION_OPTION_NAMES = ['longestToken', 'margin', 'maxEntries', 'now'] as const;

/**
 * Reads the options that every store has.
 *
 * @param what the function's name in errors
 * @throws ConfigurationError
 */
export function revocationSettings(what: string, options: RevocationOptions): RevocationSettings {
  const { longestToken, margin, maxEntries = 1_000_000, now } = options;
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new ConfigurationError(
      `${what}: maxEntries is ${printable(maxEntries)}.`,
      'Pass a whole number of records, at least 1.',
    );
  }
  return Object.freeze({
    longestToken: secondsOf(`${what}: longestToken`, longestToken, LIFE),
    margin: margin === undefined ? undefined : secondsOf(`${what}: margin`, margin, MARGIN),
    maxEntries,
    now: fn(`${what}: now`, now) ?? (() => Date.now()),
  });
}
