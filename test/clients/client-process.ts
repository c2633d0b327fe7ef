import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalEntra } from '@entra-guard/testing';
import { onTestFinished } from 'vitest';

/** Variables that tell Azure's libraries where they run. A program gets those of its test only. */
const ofAzure = /^(?:AZURE_|IDENTITY_|MSI_|IMDS_|NODE_EXTRA_CA_CERTS$|NODE_OPTIONS$)/;

/**
 * Runs a program of `programs/` in a process of its own, because clients keep settings and tokens in statics, and
 * `NODE_EXTRA_CA_CERTS` is read at the start. Returns what its function returned.
 */
export async function runClient<Result>(
  program: string,
  settings: object,
  env: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const inherited = Object.entries(process.env).filter(([name]) => !ofAzure.test(name));
  const child = fork(join(import.meta.dirname, 'programs', program), {
    execArgv: [],
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill());
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('message', (answer: { readonly result?: Result; readonly error?: string }) => {
      if (answer.error === undefined) resolve(answer.result as Result);
      else reject(new Error(`${program}: ${answer.error}\n${printed}`));
    });
    child.once('close', (code) =>
      reject(new Error(`${program} ended with ${code} and no answer.\n${printed}`)),
    );
    child.send(settings);
  });
}

/** Writes a file that is removed after the test, and returns its path. */
export function temporaryFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** The variable by which a process trusts a local Entra over TLS. */
export function trusting({ certificate }: LocalEntra): { readonly NODE_EXTRA_CA_CERTS: string } {
  return { NODE_EXTRA_CA_CERTS: temporaryFile('local-entra.pem', certificate ?? '') };
}
