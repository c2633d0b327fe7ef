import { fileURLToPath } from 'node:url';
import type { ExitCode } from '@entra-guard/cli';
import { runCommand, type World } from '../../../packages/cli/test/run-command.js';

/** What a command printed, and what it ended with. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Where the applications are that these tests load. */
export const APPS = path('./apps');

/** Where the registrations are that these tests compare with. */
export const registrationFile = (name: string): string =>
  path(`../../../packages/catalogue/test/registrations/${name}.json`);

/** Runs a command line in the folder of the applications; `input` is what comes on standard input. */
export async function entraGuard(args: readonly string[], input = '', world: World = {}): Promise<Ran> {
  const { code, stdout, stderr } = await runCommand(args, {
    cwd: APPS,
    env: { PATH: process.env.PATH },
    input,
    ...world,
  });
  return { code, out: stdout, err: stderr };
}
