import type { Output } from '../host.js';
import { printableLiteral } from './printable.js';

/** Writes the one document that `--json` prints; what could steer a terminal stands in it as JSON's own escapes. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${printableJson(value)}\n`);
}

/** A value as indented JSON that means the same, without characters that steer. */
export function printableJson(value: unknown): string {
  return printableLiteral(JSON.stringify(value, undefined, 2));
}
