// Makes a release: checks the tree, builds, packs and checks every package, writes the bills of materials and publishes.
// `--dry-run` does all of it except publishing, without a network. docs/releasing.md says how to release.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { dependenciesOf } from './dependencies.mjs';
import { nextVersions } from './next-versions.mjs';
import { distTag, inPublishOrder, lacksForPublishing, publishAll, publishArguments } from './publish.mjs';
import { firstRing, placeholders, problemsOf } from './release-checks.mjs';
import { sbomOf } from './sbom.mjs';
import { readTarball } from './tarball.mjs';
import { packages, pnpm, root, run } from './workspace.mjs';

const { values: options } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    // For CI and for trying things out: the tree may hold changes that are not committed.
    'any-tree': { type: 'boolean', default: false },
    into: { type: 'string', default: join(root, 'release') },
  },
});
const { 'dry-run': dryRun, 'any-tree': anyTree, into } = options;
const started = Date.now();

if (!dryRun) {
  const lacks = lacksForPublishing(process.env);
  if (lacks.length > 0) {
    console.error(
      [
        'Nothing was published.',
        ...lacks,
        'To see what would be published: pnpm release --dry-run',
        "Only the owner can take these steps: npm scope and names, two-factor sign-in, each package's trusted publisher, the",
        'repository address in package.json, the first publication. docs/releasing.md has the list.',
      ].join('\n'),
    );
    process.exit(1);
  }
}

const problems = [];
const notes = [];
try {
  await main();
} catch (error) {
  problems.push(error.message);
}
for (const note of notes) console.log(`note  ${note}`);
for (const problem of problems) console.error(`FAIL  ${problem.trimEnd().replaceAll('\n', '\n      ')}`);
const seconds = Math.round((Date.now() - started) / 1000);
if (problems.length > 0)
  console.error(`Not ready for a release: ${count(problems, 'problem')}, ${seconds} s.`);
else if (dryRun)
  console.log(
    `Ready, and nothing was published. ${shown(into)} holds the tarballs and bills of materials. ${seconds} s.`,
  );
process.exitCode = problems.length > 0 ? 1 : 0;

async function main() {
  const before = await changedFiles();
  if (before.length > 0 && !(dryRun && anyTree)) {
    problems.push(
      `The tree is not clean: ${before.join(', ')}. Commit or remove that: a release is made of a commit.`,
    );
    return;
  }
  const { status, output } = await pnpm(['run', 'build']);
  if (status !== 0) throw new Error(`The build failed:\n${output}`);

  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const checks = await run(process.execPath, [join(root, 'scripts/check-packages.mjs'), '--keep', into]);
  if (checks.status !== 0) problems.push(`"pnpm packages" finds:\n${checks.output}`);

  const packed = packages.map(read);
  problems.push(...problemsOf(packed));
  // What only the owner can fill in, or a release begins with, does not spoil a rehearsal.
  (dryRun ? notes : problems).push(...placeholders(packed));
  await writeBillsOfMaterials(packed);
  const next = await pendingVersions();
  print(packed, next);

  const after = await changedFiles();
  const added = after.filter((line) => !before.includes(line));
  if (added.length > 0) problems.push(`The release changed the tree: ${added.join(', ')}.`);
  if (!dryRun && problems.length === 0) {
    const published = await publishAll(packed);
    console.log(`${count(published, 'package')} published. Then: pnpm changeset tag && git push --tags`);
  }
}

/** What git calls changed, as in ` M package.json`. */
async function changedFiles() {
  const { status, output } = await run('git', ['status', '--porcelain']);
  if (status !== 0) throw new Error(`git can't tell whether the tree is clean:\n${output}`);
  return output.split('\n').filter((line) => line !== '');
}

/** A packed package as npm gets it, with the manifest in which pnpm has resolved "workspace:". */
function read(entry) {
  const { name, manifest } = entry;
  const tarball = join(into, `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
  const { packed, unpacked, files } = readTarball(tarball);
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  const packedManifest = JSON.parse(files.get('package/package.json').toString('utf8'));
  return { name, entry, tarball, manifest: packedManifest, files, packed, unpacked, integrity };
}

async function writeBillsOfMaterials(packed) {
  const { output } = await run('git', ['show', '--no-patch', '--format=%ct', 'HEAD']);
  const time = new Date(Number(output) * 1000);
  const integrities = new Map(packed.map(({ name, integrity }) => [name, integrity]));
  for (const { entry, tarball } of packed)
    writeFileSync(tarball.replace(/\.tgz$/, '.cdx.json'), sbomOf(entry, integrities, time));
}

/** The versions that the changesets ask for, or `undefined` where none waits. */
async function pendingVersions() {
  const candidates = readdirSync(join(root, '.changeset')).filter(
    (file) => file.endsWith('.md') && file !== 'README.md',
  );
  const pre = readdirSync(join(root, '.changeset')).includes('pre.json')
    ? JSON.parse(readFileSync(join(root, '.changeset/pre.json'), 'utf8'))
    : undefined;
  const used = new Set(pre?.mode === 'pre' ? pre.changesets : []);
  const waiting = candidates.filter((file) => !used.has(basename(file, '.md')));
  if (waiting.length === 0 && pre?.mode !== 'exit') return;
  const sentence = `${count(waiting, 'changeset')} not yet in a version. Run "pnpm changeset version" and commit.`;
  (dryRun ? notes : problems).push(sentence);
  return await nextVersions();
}

function print(packed, next) {
  const rows = packed.map(({ name, entry, manifest, packed: bytes, unpacked, files }) => [
    name,
    firstRing.has(name) ? '1' : '2',
    manifest.version,
    next?.[name] ?? '',
    kilobytes(bytes),
    kilobytes(unpacked),
    String(files.size),
    String(dependenciesOf(entry).all.length),
    distTag(next?.[name] ?? manifest.version),
  ]);
  const heads = [
    'package',
    'ring',
    'version',
    next ? 'becomes' : '',
    'packed',
    'unpacked',
    'files',
    'installs',
    'tag',
  ];
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const numbers = new Set(['packed', 'unpacked', 'files', 'installs']);
  const line = (row) =>
    row
      .map((cell, column) =>
        numbers.has(heads[column]) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .filter((_, column) => heads[column] !== '')
      .join('  ')
      .trimEnd();
  console.log([heads, ...rows].map(line).join('\n'));

  const listing = packed.map(({ name, manifest, tarball, integrity, packed: bytes, unpacked, files }) => ({
    name,
    version: manifest.version,
    tarball: basename(tarball),
    integrity,
    packed: bytes,
    unpacked,
    files: [...files].map(([path, content]) => ({
      path: path.replace(/^package\//, ''),
      bytes: content.length,
    })),
  }));
  writeFileSync(join(into, 'contents.json'), `${JSON.stringify(listing, undefined, 2)}\n`);
  console.log(
    `\nWhat npm would publish, in this order; ${shown(join(into, 'contents.json'))} lists the files:`,
  );
  for (const one of inPublishOrder(packed))
    console.log(`  npm ${publishArguments({ ...one, tarball: shown(one.tarball) }).join(' ')}`);
  console.log('');
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function shown(path) {
  return relative(root, path) || path;
}

function count(list, noun) {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}
