// Installs the packed packages into the small applications of test/consumers, with npm as users do, and runs them there,
// on this Node and on the others that are supported. CONTRIBUTING.md says what an application is.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { installNodes } from './node-lines.mjs';
import { inPairs, ownTerminal, packAll, readJson, root, run } from './workspace.mjs';

const home = join(root, 'test/consumers');
/** The oldest Node that is supported, and the newest of each line after it. The first and the last are enough for a change. */
const supportedNodes = ['20.19.0', '22', '24', '26'];
const nodesOfARun = process.env.ENTRA_GUARD_FULL === '1' ? supportedNodes : ['20.19.0', '26'];

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', multiple: true, default: nodesOfARun } },
});
const existing = readdirSync(home).filter((name) => existsSync(join(home, name, 'package.json')));
const consumers = existing.filter((name) => wanted.length === 0 || wanted.includes(name));
const unknown = wanted.filter((name) => !existing.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} in test/consumers. There are ${existing.join(', ')}.`);
  process.exit(1);
}

const temporary = mkdtempSync(join(tmpdir(), 'entra-guard-consumers-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const manifests = new Map(consumers.map((name) => [name, manifestOf(name)]));
const anywhere = consumers.some((name) => manifests.get(name).config?.everyNode);
// Fetched while the applications are installed and run on this Node.
const otherNodes = anywhere ? installNodes(options.node, join(temporary, 'nodes')) : Promise.resolve([]);
otherNodes.catch(() => {});

const tarballs = await packAll(temporary);

let passed = 0;
let failed = 0;
const installed = [];
// An installation mostly waits for the network.
await inPairs(consumers.map((name) => () => consume(name)));
try {
  const nodes = await otherNodes;
  await inPairs(installed.flatMap((name) => nodes.map((node) => () => consumeOn(node, name))));
} catch (error) {
  report('Node', 'other versions', error.message);
}
console.log(
  failed === 0
    ? `All ${consumers.length} consumers work: ${passed} checks.`
    : `${failed} of ${passed + failed} checks failed.`,
);
process.exitCode = failed === 0 ? 0 : 1;

function report(where, check, problem) {
  console.log(`${problem === undefined ? 'ok  ' : 'FAIL'}  ${where}: ${check}`);
  if (problem === undefined) passed++;
  else {
    failed++;
    console.log(`      ${problem.trim().replaceAll('\n', '\n      ')}`);
  }
}

/** Installs one application and runs all its scripts on this Node. */
async function consume(name) {
  const folder = join(temporary, name);
  const manifest = manifests.get(name);
  const { base } = manifest.config ?? {};
  mkdirSync(folder);
  if (base !== undefined) cpSync(join(home, 'bases', base), folder, { recursive: true });
  cpSync(join(home, name), folder, { recursive: true });
  for (const file of ['answers.cjs', 'one-copy.mjs']) cpSync(join(home, file), join(folder, file));
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    for (const [dependency, version] of Object.entries(dependencies ?? {})) {
      if (version === 'packed') dependencies[dependency] = `file:${tarballs.get(dependency)}`;
    }
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));

  // Users with strict peer dependencies have to be able to install the packages.
  const flags = ['--strict-peer-deps', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
  const args = ['install', ...flags, '--prefer-offline', '--loglevel=warn'];
  const { status, output } = await run('npm', args, { cwd: folder, env: ownTerminal });
  if (status !== 0 || /ERESOLVE|peer dep/i.test(output)) return report(name, 'npm install', output);
  installed.push(name);
  for (const check of Object.keys(manifest.scripts)) {
    const { status, output } = await run(
      'npm',
      ['run', '--silent', check],
      environment(name, process.env.PATH),
    );
    report(name, check, problemOf(status, output));
  }
}

/** Runs on another Node what was installed, and compiled, on this one. */
async function consumeOn({ version, path }, name) {
  const { config, scripts } = manifests.get(name);
  for (const check of config?.everyNode ?? []) {
    // What npm would do, without starting npm a hundred times.
    const bin = `${join(temporary, name, 'node_modules/.bin')}${delimiter}${path}`;
    const { status, output } = await run(scripts[check], [], { ...environment(name, bin), shell: true });
    report(`${name} on Node ${version}`, check, problemOf(status, output));
  }
}

function environment(name, path) {
  // The repository's compiler stands in for the one a user has.
  const env = { ...ownTerminal, PATH: `${path}${delimiter}${join(root, 'node_modules/.bin')}` };
  // An application that does not end is held open by our packages: that is a failure too.
  return { cwd: join(temporary, name), env, timeout: 120_000 };
}

function problemOf(status, output) {
  return status === 0 ? undefined : output || `ended with status ${status}`;
}

/** An application's package.json, on top of the one of its base where it has one. */
function manifestOf(name) {
  const own = readJson(join(home, name, 'package.json'));
  const base = own.config?.base;
  if (base === undefined) return own;
  const shared = readJson(join(home, 'bases', base, 'package.json'));
  const members = ['config', 'scripts', 'dependencies', 'devDependencies'];
  const merged = members.map((member) => [member, { ...shared[member], ...own[member] }]);
  return { ...shared, ...own, ...Object.fromEntries(merged) };
}
