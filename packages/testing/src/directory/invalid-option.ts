import { LocalEntraError } from '../error.js';

/** Makes the error for an option that says what can't be. */
export function invalidOption(message: string): LocalEntraError {
  return new LocalEntraError('option_invalid', message);
}

/**
 * Refuses unknown members, because a misspelt one would have no effect.
 *
 * @param what the object's name in the error, such as `users.ada`
 * @throws {LocalEntraError} `option_invalid`
 */
export function assertMembers(what: string, given: object, names: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const [last, ...others] = [...names].reverse();
  const known = others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
  throw invalidOption(`${what} has no "${unknown}". It has ${known}.`);
}
