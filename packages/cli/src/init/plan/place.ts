import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ModuleStyle, styleOf } from '../recognise/module-style.js';
import type { Project } from '../recognise/project.js';
import { isTest, type SourceFile } from '../recognise/source-file.js';

/** Where new files go, and how they are written. */
export interface Place {
  /** Relative to the service; empty for its own folder, else with a slash at its end. */
  readonly folder: string;
  readonly style: ModuleStyle;
}

/** Next to a file, written as that one is. */
export function placeNextTo(file: SourceFile, { manifest }: Project): Place {
  return { folder: file.path.slice(0, file.path.lastIndexOf('/') + 1), style: styleOf(file, manifest) };
}

/** In `src`, or else in the folder of the service, written as most of its code is. */
export function usualPlace({ folder, manifest, sources }: Project): Place {
  const own = sources.filter((file) => !isTest(file) && !/(^|\/)\.|\.config\./.test(file.path));
  const src = own.filter(({ path }) => path.startsWith('src/'));
  const model = src[0] ?? own[0];
  const typed = existsSync(join(folder, 'tsconfig.json'));
  const end = typed ? 'ts' : 'js';
  const empty = { path: `index.${end}`, text: '' };
  return { folder: src.length > 0 ? 'src/' : '', style: styleOf(model ?? empty, manifest) };
}
