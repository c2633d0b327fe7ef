// Every code that the core can answer has a page, and every page was built.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { built, repository } from '../steps/folders.mjs';

/** @returns one line for each code without a page */
export function codesWithoutPage() {
  const source = readFileSync(join(repository, 'packages/core/src/base/code-status.ts'), 'utf8');
  const union = /type ErrorCode =([\s\S]*?);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/^\s*\| '([a-z_]+)'/gm)].map(([, code]) => code);
  if (codes.length === 0) return ['packages/core/src/base/code-status.ts: no codes were found in it'];
  return codes
    .filter((code) => !existsSync(join(built, `codes/${code}.html`)))
    .map((code) => `${code} has no page: docs/troubleshooting.md has to name it in a heading or a row`);
}

/** @returns one line for each page that VitePress could not write */
export function pagesNotBuilt(pages) {
  return pages
    .filter(({ place }) => !existsSync(join(built, place.replace(/\.md$/, '.html'))))
    .map(({ place }) => `${place} was not built: see what VitePress said`);
}
