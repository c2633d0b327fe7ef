import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(
  createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'),
  '../dist/index.js',
);

/** What the suite found: the checks of each scenario, as `id: STATUS`, in their order. */
export type Findings = Readonly<Record<string, readonly string[]>>;

const VERDICT = /^(?:SUCCESS|FAILURE|WARNING|SKIPPED)$/;

/** Runs the official suite, in a process of its own. Failed scenarios are findings; a run that gives none rejects. */
export async function runSuite(...args: readonly string[]): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-conformance-'));
  try {
    const printed = await output([program, ...args, '--output-dir', folder], folder);
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('checks.json'))
      .map((path) => [scenarioOf(path), checksIn(join(folder, path))] as const);
    if (found.length === 0) throw new Error(`The suite found nothing.\n${printed}`);
    return Object.fromEntries(found.sort(([one], [other]) => one.localeCompare(other)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The scenarios without a failed check. */
export function passedOf(findings: Findings): readonly string[] {
  return Object.keys(findings).filter((scenario) =>
    findings[scenario]?.every((check) => !check.endsWith(': FAILURE')),
  );
}

/** A folder is called `server-tools-list-2026-07-28T10-00-00-000Z`, or `authorization-server-…`. */
function scenarioOf(path: string): string {
  return path.replace(/^(?:authorization-)?server-(.*)-\d{4}-\d\d-\d\dT.*$/, '$1');
}

function checksIn(file: string): readonly string[] {
  const checks: readonly { readonly id: string; readonly status: string }[] = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return checks.filter(({ status }) => VERDICT.test(status)).map(({ id, status }) => `${id}: ${status}`);
}

function output(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      // Longer than any scenario, and shorter than the test.
      timeout: 110_000,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
      });
    }
    child.once('error', reject);
    // Its status says whether all passed, which the findings say in more detail.
    child.once('close', () => resolve(printed));
  });
}
