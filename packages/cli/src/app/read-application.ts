import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';

/**
 * Reads an exported app registration.
 *
 * @param where a file, or `-` for standard input
 * @throws BadInputError where there is nothing, or no JSON
 */
export async function readApplication({ cwd, readInput }: Session, where: string): Promise<unknown> {
  const shown = where === '-' ? 'Standard input' : where;
  const text = where === '-' ? await readInput() : await textOf(resolve(cwd, where));
  if (text.trim() === '') throw new BadInputError(`${shown} is empty.`, EXPORT);
  try {
    // PowerShell writes a byte order mark when it redirects.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new BadInputError(
      `${shown} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      EXPORT,
    );
  }
}

const EXPORT = 'Export the registration: az ad app show --id <client ID> > application.json';

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(
      code === 'ENOENT' ? `There is no file ${path}.` : `${path} could not be read (${code}).`,
      EXPORT,
    );
  }
}
