import { randomBytes } from 'node:crypto';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { BadInputError } from '../../bad-input.js';
import type { FileChange } from '../plan/init-plan.js';

/** A change whose text is written already, next to where it goes. */
interface Ready extends FileChange {
  readonly target: string;
  readonly temporary: string;
}

/**
 * Writes all changes, or none. A new file never replaces one, and an edited file has to be as it was when it was read.
 *
 * @param folder absolute and without links; made if it is not there. Links below it are not followed.
 * @throws BadInputError where a file has appeared or was edited meanwhile, a link is on the way, or writing fails
 */
export function applyChanges(folder: string, changes: readonly FileChange[]): void {
  const made: string[] = [];
  const ready: Ready[] = [];
  const written: Ready[] = [];
  try {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(folder);
      made.push(folder);
    }
    for (const change of changes) {
      const target = join(folder, ...change.path.split('/'));
      if (!target.startsWith(folder + sep)) throw refused(change.path, 'is outside of the folder');
      makeFolders(folder, change.path, made);
      assertAsPlanned(target, change);
      const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
      ready.push({ ...change, target, temporary });
      const mode = change.before === undefined ? 0o666 : lstatSync(target).mode & 0o777;
      writeFileSync(temporary, change.after, { flag: 'wx', mode });
    }
    for (const one of ready) {
      assertAsPlanned(one.target, one);
      // A link, unlike a rename, fails where a file has appeared.
      if (one.before === undefined) linkSync(one.temporary, one.target);
      else renameSync(one.temporary, one.target);
      written.push(one);
    }
  } catch (error) {
    for (const one of written.toReversed()) undo(one);
    for (const { temporary } of ready) rmSync(temporary, { force: true });
    for (const path of made.toReversed()) removeFolder(path);
    if (error instanceof BadInputError) throw error;
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new BadInputError(`The changes could not be written (${code}).`, 'Nothing was changed.');
  } finally {
    for (const { temporary } of ready) rmSync(temporary, { force: true });
  }
}

/** Every folder on the way has to be a folder, and not a link to one. */
function makeFolders(folder: string, path: string, made: string[]): void {
  let place = folder;
  for (const name of path.split('/').slice(0, -1)) {
    place = join(place, name);
    const kind = lstatSync(place, { throwIfNoEntry: false });
    if (kind === undefined) {
      mkdirSync(place);
      made.push(place);
    } else if (!kind.isDirectory()) throw refused(path, `leads through ${name}, which is not a folder`);
  }
}

function assertAsPlanned(target: string, { path, before }: FileChange): void {
  const kind = lstatSync(target, { throwIfNoEntry: false });
  if (before === undefined) {
    if (kind !== undefined) throw refused(path, 'is there already');
  } else if (!kind?.isFile()) throw refused(path, 'is not a file, or is a link');
  else if (readFileSync(target, 'utf8') !== before) throw refused(path, 'was edited meanwhile');
}

function refused(path: string, why: string): BadInputError {
  return new BadInputError(`${path} ${why}.`, 'Nothing was changed. Run the command again.');
}

function undo({ target, before, after }: Ready): void {
  if (readFileSync(target, 'utf8') !== after) return;
  if (before === undefined) rmSync(target);
  else writeFileSync(target, before);
}

/** Only if it is still empty. */
function removeFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {}
}
