import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runProgram } from './run-program.js';

const sources = fileURLToPath(new URL('../../../packages/core/src/', import.meta.url));

/** Lists the possible member names in the core's sources. They include every member that it reads from an object. */
function names(): string[] {
  const words = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const code = readFileSync(join(sources, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      return [...code.matchAll(/(?:\.|[{,'"]\s*)([A-Za-z_$][\w$]*)/g)].map(([, name]) => name as string);
    });
  return [...new Set(words)];
}

it('accepts no refused token and does not end, whatever is on Object.prototype', {
  timeout: 120_000,
}, async () => {
  const { code, stdout, stderr } = await runProgram('polluted-prototype', JSON.stringify(names()));
  expect([code, stderr]).toEqual([0, '']);
  const { found, tried, accepted } = JSON.parse(stdout);
  expect(found).toEqual([]);
  expect(tried).toBeGreaterThan(4000);
  // A guard that refuses everything would prove nothing.
  expect(accepted).toBeGreaterThan(0.99 * tried);
});
