import { type ExitCode, type Host, run } from '@entra-guard/codemod';

/** What a command line wrote, and its exit code. */
export interface Ended {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test changes in the environment of a command. */
export interface World extends Partial<Pick<Host, 'cwd' | 'env'>> {
  /** Whether the output is a terminal. Default: it is a pipe. */
  readonly terminal?: boolean;
}

/** Runs a command line in this process. */
export async function runCodemod(args: readonly string[], world: World = {}): Promise<Ended> {
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const isTTY = world.terminal === true;
  const code = await run(args, {
    version: '1.0.0',
    cwd: world.cwd ?? '/',
    env: world.env ?? {},
    stdout: { isTTY, write: (text) => written.stdout.push(text) },
    stderr: { isTTY, write: (text) => written.stderr.push(text) },
  });
  return { code, stdout: written.stdout.join(''), stderr: written.stderr.join('') };
}
