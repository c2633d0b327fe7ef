import { ConfigurationError } from './errors.js';
import { printable } from './printable.js';

/** How long something lasts. A number is seconds; `'90s'`, `'15m'`, `'8h'` and `'7d'` say their unit. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * A duration in seconds: whole, and at least one.
 *
 * @param what the name of what was given, for errors: `sealCaller(...): validFor`
 * @param most the longest that is allowed, as an error says it
 * @throws ConfigurationError
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
