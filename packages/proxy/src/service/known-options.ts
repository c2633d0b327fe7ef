import { ConfigurationError } from '@entra-guard/core';
import { nearestName } from '../policy/read/nearest-name.js';

/**
 * Refuses unknown options, because a misspelt one would silently get its default.
 *
 * @param what the object's name in errors
 */
export function assertKnown(what: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, names);
  throw new ConfigurationError(
    `There is no option of ${what} called '${unknown.slice(0, 100)}'.`,
    near === undefined ? `Known: ${names.join(', ')}.` : `Did you mean '${near}'?`,
  );
}
