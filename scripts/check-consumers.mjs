// Installs the packed packages into the small applications of test/consumers, with npm as users do, and runs them there.
// An application is a folder with a package.json: dependencies of the version "packed" are ours, each script is a check.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ownTerminal, pack, packages, readJson, root, run } from './workspace.mjs';

const home = join(root, 'test/consumers');
// The repository's compiler stands in for the one a user has.
const environment = {
  ...ownTerminal,
  PATH: `${process.env.PATH}${delimiter}${join(root, 'node_modules/.bin')}`,
};
const wanted = process.argv.slice(2);
const consumers = readdirSync(home, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && (wanted.length === 0 || wanted.includes(entry.name)))
  .map((entry) => entry.name);
const unknown = wanted.filter((name) => !consumers.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} in test/consumers.`);
  process.exit(1);
}

const temporary = mkdtempSync(join(tmpdir(), 'entra-guard-consumers-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const tarballs = new Map();
for (const entry of packages) tarballs.set(entry.name, await pack(entry, temporary));

let failed = 0;
const waiting = [...consumers];
// Two at a time: an installation mostly waits for the network.
await Promise.all([work(), work()]);
console.log(failed === 0 ? `All ${consumers.length} consumers work.` : `${failed} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;

async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    for (const { check, problem } of await consume(name)) {
      console.log(`${problem === undefined ? 'ok  ' : 'FAIL'}  ${name}: ${check}`);
      if (problem === undefined) continue;
      failed++;
      console.log(`      ${problem.trim().replaceAll('\n', '\n      ')}`);
    }
  }
}

/** Installs one application and runs its scripts: `{ check, problem? }` of each. */
async function consume(name) {
  const folder = join(temporary, name);
  mkdirSync(folder);
  cpSync(join(home, name), folder, { recursive: true });
  cpSync(join(home, 'answers.cjs'), join(folder, 'answers.cjs'));
  const manifest = readJson(join(folder, 'package.json'));
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    for (const [dependency, version] of Object.entries(dependencies ?? {})) {
      if (version === 'packed') dependencies[dependency] = `file:${tarballs.get(dependency)}`;
    }
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));

  const options = { cwd: folder, env: environment };
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--prefer-offline'];
  const installed = await run('npm', ['install', ...flags], options);
  if (installed.status !== 0) return [{ check: 'npm install', problem: installed.output }];

  const results = [];
  for (const check of Object.keys(manifest.scripts)) {
    // An application that doesn't end by itself is held open by us: that is a failure too.
    const { status, output } = await run('npm', ['run', '--silent', check], { ...options, timeout: 120_000 });
    results.push({ check, problem: status === 0 ? undefined : output || `ended with status ${status}` });
  }
  return results;
}
