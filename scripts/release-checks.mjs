// What must hold of packed packages before they are published, apart from what publint and "Are the types wrong?" check.
import { posix } from 'node:path';
import { packages, readJson, root } from './workspace.mjs';

/** The packages that share one version. All others have versions of their own. */
export const firstRing = new Set(readJson(`${root}/.changeset/config.json`).fixed.flat());

const byName = new Map(packages.map((entry) => [entry.name, entry]));
const scope = /^@entra-guard\//;

/**
 * Checks all packed packages together: `{ name, manifest, files }`, where `manifest` is the packed `package.json` and `files` maps
 * paths to contents. Returns a sentence for each problem.
 */
export function problemsOf(packed) {
  const problems = [];
  const versions = new Map(packed.map(({ name, manifest }) => [name, manifest.version]));
  const first = [
    ...new Set(packed.filter(({ name }) => firstRing.has(name)).map(({ name }) => versions.get(name))),
  ];
  if (first.length > 1)
    problems.push(
      `The packages of the first ring have several versions: ${first.join(', ')}. Run "pnpm changeset version".`,
    );
  for (const one of packed) problems.push(...manifestProblems(one, versions), ...fileProblems(one));
  return problems;
}

/** What a rehearsal can do without, and a release can't. */
export function placeholders(packed) {
  const without = packed.filter(({ manifest }) => manifest.repository === undefined);
  const unmade = packed.filter(({ manifest }) => /-dev\b/.test(manifest.version));
  const sentences = [];
  if (without.length > 0)
    sentences.push(
      `No "repository" in the package.json of ${names(without, packed)}. npm compares it with where a package was built. ` +
        'docs/releasing.md says how to set it.',
    );
  if (unmade.length > 0)
    sentences.push(`No version yet: ${names(unmade, packed)}. Run "pnpm changeset version" and commit.`);
  return sentences;
}

function names(some, all) {
  return some.length === all.length ? 'all packages' : some.map(({ name }) => name).join(', ');
}

function manifestProblems({ name, manifest }, versions) {
  const problems = [];
  const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'];
  for (const kind of kinds) {
    for (const [other, range] of Object.entries(manifest[kind] ?? {})) {
      if (/^(workspace|file|link|catalog|portal):/.test(range))
        problems.push(`${name}: "${kind}" has ${other} as "${range}", which exists in this repository only.`);
      else if (kind !== 'devDependencies' && scope.test(other))
        problems.push(...neighbourProblems({ name, manifest }, kind, other, range, versions));
    }
  }
  const { access, provenance } = manifest.publishConfig ?? {};
  if (access !== 'public' || provenance !== true)
    problems.push(`${name}: set "publishConfig" to { "access": "public", "provenance": true }.`);
  return problems;
}

/** What an adapter of the first ring asks of a package of the second that it adapts to a framework. */
const BELOW_ONE = '>=0.1.0-0 <1.0.0';

/** What a package may ask of another one of this repository. docs/decisions/0017-two-rings-of-versions.md has the reasons. */
function neighbourProblems({ name, manifest }, kind, other, range, versions) {
  if (!byName.has(other)) return [`${name}: "${kind}" has ${other}, which is not published.`];
  const isOptionalPeer =
    kind === 'peerDependencies' && manifest.peerDependenciesMeta?.[other]?.optional === true;
  if (firstRing.has(name) && !firstRing.has(other) && isOptionalPeer) {
    return range === BELOW_ONE
      ? []
      : [
          `${name}: "peerDependencies" has ${other} as "${range}" and not as "${BELOW_ONE}", which its next minor version would leave.`,
        ];
  }
  const problems = [];
  const wanted = `^${versions.get(other)}`;
  if (range !== wanted)
    problems.push(
      `${name}: "${kind}" has ${other} as "${range}" and not as "${wanted}". Write "workspace:^" in package.json.`,
    );
  if (firstRing.has(name) && !firstRing.has(other))
    problems.push(
      `${name}: a package of the first ring depends on ${other}, which has a version of its own.`,
    );
  if (
    !firstRing.has(name) &&
    firstRing.has(other) &&
    kind !== 'peerDependencies' &&
    manifest.bin === undefined
  )
    problems.push(`${name}: move ${other} to "peerDependencies", so that an application has one copy of it.`);
  return problems;
}

function fileProblems({ name, files }) {
  const problems = [];
  for (const file of ['LICENSE', 'README.md']) {
    if (!files.has(`package/${file}`)) problems.push(`${name}: the tarball has no ${file}.`);
  }
  for (const [path, content] of files) {
    if (path.endsWith('.map')) problems.push(...mapProblems(name, path, content, files));
    else if (/\.(?:[cm]?js|d\.[cm]?ts)$/.test(path)) {
      const target = /^\/\/# sourceMappingURL=(\S+)/m.exec(content.toString('utf8'))?.[1];
      if (
        target !== undefined &&
        !target.startsWith('data:') &&
        !files.has(posix.join(posix.dirname(path), target))
      )
        problems.push(`${name}: ${path} names the source map ${target}, which is not in the tarball.`);
    }
  }
  return problems;
}

/** A debugger follows a map to its sources: they are in the map or in the tarball. */
function mapProblems(name, path, content, files) {
  const { sources = [], sourceRoot = '', sourcesContent } = JSON.parse(content.toString('utf8'));
  return sources
    .filter((source, index) => {
      if (typeof sourcesContent?.[index] === 'string') return false;
      return !files.has(posix.join(posix.dirname(path), sourceRoot, source));
    })
    .map((source) => `${name}: the source map ${path} leads outside of the package, to ${source}.`);
}
