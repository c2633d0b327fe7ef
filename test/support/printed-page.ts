import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of this repository, by its path from the root. */
export function fileOf(path: string): string {
  return readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
}

/**
 * A page with what commands print in its places: the blocks after `<!-- printed: name -->`. For `toMatchFileSnapshot`, so
 * that the page can't say anything else, and `vitest -u` brings it up to date.
 */
export function withPrinted(page: string, printed: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(printed));
  const text = fileOf(page).replace(
    /(<!-- printed: ([a-z-]+) -->\n```[a-z]+\n)[\s\S]*?(^```$)/gm,
    (block: string, start: string, name: string, end: string) => {
      if (!unused.delete(name)) return block;
      return `${start}${printed[name]?.trimEnd()}\n${end}`;
    },
  );
  if (unused.size > 0) throw new Error(`${page} has no place for ${[...unused].join(', ')}.`);
  return text;
}
