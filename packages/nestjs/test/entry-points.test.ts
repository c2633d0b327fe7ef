import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const sources = fileURLToPath(new URL('../src/', import.meta.url));

/** Every package that a source file loads, directly or through other files. Types are not loaded. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replace(/^(im|ex)port type [^;]*;/gm, '');
  for (const [, specifier = ''] of text.matchAll(/^(?! \*)(?:[^'"`\n]*\bfrom|import) '([^']+)';$/gm)) {
    if (!specifier.startsWith('.')) found.add(specifier);
    else
      for (const name of packagesOf(join(dirname(file), specifier.replace(/\.js$/, '.ts')), seen))
        found.add(name);
  }
  return found;
}

const always = [
  '@entra-guard/core',
  '@entra-guard/core/approvals',
  '@entra-guard/core/connections',
  '@entra-guard/core/requirements',
  '@entra-guard/core/revocation',
  '@nestjs/common',
  '@nestjs/core',
  'reflect-metadata',
];

it.each([
  ['index.ts', []],
  ['graphql.ts', []],
  ['testing/index.ts', ['@entra-guard/core/testing']],
  ['revocations.ts', []],
  ['approvals.ts', []],
  ['mcp.ts', ['@entra-guard/core/mcp', '@entra-guard/mcp', '@nestjs/microservices']],
  ['downstream.ts', ['@entra-guard/downstream', 'rxjs']],
  ['postgres.ts', ['@entra-guard/postgres', 'rxjs']],
  ['microservices.ts', ['@nestjs/microservices']],
  ['websockets.ts', ['@nestjs/websockets', '@nestjs/websockets/socket-module.js']],
])('%s loads no package that an application may not have, but %j', (entry, optional) => {
  const loaded = [...packagesOf(join(sources, entry))].filter((name) => !name.startsWith('node:'));
  expect(new Set(loaded.filter((name) => !always.includes(name)))).toEqual(new Set(optional));
});
