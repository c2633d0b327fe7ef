import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { LocalEntraError } from '../error.js';

/** Windows has no such permissions. */
const hasModes = process.platform !== 'win32';

/** Makes the error for a file that can't hold the state. */
export function stateRefused(message: string): LocalEntraError {
  return new LocalEntraError('state_refused', message);
}

/**
 * Reads a file that only its owner may read and write. It is checked after it was opened, so that another file can't take its
 * place in between, and a symbolic link is not followed.
 *
 * @returns `undefined` if there is no such file
 * @throws {LocalEntraError} `state_refused`
 */
export function readPrivateFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw stateRefused(
      code === 'ELOOP'
        ? `${path} is a symbolic link. Name the file itself.`
        : `${path} could not be opened (${code}). Name a file that this user may read and write.`,
    );
  }
  try {
    assertPrivate(path, file);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function assertPrivate(path: string, file: number): void {
  const status = fstatSync(file);
  if (!status.isFile())
    throw stateRefused(`${path} is not a file. Name one for the state, or one that is not there yet.`);
  if (!hasModes) return;
  if ((status.mode & 0o077) !== 0) {
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    throw stateRefused(
      `${path} holds signing keys, and others may read or write it (mode ${mode}). Only its owner may: chmod 600 ${path}. Or delete it to begin anew.`,
    );
  }
  if (process.getuid !== undefined && status.uid !== process.getuid()) {
    throw stateRefused(`${path} holds signing keys and belongs to another user. Name a file of your own.`);
  }
}

/**
 * Writes a file that only its owner may read and write. A reader sees all of the earlier text, or all of the new one.
 *
 * @throws {LocalEntraError} `state_refused`
 */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw stateRefused(
      `${path} could not be written (${code}). Name a file in a folder that exists and that this user may write.`,
    );
  }
}
