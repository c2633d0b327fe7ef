import { ConfigurationError } from './errors.js';
import { printable } from './printable.js';

/** A point in time, as an argument: a `Date`, or milliseconds since the epoch. */
export type Instant = Date | number;

/** 1973-03-03 in milliseconds: as seconds since the epoch, the year 5138. What is smaller was meant in seconds. */
const SMALLEST = 100_000_000_000;

/**
 * Returns a point in time in milliseconds since the epoch.
 *
 * @param what the argument's name in errors, such as `tighten(...): until`
 * @throws ConfigurationError for an invalid date, text, and a number that can only be seconds
 */
export function millisecondsOf(what: string, value: unknown): number {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== 'number' || !Number.isFinite(time)) {
    throw new ConfigurationError(
      `${what} is ${value instanceof Date ? 'an invalid Date' : printable(value)}.`,
      "Pass a Date, or milliseconds since the epoch: new Date('2030-01-31').",
    );
  }
  if (time >= 0 && time < SMALLEST && !(value instanceof Date)) {
    throw new ConfigurationError(
      `${what} is ${time}, which is in ${new Date(time).getUTCFullYear()}.`,
      `A number is milliseconds since the epoch. Did you mean ${time * 1000}?`,
    );
  }
  return time;
}
