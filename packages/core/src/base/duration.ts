import { ConfigurationError } from './errors.js';
import { printable } from './printable.js';

/** How long something lasts: a number of seconds, or text with a unit, such as `'90s'`, `'15m'`, `'8h'` or `'7d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Returns a duration in whole seconds, at least one.
 *
 * @param what the option's name in errors, such as `sealCaller(...): validFor`
 * @param most the longest allowed duration, in the form that the error shows
 * @throws ConfigurationError for anything else, or a duration longer than `most`
 */
export function secondsOf(what: string, value: unknown, most: Duration): number {
  const seconds = read(value);
  if (seconds === undefined) {
    throw new ConfigurationError(
      `${what} is ${value === '' ? "''" : printable(value)}.`,
      "Write a whole number of seconds, or one with its unit, s, m, h or d: '15m'.",
    );
  }
  if (seconds <= (read(most) as number)) return seconds;
  throw new ConfigurationError(`${what} is ${printable(value)}.`, `At most ${most} is allowed.`);
}

function read(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 1 ? value : undefined;
  const [, count, unit] = (typeof value === 'string' && /^([1-9][0-9]{0,8})([smhd])$/.exec(value)) || [];
  return count === undefined ? undefined : Number(count) * (SECONDS[unit as string] as number);
}
