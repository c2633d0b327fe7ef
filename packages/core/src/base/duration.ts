import { ConfigurationError } from './errors.js';
import { printable } from './printable.js';

/** How long something lasts: a number of seconds, or text with a unit, such as `'90s'`, `'15m'`, `'8h'` or `'7d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

/** Which durations an option accepts. */
export interface DurationRange {
  /** The default. A number that exceeds it more than thirty times is taken for milliseconds, and refused. */
  readonly standard?: Duration;
  /** The shortest allowed duration. Default one second. */
  readonly least?: Duration;
  /** The longest allowed duration. Default: no limit. */
  readonly most?: Duration;
  /** Whether a number may have a fraction. Default `false`. */
  readonly fractions?: boolean;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A number this many times the default was meant in milliseconds. */
const TOO_MANY = 30;

/**
 * Returns a duration in seconds.
 *
 * @param what the option's name in errors, such as `keys.timeout`
 * @param value what was given; `undefined` for the default
 * @throws ConfigurationError for anything that is not a duration in the range
 */
export function secondsOf(what: string, value: unknown, range: DurationRange = {}): number {
  const { standard, least = 1, most } = range;
  const seconds = read(value === undefined ? standard : value, range.fractions ?? false);
  const usual = standard === undefined ? '' : `; the default is ${standard === 0 ? 0 : inWords(standard)}`;
  if (seconds === undefined) {
    throw new ConfigurationError(
      `${what} is ${value === '' ? "''" : printable(value)}, which is not a duration.`,
      `Write a ${range.fractions ? '' : 'whole '}number of seconds, or text with a unit, s, m, h or d: '15m'${usual}.`,
    );
  }
  if (typeof value === 'number' && standard !== undefined && value > TOO_MANY * numberOf(standard)) {
    throw new ConfigurationError(
      `${what} is ${value}, and a number is in seconds.`,
      `Did you mean ${fromMilliseconds(value)}? To set as many seconds, write '${value}s'.`,
    );
  }
  if (seconds < numberOf(least)) {
    throw new ConfigurationError(
      `${what} is ${printable(value)}, which is too short.`,
      `At least ${inWords(least)} is allowed${usual}.`,
    );
  }
  if (most !== undefined && seconds > numberOf(most)) {
    throw new ConfigurationError(
      `${what} is ${printable(value)}, which is too long.`,
      `At most ${inWords(most)} is allowed${usual}.`,
    );
  }
  return seconds;
}

/** Prints a duration with the largest unit that needs no fraction: `15m`. */
export function printDuration(seconds: number): string {
  const unit = ['d', 'h', 'm'].find((one) => seconds >= 1 && seconds % (SECONDS[one] as number) === 0) ?? 's';
  return `${seconds / (SECONDS[unit] as number)}${unit}`;
}

function inWords(duration: Duration): string {
  const seconds = numberOf(duration);
  return Number.isInteger(seconds) ? `'${printDuration(seconds)}'` : `${seconds} seconds`;
}

function fromMilliseconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return Number.isInteger(seconds) ? `'${printDuration(seconds)}'` : String(seconds);
}

function numberOf(duration: Duration): number {
  return read(duration, true) as number;
}

function read(value: unknown, fractions: boolean): number | undefined {
  if (typeof value === 'number') {
    return value >= 0 && (fractions ? Number.isFinite(value) : Number.isSafeInteger(value))
      ? value
      : undefined;
  }
  const [, count, unit] = (typeof value === 'string' && /^(0|[1-9][0-9]{0,8})([smhd])$/.exec(value)) || [];
  return count === undefined ? undefined : Number(count) * (SECONDS[unit as string] as number);
}
