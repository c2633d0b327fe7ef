// Runs the demo and the tests as in a bare checkout, on other lines of Node: `pnpm on-node 22 24 26`.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodePackage } from './node-lines.mjs';
import { ownTerminal, pinnedPnpm, root, run } from './workspace.mjs';

const lines = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24', '26'];
const commands = ['demo', 'test'];
let failed = 0;

for (const line of lines) {
  const checkout = mkdtempSync(join(tmpdir(), `entra-guard-node${line}-`));
  try {
    await copy(checkout);
    for (const command of commands) {
      console.log(`\n=== Node ${line}: pnpm ${command}`);
      const { status } = await run(
        'npx',
        ['--yes', '-p', nodePackage(line), '-p', pinnedPnpm, '-c', `node -v && pnpm ${command}`],
        {
          cwd: checkout,
          env: { ...ownTerminal, CI: 'true' },
          timeout: 600_000,
          onOutput: (chunk) => process.stdout.write(chunk),
        },
      );
      if (status === 0) continue;
      failed++;
      console.error(`--- Node ${line}: pnpm ${command} failed.`);
    }
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
}

console.log(
  failed === 0 ? `\nBoth commands work on Node ${lines.join(', ')}.` : `\n${failed} commands failed.`,
);
process.exitCode = failed === 0 ? 0 : 1;

/** What git knows of, or would: no build, no dependencies. */
async function copy(destination) {
  const { output } = await run('git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  ]);
  const { output: deleted } = await run('git', ['ls-files', '-z', '--deleted']);
  const gone = new Set(deleted.split('\0'));
  for (const file of output.split('\0')) {
    if (file === '' || gone.has(file)) continue;
    mkdirSync(dirname(join(destination, file)), { recursive: true });
    cpSync(join(root, file), join(destination, file));
  }
}
