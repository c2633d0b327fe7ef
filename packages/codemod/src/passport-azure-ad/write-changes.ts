import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { access, constants, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { BadInputError } from '../bad-input.js';
import type { Change } from './plan-move.js';

/** A change whose new text is already written, to a file next to the one that it replaces. */
interface Ready extends Change {
  /** The file itself, where the path is a link to it. */
  readonly target: string;
  readonly temporary: string;
}

/**
 * Writes all changes, or none. Each file is replaced in one step, by its new text as a whole; one that was edited since it
 * was read stays as it is, and so do all others.
 *
 * @throws BadInputError if a file cannot be written, was edited, or is a link to somewhere else
 */
export async function writeChanges(cwd: string, changes: readonly Change[]): Promise<void> {
  const ready: Ready[] = [];
  const written: Ready[] = [];
  try {
    for (const change of changes) {
      const target = await targetOf(cwd, change);
      assertUnchanged(change, target);
      ready.push({ ...change, target, temporary: prepared(change, target) });
    }
    for (const one of ready) {
      assertUnchanged(one, one.target);
      renameSync(one.temporary, one.target);
      written.push(one);
    }
  } catch (error) {
    for (const one of written.toReversed()) restore(one);
    throw error;
  } finally {
    for (const { temporary } of ready) rmSync(temporary, { force: true });
  }
}

async function targetOf(cwd: string, { file: { path, shown } }: Change): Promise<string> {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) throw edited(shown);
  // Where the command runs, or the folder that the file was found in: their own paths may be links.
  const base = await realpath(isWithin(cwd, path) ? cwd : dirname(path));
  if (!isWithin(base, target)) {
    throw new BadInputError(
      `${shown} is a link that leads to ${target}, outside of ${base}.`,
      'Run the command where the file is. Nothing was changed.',
    );
  }
  // A folder that can't be written to takes no new file, though the file itself could be written.
  for (const place of [target, dirname(target)]) {
    await access(place, constants.W_OK).catch(() => {
      throw new BadInputError(`${shown} cannot be written.`, 'Make it writable. Nothing was changed.');
    });
  }
  return target;
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !/^[a-z]:/i.test(way);
}

function assertUnchanged({ file: { text, shown } }: Change, target: string): void {
  let now: string | undefined;
  try {
    now = readFileSync(target, 'utf8');
  } catch {
    // It is gone.
  }
  if (now !== text) throw edited(shown);
}

function edited(shown: string): BadInputError {
  return new BadInputError(
    `${shown} was changed while this command ran.`,
    'Run it again. Nothing was changed by it.',
  );
}

/** Writes the new text next to the file, so that a rename can replace the file in one step. */
function prepared({ file: { shown }, after }: Change, target: string): string {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  try {
    fill(temporary, after, target);
    return temporary;
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(`${shown} could not be written (${code}).`, 'Nothing was changed.');
  }
}

function fill(path: string, text: string, like: string): void {
  const { mode, uid, gid } = statSync(like);
  const file = openSync(path, 'wx', mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const made = statSync(path);
  if (made.uid !== uid || made.gid !== gid) chownSync(path, uid, gid);
}

/** What was written before another file turned out to have been edited. */
function restore({ file: { text, shown }, after, target }: Ready): void {
  if (readFileSync(target, 'utf8') !== after) return;
  renameSync(prepared({ file: { path: target, shown, text }, after: text }, target), target);
}
