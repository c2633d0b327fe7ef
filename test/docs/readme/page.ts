import { readFileSync } from 'node:fs';

/** A file of this repository, by its path from the root. */
export function fileOf(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

/** The fenced blocks of a page in one language. */
export function blocksOf(page: string, language: string): readonly string[] {
  const fences = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...fileOf(page).matchAll(fences)].map(([, block]) => block ?? '');
}
