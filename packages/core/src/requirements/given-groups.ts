import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';

/**
 * Reads the groups that an application has resolved.
 *
 * @throws ConfigurationError for anything but an array of strings
 */
export function givenGroups(name: string, given: unknown): ReadonlySet<string> | undefined {
  if (given === undefined) return undefined;
  if (isListOfTexts(given)) return new Set(given.map((id) => id.toLowerCase()));
  throw new ConfigurationError(
    `${name} was given groups: ${printable(given)}.`,
    "Pass the object IDs of the user's groups, in an array of strings, or leave it out.",
  );
}

function isListOfTexts(given: unknown): given is readonly string[] {
  return Array.isArray(given) && Array.from(given).every((one) => typeof one === 'string');
}
