import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding, FindingAt } from './finding.js';
import { isConcerned, OLD_MODULE } from './modules.js';
import { moveManifest } from './move-manifest.js';
import { moveSource } from './move-source.js';
import { Modules } from './read-module.js';
import { readSourceFiles, readText, type SourceFile, shownPath, sourcesBelow } from './source-files.js';

/** A file that changes. */
export interface Change {
  readonly file: SourceFile;
  readonly after: string;
}

/** The changes of a move, before any of them is written. */
export interface Plan {
  /** How many files were read. */
  readonly read: number;
  /** In how many of them the old package, or the new one, is named. */
  readonly concerned: number;
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
}

/**
 * Plans the move of files, and of the package.json that each of them belongs to.
 *
 * @param paths files or folders
 * @param version of the new package
 * @throws BadInputError if a file that has to change cannot be read
 */
export async function planMove(cwd: string, paths: readonly string[], version: string): Promise<Plan> {
  const files = await readSourceFiles(cwd, paths);
  const concerned = files.filter(({ text }) => isConcerned(text));
  const changes: Change[] = [];
  const findings: Finding[] = [];
  const keep = (file: SourceFile, after: string, found: readonly FindingAt[]): void => {
    if (after !== file.text) changes.push({ file, after });
    findings.push(...found.map((finding) => ({ file: file.shown, ...finding })));
  };
  const after = new Map<string, string>();
  const modules = new Modules();
  for (const file of concerned) {
    const moved = moveSource(file.shown, file.text, file.path, modules);
    after.set(file.path, moved.text);
    keep(file, moved.text, moved.findings);
  }
  const touched = changes.map(({ file }) => file.path);
  for (const manifest of new Set(touched.map(manifestOf).filter((path) => path !== undefined))) {
    const file = (await readText(cwd, manifest, true)) as SourceFile;
    const user = await stillLoadedBy(cwd, dirname(manifest), after);
    const moved = moveManifest(file.shown, file.text, user, version);
    keep(file, moved.text, moved.findings);
  }
  changes.sort((a, b) => (a.file.shown < b.file.shown ? -1 : 1));
  return { read: files.length, concerned: concerned.length, changes, findings };
}

/** The package.json that a file belongs to. */
function manifestOf(path: string): string | undefined {
  const folder = dirname(path);
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) return manifest;
  return folder === dirname(folder) ? undefined : manifestOf(folder);
}

/** A file of the package that names the old one after the move; also one that was not to be looked at. */
async function stillLoadedBy(
  cwd: string,
  folder: string,
  after: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  for await (const path of sourcesBelow(folder)) {
    const text = after.get(path) ?? (await readText(cwd, path, false).catch(() => undefined))?.text;
    if (text !== undefined && LITERAL.test(text)) return shownPath(cwd, path);
  }
  return undefined;
}

/** Takes comments out: they may name the package. */
const LITERAL = new RegExp(`['"\`]${OLD_MODULE}['"\`/]`);
