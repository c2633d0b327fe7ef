import { ConfigurationError } from '@entra-guard/core';

/** Describes a value for an error: text in quotes and cut, anything else by its type. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 100).replace(/[^\x20-\x7e]/g, '?')}'`;
  if (value === undefined) return 'missing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}

/** Refuses unknown options: a misspelt one would silently get its default. */
export function assertKnown(what: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new ConfigurationError(
      `There is no option of ${what} called '${name.slice(0, 100)}'.`,
      `Known: ${names.join(', ')}.`,
    );
  }
}
