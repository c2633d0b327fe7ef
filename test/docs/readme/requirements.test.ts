import * as core from '@entra-guard/core';
import { expect, it } from 'vitest';
import { fileOf } from './page.js';

const page = fileOf('docs/requirements.md');
const table = page.slice(
  page.indexOf('## What is refused when it is built'),
  page.indexOf('Several of these'),
);
const written = [...table.matchAll(/^\| (`.*?) +\| /gm)].flatMap(([, cell]) =>
  [...(cell ?? '').matchAll(/`([a-z]\w*\([^`]*\))`/gi)].map(([, code]) => code ?? ''),
);

it('the page names many', () => {
  expect(written.length).toBeGreaterThan(14);
});

it.each(written)('%s is refused when it is built', (code) => {
  const build = new Function(...Object.keys(core), `return ${code}`);
  expect(() => build(...Object.values(core))).toThrow(
    expect.objectContaining({ name: 'ConfigurationError' }),
  );
});
