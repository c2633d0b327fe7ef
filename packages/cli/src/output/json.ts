import type { Output } from '../host.js';

/** Writes the one document that `--json` prints. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
