import type { Output } from '../host.js';
import { printableLiteral } from './printable.js';

/** Writes the one document that `--json` prints. Characters that steer a terminal become escapes of JSON. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${printableLiteral(JSON.stringify(value, undefined, 2))}\n`);
}
