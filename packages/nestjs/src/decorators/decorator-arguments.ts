import { ConfigurationError } from '@entra-guard/core';
import { prefixed } from '../handlers/declarations.js';
import { kindOf } from '../handlers/kind-of.js';

/**
 * Makes a requirement of the values that a decorator was given one by one.
 *
 * @throws ConfigurationError that names the decorator
 */
export function requirementOf<V, R>(by: string, values: readonly V[], make: () => R): R {
  const odd = values.find((value) => value !== undefined && typeof value !== 'string');
  if (Array.isArray(odd)) {
    throw new ConfigurationError(
      `${by} was given a list.`,
      "Write the values one by one: ('Orders.Read', 'Orders.Write'). To take them from a list, spread it: (...list).",
    );
  }
  if (odd !== undefined) throw takesOnly(by, odd, "strings: ('Orders.Read')");
  try {
    return make();
  } catch (error) {
    throw prefixed(by, error);
  }
}

/**
 * Refuses arguments that a decorator would ignore.
 *
 * @param most how many arguments the decorator takes
 * @throws ConfigurationError
 */
export function assertTakes(by: string, given: readonly unknown[], most: number, instead: string): void {
  if (given.length <= most) return;
  const what = most === 0 ? `was given ${kindOf(given[0])}` : `was given ${given.length} arguments`;
  throw new ConfigurationError(`${by} ${what}, and takes ${most === 0 ? 'none' : most}.`, instead);
}

/**
 * Returns the reason, if there is one.
 *
 * @throws ConfigurationError for a value that is not a reason
 */
export function reasonIn(by: string, reason: unknown): string | undefined {
  if (reason === undefined || (typeof reason === 'string' && reason.trim() !== '')) return reason;
  if (typeof reason === 'string')
    throw takesOnly(by, reason, "a reason that says something: ('a probe asks')");
  throw takesOnly(
    by,
    reason,
    "nothing, or a reason: ('a probe asks'). It is not a switch: to close the handler, leave it out and declare what is required",
  );
}

function takesOnly(by: string, given: unknown, what: string): ConfigurationError {
  const found =
    given === '' || (typeof given === 'string' && given.trim() === '') ? 'an empty text' : kindOf(given);
  // @Public without parentheses hands over the class, or the class's prototype and what follows.
  const bare = typeof given === 'function' || (typeof given === 'object' && given !== null);
  const parentheses = bare ? ' A decorator of entra-guard is always called, with parentheses.' : '';
  return new ConfigurationError(`${by} was given ${found}.`, `It takes ${what}.${parentheses}`);
}
