import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with files, for one test. */
export interface Project {
  readonly folder: string;
  /** What a file holds now. */
  read(path: string): string;
}

/** Makes a folder with files, which is gone after the test. */
export function temporaryProject(files: Readonly<Record<string, string | Uint8Array>>): Project {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-codemod-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { folder, read: (path) => readFileSync(join(folder, path), 'utf8') };
}
