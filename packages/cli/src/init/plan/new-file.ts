import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadInputError } from '../../bad-input.js';
import type { FileChange } from './init-plan.js';

/** The kinds of file that may be where a new one is to be. */
export type Existing = 'absent' | 'as planned' | 'another';

/** Compares what is there with what is planned. A link or a folder is another file. */
export async function existing(folder: string, { path, after }: FileChange): Promise<Existing> {
  const kind = await lstat(join(folder, path)).catch(() => undefined);
  if (kind === undefined) return 'absent';
  if (!kind.isFile()) return 'another';
  return (await readFile(join(folder, path), 'utf8')) === after ? 'as planned' : 'another';
}

/**
 * Leaves out the new files that are there already.
 *
 * @throws BadInputError for a file that is there and that this command has not written
 */
export async function withoutExisting(
  folder: string,
  files: readonly FileChange[],
): Promise<readonly FileChange[]> {
  const left: FileChange[] = [];
  for (const file of files) {
    const found = await existing(folder, file);
    if (found === 'another') {
      throw new BadInputError(
        `${file.path} is there already, and is not what this command would write.`,
        'It is not overwritten, and nothing else was written. Rename or remove it, then run the command again.',
      );
    }
    if (found === 'absent') left.push(file);
  }
  return left;
}
