import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { built } from '../steps/folders.mjs';

/** The files of the built site whose names end so, by their paths in it. */
export function filesOf(end) {
  return readdirSync(built, { recursive: true })
    .map((name) => name.split(sep).join('/'))
    .filter((name) => name.endsWith(end))
    .sort();
}

export const textOf = (name) => readFileSync(join(built, name), 'utf8');
