// Builds, serves or checks the site: `node site/run.mjs build | dev | check`. Its packages are installed first if they are missing:
// they are no part of the workspace, see docs/decisions/0032-site-outside-the-workspace.md.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpm } from '../scripts/workspace.mjs';

const site = fileURLToPath(new URL('.', import.meta.url));
const commands = { build: 'steps/main.mjs', dev: 'steps/dev.mjs', check: 'check/main.mjs' };

const [command, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(commands, command ?? '')) {
  console.error(`"${command ?? ''}" is not a command. Use one of: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
await install();
const { status } = spawnSync(process.execPath, [join(site, commands[command]), ...rest], {
  stdio: 'inherit',
  cwd: site,
});
process.exitCode = status ?? 1;

/** Installs what the lockfile says, unless that was done for this very lockfile. */
async function install() {
  const mark = join(site, 'node_modules/.installed-lockfile');
  const lockfile = readFileSync(join(site, 'pnpm-lock.yaml'), 'utf8');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lockfile) return;
  const { status: result, output } = await pnpm(['install', '--frozen-lockfile', '--prefer-offline'], {
    cwd: site,
  });
  if (result !== 0) {
    console.error(`The packages of the site could not be installed:\n${output}`);
    process.exit(1);
  }
  writeFileSync(mark, lockfile);
}
