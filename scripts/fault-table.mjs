// Runs the tests of faults of Redis in their full form, and writes docs/revocation-faults.md from what they have seen.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const tests = join(root, 'packages/redis/test');
const folder = mkdtempSync(join(tmpdir(), 'entra-guard-faults-'));
const env = {
  ...process.env,
  ENTRA_GUARD_FULL: '1',
  ENTRA_GUARD_FAULT_TABLE: join(folder, 'seen.jsonl'),
};

/** Returns whether all of them passed. */
function vitest(files) {
  const paths = files.map((file) => join(tests, file));
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', ...paths];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status === 0;
}

try {
  const ofFaults = readdirSync(tests).filter(
    (file) =>
      file.endsWith('.servers.test.ts') && readFileSync(join(tests, file), 'utf8').includes('testFault('),
  );
  if (!vitest(ofFaults) || !vitest(['fault-table.test.ts'])) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
