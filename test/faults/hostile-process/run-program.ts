import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The exit code and the output of a process. */
export interface Ended {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of this folder with the core's sources, in a separate process so that other tests are not affected. */
export async function runProgram(name: string, input = ''): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-'));
  try {
    const file = join(folder, `${name}.mjs`);
    const bundle = await rolldown({
      input: path(`./${name}.ts`),
      platform: 'node',
      resolve: {
        alias: {
          '@entra-guard/core/testing': path('../../../packages/core/src/testing/index.ts'),
          '@entra-guard/core': path('../../../packages/core/src/index.ts'),
        },
      },
    });
    await bundle.write({ file, format: 'esm', codeSplitting: false });
    await bundle.close();
    return await run(file, input);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(file: string, input: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
