// The official conformance suite of MCP, against servers with and without the gate: test/conformance. It needs Node 22, which
// is fetched where this one is older.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installNodes } from './node-lines.mjs';
import { ownTerminal, root, run } from './workspace.mjs';

const temporary = mkdtempSync(join(tmpdir(), 'entra-guard-conformance-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const isNew = Number(process.versions.node.split('.')[0]) >= 22;
const path = isNew ? process.env.PATH : (await installNodes(['22'], temporary))[0].path;
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = await run(
  'node',
  [
    vitest,
    'run',
    '--project',
    'unit',
    'test/conformance',
    '--reporter=verbose',
    '--reporter=./scripts/count-reporter.mjs',
  ],
  {
    cwd: root,
    env: { ...ownTerminal, PATH: path, ENTRA_GUARD_FULL: '1' },
    timeout: 400_000,
    onOutput: (chunk) => process.stdout.write(chunk),
  },
);
process.exitCode = status;
