import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From where the command finds the packages that the demo has. */
const folder = fileURLToPath(new URL('../..', import.meta.url));
const { resolve } = createRequire(import.meta.url);
const bin = join(dirname(resolve('@entra-guard/cli/package.json')), 'bin/entra-guard.js');

/**
 * Runs `entra-guard` in a process of its own.
 *
 * @param env variables in addition to those of this process
 * @throws Error with what the command wrote, if it fails
 */
export async function entraGuard(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const options = { cwd: folder, env: { ...process.env, ...env }, timeout: 20_000 };
  await new Promise<void>((done, fail) => {
    execFile(process.execPath, [bin, ...args], options, (error, _stdout, stderr) => {
      if (error === null) done();
      else fail(new Error(`entra-guard ${args[0]} failed: ${stderr || error.message}`, { cause: error }));
    });
  });
}
