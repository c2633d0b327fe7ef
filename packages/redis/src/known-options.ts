import { ConfigurationError } from '@entra-guard/core';

/**
 * Refuses unknown options, because a misspelt one would silently get its default.
 *
 * @param what the function that was given them
 */
export function assertKnown(what: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new ConfigurationError(
    `There is no option of ${what} called '${unknown.slice(0, 100)}'.`,
    `Known: ${names.join(', ')}.`,
  );
}
