import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ATTRIBUTES, METRICS } from '../../packages/core/src/audit/telemetry-names.js';

const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8');

/** The rows of the table below a heading, without its first two lines. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
}

it('docs/observability.md has each counter with its unit, and no other', () => {
  expect(rowsBelow('Meter').map(([, name, unit]) => [name, unit])).toEqual(
    Object.values(METRICS).map(({ name, unit }) => [name, unit]),
  );
});

it('docs/observability.md has each attribute, and no other', () => {
  expect(rowsBelow('Attributes').map(([, name]) => name)).toEqual(Object.values(ATTRIBUTES));
});
