import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const nameOf = (name: string) => name.replace('@entra-guard/', '');

type Manifest = { readonly exports: Readonly<Record<string, unknown>> };
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));

/** The source of each entry point, by its path in the export map. */
function entriesOf(name: string): readonly (readonly [path: string, file: string])[] {
  return Object.entries(manifestOf(name).exports).flatMap(([path, target]) => {
    const file = (target as { readonly import?: { readonly default: string } }).import?.default;
    if (file === undefined) return [];
    const source = file.replace('./dist/esm/', 'src/').replace(/\.js$/, '.ts');
    return [[path, resolve(root, 'packages', name, source)] as const];
  });
}

/** Every file and package that a source loads, by itself or by what it loads. Types are not loaded. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replace(/^(im|ex)port type [^;]*;/gm, '');
  for (const [, specifier = ''] of text.matchAll(/^(?:[^'"`\n]*\bfrom|import) '([^']+)';$/gm)) {
    if (specifier.startsWith('.')) loadedBy(join(dirname(file), specifier.replace(/\.js$/, '.ts')), seen);
    else seen.add(specifier);
  }
  return seen;
}

const ofTests = (loaded: string): boolean => /[\\/]testing([\\/]|$)/.test(loaded.replace(root, ''));

const production = ['core', 'express', 'nestjs', 'passport', 'cli'].flatMap((name) =>
  entriesOf(name).flatMap(([path, file]) =>
    path === './testing' ? [] : [[`@entra-guard/${name}${path.slice(1)}`, file] as const],
  ),
);

describe('what lets callers in without a token', () => {
  it.each(production)('is loaded by no service: %s', (_, file) => {
    const loaded = [...loadedBy(file)];
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter((one) => one !== file && ofTests(one))).toEqual([]);
  });

  it.each(['@entra-guard/core', '@entra-guard/express', '@entra-guard/nestjs'])(
    'has an entry point of its own in %s',
    (name) => {
      const entry = entriesOf(nameOf(name)).find(([path]) => path === './testing');
      expect(entry).toBeDefined();
      expect([...loadedBy((entry as readonly [string, string])[1])].some((one) => ofTests(one))).toBe(true);
    },
  );
});
