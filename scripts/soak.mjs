// One simulated hour of an API with three tenants and an Entra in all kinds of trouble, drawn at random from a seed that
// is printed. node scripts/soak.mjs [seed] repeats one; see test/faults/soak.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const [seed] = process.argv.slice(2);
if (seed !== undefined && !/^\d+$/.test(seed)) {
  console.error('Usage: node scripts/soak.mjs [seed], a whole number.');
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--project', 'unit', 'test/faults/soak.test.ts', '-t', 'one hour', '--reporter=verbose'],
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ENTRA_GUARD_FULL: '1',
      ...(seed === undefined ? {} : { ENTRA_GUARD_SOAK_SEED: seed }),
    },
  },
);
process.exitCode = status ?? 1;
