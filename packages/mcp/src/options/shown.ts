import { printable } from '@entra-guard/core/mcp';

/** Describes an option's value for an error: text in quotes and cut, anything else by its type. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `'${printable(value)}'` : printable(value);
}
