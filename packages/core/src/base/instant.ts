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
  const time = timeOf(value);
  if (typeof time !== 'number' || Number.isNaN(new Date(time).getTime())) {
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

/** A date, or a date and a time with its zone (RFC 3339): without one it would depend on where the process runs. */
const ISO_8601 = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * Reads a point in time in ISO 8601, as JSON and text hold it: `2030-01-31T00:00:00Z`, `2030-01-31T02:00+02:00`, or
 * `2030-01-31`, which begins at midnight UTC. Returns milliseconds since the epoch.
 *
 * @param what the value's name in errors
 * @throws ConfigurationError for anything else, and for a day that does not exist
 */
export function millisecondsFromText(what: string, value: unknown): number {
  const [text, day] = (typeof value === 'string' && ISO_8601.exec(value)) || [];
  const time = Date.parse(text ?? '');
  // Date.parse takes 2030-02-31 for a day in March.
  if (!Number.isNaN(time) && new Date(day as string).toISOString().startsWith(day as string)) return time;
  throw new ConfigurationError(
    `${what} is ${printable(value)}, which is not a time in ISO 8601.`,
    "Write a date, or a time with its zone: '2030-01-31T00:00:00Z'.",
  );
}

/** Returns the time of a `Date` in milliseconds since the epoch, and anything else unchanged and unchecked. */
export function timeOf(instant: Instant): number;
export function timeOf(value: unknown): unknown;
export function timeOf(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}
