import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moveSource } from '../src/passport-azure-ad/move-source.js';
import { parseSource } from '../src/passport-azure-ad/syntax/parse-source.js';

// How services use passport-azure-ad, each in CommonJS, ESM, TypeScript, and TypeScript for CommonJS.

const home = join(import.meta.dirname, 'fixtures/patterns');

/** What is left to a person, in whatever language. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  'todo-list-api': [],
  'route-guard': [],
  'any-tenant': ['note tenants-to-list'],
  'no-client-id': ['by-hand client-id-missing', 'note tenants-to-list'],
  'version-1': [],
  'nest-minimal': [],
  'nest-typed': ['by-hand option-value'],
  'functions-v1-tokens': [],
  b2c: ['by-hand option-not-supported'],
};

describe.each(Object.entries(LEFT))('the usual %s', (pattern, left) => {
  it.each(['cjs', 'mjs', 'ts', 'cts'])('is moved, as .%s', (language) => {
    const path = join(home, pattern, `${language}.before`);
    const { text, findings } = moveSource(`app.${language}`, readFileSync(path, 'utf8'));
    expect(text).toBe(readFileSync(join(home, pattern, `${language}.after`), 'utf8'));
    expect(findings.map(({ level, code }) => `${level} ${code}`)).toEqual(left);
    expect(text).not.toContain("'passport-azure-ad'");
    parseSource(`app.${language}`, text);
    const again = moveSource(`app.${language}`, text);
    expect(again.text).toBe(text);
    expect(again.findings.map(({ level, code }) => `${level} ${code}`)).toEqual(left);
  });
});

it('has a fixture for every pattern, and no other', () => {
  expect(new Set(readdirSync(home))).toEqual(new Set(Object.keys(LEFT)));
});

it.each([
  [
    'the mark of the byte order, line ends and blanks',
    '\uFEFF\tconst {  BearerStrategy  } = require( "passport-azure-ad" ) ;;\r\n',
  ],
  ['the line for the shell', "#!/usr/bin/env node\nrequire('passport-azure-ad').BearerStrategy;"],
  ['another kind of quotes', 'const { BearerStrategy } = require(`passport-azure-ad`);\n'],
])('keeps %s', (_, text) => {
  expect(moveSource('app.js', text).text).toBe(text.replace('passport-azure-ad', '@entra-guard/passport'));
});
