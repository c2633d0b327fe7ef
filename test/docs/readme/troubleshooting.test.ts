import { expect, it } from 'vitest';
import { fileOf } from './page.js';

/** The members of the union `ErrorCode`, as they are written. */
const union =
  /export type ErrorCode =([^;]*);/.exec(fileOf('packages/core/src/base/code-status.ts'))?.[1] ?? '';
const codes = [...union.matchAll(/^\s*\| '(\w+)'/gm)].map(([, code]) => code ?? '');

it('there are codes to explain', () => {
  expect(codes.length).toBeGreaterThan(30);
});

it.each(codes)('the page says what to do about %s', (code) => {
  expect(fileOf('docs/troubleshooting.md')).toMatch(new RegExp(`^### \`${code}\`$`, 'm'));
});
