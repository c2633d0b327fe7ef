import type { Manifest } from './manifest.js';
import type { SourceFile } from './source-file.js';

/** How the files of a service are written, so that new ones are written the same way. */
export interface ModuleStyle {
  readonly language: 'ts' | 'js';
  /** The end of a file's name: `ts`, `mts`, `js`, `cjs`, … */
  readonly extension: string;
  /** `import`, or `require`. */
  readonly syntax: 'esm' | 'cjs';
  /** Whether Node loads it as ESM, whatever its syntax is compiled to. */
  readonly loadedAs: 'esm' | 'cjs';
  /** What follows the name of a file that is imported: `.js`, or nothing. */
  readonly importEnd: string;
}

/** The style of a file that is there: its name, its imports, and `type` of package.json. */
export function styleOf({ path, text }: SourceFile, { type }: Manifest): ModuleStyle {
  const extension = /\.([cm]?[jt]s)$/.exec(path)?.[1] ?? 'js';
  const language = extension.endsWith('ts') ? 'ts' : 'js';
  const loadedAs = extension.startsWith('m')
    ? 'esm'
    : extension.startsWith('c')
      ? 'cjs'
      : type === 'module'
        ? 'esm'
        : 'cjs';
  const imports = /^\s*(import\s[^=]*?from\s|import\s*['"]|export\s)/m.test(text);
  const syntax = loadedAs === 'esm' || language === 'ts' || imports ? 'esm' : 'cjs';
  return { language, extension, syntax, loadedAs, importEnd: importEndIn(text, extension, loadedAs) };
}

function importEndIn(text: string, extension: string, loadedAs: 'esm' | 'cjs'): string {
  const built = `.${extension.replace('ts', 'js')}`;
  const relative = [...text.matchAll(/(?:from|import|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/g)].map(
    ([, path = '']) => path,
  );
  const ended = relative.map((path) => /\.[cm]?[jt]s$/.exec(path)?.[0]).find((end) => end !== undefined);
  if (ended !== undefined) return ended;
  if (relative.length > 0 && loadedAs === 'cjs') return '';
  return loadedAs === 'esm' ? built : '';
}
