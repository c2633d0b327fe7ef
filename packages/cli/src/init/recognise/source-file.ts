import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of code, as it was read. */
export interface SourceFile {
  /** Relative to the folder of the service, with slashes. */
  readonly path: string;
  readonly text: string;
}

const SOURCE = /(?<!\.d)\.[cm]?[jt]s$/;
const SKIPPED = new Set(['node_modules', 'bower_components', 'dist', 'build', 'out', 'coverage', 'public']);
const LONGEST = 1024 * 1024;

/** Reads the code of a service. Installed, built and hidden files are left out, and so is whatever a link leads to. */
export async function readSources(folder: string): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of sourcesBelow(folder, '')) {
    const text = await readFile(join(folder, path), 'utf8');
    if (text.length <= LONGEST && !text.includes('\0')) files.push({ path, text });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function* sourcesBelow(folder: string, below: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith('.')) {
      yield* sourcesBelow(folder, path);
    } else if (entry.isFile() && SOURCE.test(entry.name)) yield path;
  }
}

/** Whether a file holds tests, or what only tests use. */
export const isTest = ({ path }: SourceFile): boolean =>
  /(^|\/)(__tests__|__mocks__|tests?|e2e)\/|[.-](spec|test)\.[cm]?[jt]s$/.test(path);
