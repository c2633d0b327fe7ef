import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { BadInputError } from '../bad-input.js';
import { OLD_MODULE } from './modules.js';

/** A file that was read. */
export interface SourceFile {
  readonly path: string;
  /** As {@link shownPath} gives it. */
  readonly shown: string;
  readonly text: string;
}

const SOURCE = /(?<!\.d)\.[cm]?[jt]sx?$/;
/** Folders of installed or generated files. */
const SKIPPED = new Set(['node_modules', 'bower_components', 'dist', 'build', 'out', 'coverage']);

/**
 * Reads files of JavaScript and TypeScript.
 *
 * @param paths files, or folders to look through; installed, built and hidden ones in them are left out
 * @throws BadInputError for a path that does not exist, a file that is not text, and if there are no files at all
 */
export async function readSourceFiles(cwd: string, paths: readonly string[]): Promise<readonly SourceFile[]> {
  const found = new Set<string>();
  const named = new Set<string>();
  for (const path of paths) {
    const whole = resolve(cwd, path);
    const kind = await stat(whole).catch(() => undefined);
    if (kind === undefined)
      throw new BadInputError(`${path} is not there.`, 'Name files or folders that exist.');
    if (kind.isDirectory()) for await (const file of sourcesBelow(whole)) found.add(file);
    else if (SOURCE.test(whole)) {
      found.add(whole);
      named.add(whole);
    } else {
      throw new BadInputError(
        `${path} is not a file of JavaScript or TypeScript.`,
        'Name files that end in .js, .ts, .jsx, .tsx, .cjs, .mjs, .cts or .mts, or folders with such files.',
      );
    }
  }
  if (found.size === 0) {
    throw new BadInputError(
      `There are no files of JavaScript or TypeScript in ${paths.join(', ')}.`,
      'Name the folder that holds the sources.',
    );
  }
  const read: SourceFile[] = [];
  for (const path of [...found].sort((a, b) => (a < b ? -1 : 1))) {
    const file = await readText(cwd, path, named.has(path));
    if (file !== undefined) read.push(file);
  }
  return read;
}

/** Files below a folder that may hold code that people write. */
export async function* sourcesBelow(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith('.'))
      yield* sourcesBelow(path);
    else if (entry.isFile() && SOURCE.test(entry.name)) yield path;
  }
}

/**
 * Reads a file.
 *
 * @param named whether it was asked for: then it has to be text. Another file, such as a video that ends in .ts, is
 * skipped, unless it names the old package.
 * @throws BadInputError if it has to be text and is not
 */
export async function readText(cwd: string, path: string, named: boolean): Promise<SourceFile | undefined> {
  const shown = shownPath(cwd, path);
  const bytes = await readFile(path);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return { path, shown, text };
  } catch {
    // The error is thrown below.
  }
  if (!named && !bytes.includes(OLD_MODULE)) return undefined;
  throw new BadInputError(`${shown} is not text in UTF-8.`, 'Save it as UTF-8, or name other paths.');
}

/** Relative to where the command runs, with slashes: for people, and for patches. */
export function shownPath(cwd: string, path: string): string {
  return relative(cwd, path).split(sep).join('/');
}
