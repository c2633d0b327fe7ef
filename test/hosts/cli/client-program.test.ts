import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../../../packages/cli/test/run-command.js';

const API = '00001111-aaaa-2222-bbbb-3333cccc4444';

it.each([
  ['--federated', 'github:contoso/orders:environment:prod'],
  ['--federated', 'kubernetes:https://oidc.example/x:jobs/nightly'],
  ['--federated', `managed-identity:${API}`],
  ['--secret'],
])(
  'the lines of a caller compile: %s %s',
  async (...proof) => {
    const { stdout, code } = await runCommand([
      'client',
      'add',
      'nightly-job',
      '--api',
      API,
      '--tenant',
      API,
      '--permissions',
      'Orders.Read.All',
      '--program',
      ...proof.filter(Boolean),
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n').length).toBeLessThan(24);
    // Inside of this package, where @azure/identity is installed.
    const folder = mkdtempSync(join(import.meta.dirname, 'client-program-'));
    try {
      writeFileSync(join(folder, 'caller.mts'), stdout);
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--types',
        'node',
        '--skipLibCheck',
      ];
      const tsc = join(import.meta.dirname, '../../../node_modules/.bin/tsc');
      const { stdout: found } = spawnSync(tsc, ['--ignoreConfig', ...options, join(folder, 'caller.mts')], {
        encoding: 'utf8',
      });
      expect(found).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  30_000,
);
