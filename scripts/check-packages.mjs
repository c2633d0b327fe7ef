// Packs every package as it would be published and lets publint and "Are the types wrong?" judge the tarballs. Compares their
// sizes with scripts/size-budgets.json. `--keep <folder>` leaves the tarballs there.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { dependenciesOf } from './dependencies.mjs';
import { overBudget } from './size-budgets.mjs';
import { readTarball } from './tarball.mjs';
import { inPairs, packAll, packages, root, run } from './workspace.mjs';

const { keep } = parseArgs({ options: { keep: { type: 'string' } } }).values;
const folder = keep ?? mkdtempSync(join(tmpdir(), 'entra-guard-packages-'));
mkdirSync(folder, { recursive: true });
const failures = [];

try {
  const tarballs = await packAll(folder);
  const judged = new Map();
  await inPairs(
    packages.map((entry) => async () => judged.set(entry, await judge(entry, tarballs.get(entry.name)))),
  );
  for (const entry of packages) {
    const problems = judged.get(entry);
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${entry.name}`);
    for (const problem of problems) console.log(`      ${problem.replaceAll('\n', '\n      ')}`);
    if (problems.length > 0) failures.push(entry.name);
  }
} finally {
  if (keep === undefined) rmSync(folder, { recursive: true, force: true });
}

if (failures.length > 0) console.error(`Not fit to be published: ${failures.join(', ')}.`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function judge(entry, tarball) {
  return [
    ...(await lint(tarball)),
    ...(await types(tarball)),
    ...contents(entry, readTarball(tarball)),
    ...standIns(entry),
    ...heavyBuiltins(entry),
  ];
}

async function lint(tarball) {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const archive = buffer.slice(byteOffset, byteOffset + byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true });
  return messages
    .filter(({ type }) => type !== 'suggestion')
    .map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

async function types(tarball) {
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const args = [attw, tarball, '--no-definitely-typed', '--no-color', '--no-emoji', '--format', 'ascii'];
  const { status, output } = await run(process.execPath, args);
  return status === 0 ? [] : [`attw on ${basename(tarball)}:\n${output.trim()}`];
}

/** What neither tool looks at: the licence comes along, nothing that only the build or the tests need, and not too much. */
function contents(entry, { packed, unpacked, files }) {
  const { manifest } = entry;
  const problems = overBudget(entry.name, {
    packed,
    unpacked,
    dependencies: dependenciesOf(entry).all.length,
  });
  if (!files.has('package/LICENSE')) problems.push('The tarball has no LICENSE.');
  if (manifest.files.includes('skills') && !files.has('package/skills/entra-guard/SKILL.md'))
    problems.push('The tarball has no skill for coding assistants: run "pnpm build" first.');
  const strays = [...files.keys()].filter((file) =>
    /\.tsbuildinfo$|\.test\.|\/(src|test|etc|node_modules)\//.test(file),
  );
  if (strays.length > 0)
    problems.push(`The tarball holds files that users do not need: ${strays.join(', ')}.`);
  if (manifest.license !== 'MIT')
    problems.push(`"license" is ${JSON.stringify(manifest.license)} and not "MIT".`);
  return problems;
}

/** Stand-ins let callers in without a token: no entry point of a service may load what the one for tests is made of. */
function standIns({ folder, manifest }) {
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    const builds = [target.import?.default, target.default?.default].filter((file) => file !== undefined);
    return builds.flatMap((file) => {
      const found = [...loadedBy(join(folder, file))].filter((one) =>
        /^\/\/ packages\/\w+\/build\/esm\/testing\//m.test(readFileSync(one, 'utf8')),
      );
      if (path === './testing')
        return found.length > 0 ? [] : [`${file} holds no stand-ins: are they elsewhere?`];
      return found.map((one) => `${file} loads stand-ins: they are in ${relative(folder, one)}.`);
    });
  });
}

/**
 * An ES module that imports anything of node:http reads all it exports, `WebSocket` included, for which Node 22 and later
 * load seven megabytes. Packages that no service loads may: the local Entra, the commands, and the proxy, which is a program itself.
 */
function heavyBuiltins({ folder, manifest }) {
  if (['cli', 'codemod', 'proxy', 'testing'].includes(basename(folder))) return [];
  const builds = Object.values(manifest.exports).map((target) => target.import?.default);
  const files = new Set(
    builds.filter((file) => file !== undefined).flatMap((file) => [...loadedBy(join(folder, file))]),
  );
  return [...files]
    .filter((file) => /\b(?:from|import) ?["']node:https?["']/.test(readFileSync(file, 'utf8')))
    .map(
      (file) =>
        `${relative(folder, file)} imports node:http, which loads WebSocket: use process.getBuiltinModule.`,
    );
}

/** The built files that a file loads, directly or through other files. */
function loadedBy(file, seen = new Set()) {
  // The code that the command writes stands in templates, and imports files of services.
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
    /^(?:[^"'`\n]*\b(?:from|require\()|import) ?["'](\.[^"']+)["']/gm,
  ))
    loadedBy(join(dirname(file), specifier), seen);
  return seen;
}
