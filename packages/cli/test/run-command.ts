import { fileURLToPath } from 'node:url';
import { type ExitCode, type Host, run } from '@entra-guard/cli';

/** What a command did. */
export interface Ended {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** The world of a command, as far as a test wants it to be another. */
export interface World
  extends Partial<
    Pick<
      Host,
      | 'cwd'
      | 'env'
      | 'nodeVersion'
      | 'fetch'
      | 'now'
      | 'interrupted'
      | 'inspector'
      | 'onReload'
      | 'ask'
      | 'execute'
    >
  > {
  /** Standard input; none by default. */
  readonly input?: string;
  /** Called with what is written to standard output. */
  readonly onOutput?: (text: string) => void;
  /** Whether a person looks at the output. Default: it goes into a pipe. */
  readonly terminal?: boolean;
}

/** Another process runs it, so it has to be built. */
export const INSPECTOR = fileURLToPath(new URL('../dist/esm/app/inspector.js', import.meta.url));

/** Runs a command line in this process, and gives what it wrote. */
export async function runCommand(args: readonly string[], world: World = {}): Promise<Ended> {
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const isTTY = world.terminal === true;
  const code = await run(args, {
    version: '1.0.0',
    nodeVersion: world.nodeVersion ?? '20.19.0',
    cwd: world.cwd ?? '/',
    env: world.env ?? {},
    readInput: async () => world.input ?? '',
    fetch: world.fetch ?? (() => Promise.reject(new Error('This command has no business on the network.'))),
    now: world.now ?? (() => 0),
    inspector: world.inspector ?? INSPECTOR,
    interrupted: world.interrupted ?? (() => Promise.resolve()),
    ...(world.onReload === undefined ? {} : { onReload: world.onReload }),
    ...(world.ask === undefined ? {} : { ask: world.ask }),
    ...(world.execute === undefined ? {} : { execute: world.execute }),
    stdout: {
      isTTY,
      write: (text) => {
        written.stdout.push(text);
        world.onOutput?.(text);
      },
    },
    stderr: { isTTY, write: (text) => written.stderr.push(text) },
  });
  return { code, stdout: written.stdout.join(''), stderr: written.stderr.join('') };
}
