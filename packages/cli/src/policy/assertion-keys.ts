import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';

/** @throws BadInputError where a key can't be read */
export function keyIn({ cwd }: Session, path: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new BadInputError(
      `The key ${path} could not be read (${(error as NodeJS.ErrnoException).code}).`,
      'Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out assertion.pem',
    );
  }
}
