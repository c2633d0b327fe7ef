import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../../src');

/** What a file and all that it imports take from outside the core, each with the file that does so. Types don't count. */
function outside(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm);
  return [...imports].flatMap(([, name = '']) =>
    name.startsWith('.')
      ? outside(join(dirname(file), name.replace(/\.js$/, '.ts')), seen)
      : [`${relative(src, file)}: ${name}`],
  );
}

it('explains tokens without keys by code that a browser can load: nothing of Node', () => {
  expect(outside(join(src, 'explain/unread.ts'))).toEqual([]);
});

it('reads options and the form of a token with no more of Node than a page can replace', () => {
  const of = ['options/settings.ts', 'token/compact-jws.ts'].flatMap((file) => outside(join(src, file)));
  expect(new Set(of)).toEqual(
    new Set([
      'base/json-object.ts: node:util',
      'options/key-snapshot.ts: node:crypto',
      'token/signature/base64url.ts: node:util',
    ]),
  );
});
