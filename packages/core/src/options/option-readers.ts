import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';

/**
 * Refuses unknown members, because a misspelt option would silently get its default.
 *
 * @param meant further names that may have been meant, but do not belong here
 */
export function assertKnown(
  what: string,
  given: object,
  names: readonly string[],
  meant: readonly string[] = [],
): void {
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = nearest(name, [...names, ...meant]);
    throw new ConfigurationError(
      `There is no ${what} '${printable(name)}'.`,
      near ? `Did you mean '${near}'?` : `Known: ${names.join(', ')}.`,
    );
  }
}

/** Returns the name that was probably meant: the first that differs in at most two letters, or only in case. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  return names.find((known) => known.toLowerCase() === name.toLowerCase() || isNear(known, name, 2));
}

/** Tells whether the Levenshtein distance is at most `edits`. Only for short names: the time grows exponentially. */
function isNear(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  if (Math.abs(a.length - b.length) > edits) return false;
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return isNear(restOfA, restOfB, edits);
  if (edits === 0) return false;
  return (
    isNear(restOfA, b, edits - 1) || isNear(a, restOfB, edits - 1) || isNear(restOfA, restOfB, edits - 1)
  );
}

/** Refuses options that are not an object. */
export function assertObject(name: string, value: unknown, example: string): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new ConfigurationError(`${name} is ${printable(value)}.`, `Pass an object: ${example}.`);
}

/** Reads an optional function. */
export function fn<F extends (...parameters: never[]) => unknown>(
  name: string,
  value: F | undefined,
): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new ConfigurationError(`${name} is ${printable(value)}.`, 'Pass a function, or leave it out.');
}

/** Reads an optional boolean. Default `false`. */
export function flag(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new ConfigurationError(`${name} is ${printable(value)}.`, 'Pass true or false.');
}

/** Reads one of the allowed words. */
export function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `${name} is ${printable(value)}.`,
    `Use ${allowed.map((one) => `'${one}'`).join(', ')}.`,
  );
}
