// What an installation of a package brings along, read from the installed tree and the lockfile: no network.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packages, readJson, root } from './workspace.mjs';

const published = new Set(packages.map(({ name }) => name));
let lockfile;

/**
 * Lists what is installed with a package of this repository, directly and through others, peers left out:
 * `{ name, version, manifest, integrity, needs }` in alphabetical order. `integrity` is that of the lockfile, and `undefined`
 * for packages of this repository. `needs` holds the `name@version` that each one depends on.
 */
export function dependenciesOf({ folder, manifest }) {
  const found = new Map();
  const visit = (from, { dependencies, optionalDependencies }) => {
    const ids = [];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const home = installed(from, name);
      if (home !== undefined) ids.push(take(home));
      else if (optionalDependencies?.[name] === undefined)
        throw new Error(`${name} is not installed for ${from}: run "pnpm install".`);
    }
    return ids.sort(byText);
  };
  const take = (home) => {
    const { name, version, ...rest } = readJson(join(home, 'package.json'));
    const id = `${name}@${version}`;
    if (found.has(id)) return id;
    const entry = { name, version, manifest: rest, integrity: undefined, needs: [] };
    if (!published.has(name)) entry.integrity = integrityOf(id);
    found.set(id, entry);
    entry.needs = visit(home, rest);
    return id;
  };
  const needs = visit(folder, manifest);
  return { needs, all: [...found.keys()].sort(byText).map((id) => found.get(id)) };
}

const byText = (a, b) => (a < b ? -1 : Number(a > b));

/** The folder of an installed package, as Node finds it from another one. */
function installed(from, name) {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return;
  }
}

/** The hash that the lockfile has of a package's tarball, such as `sha512-…`. */
function integrityOf(id) {
  lockfile ??= readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  const escaped = id.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const entry = new RegExp(`^ {2}'?${escaped}'?:\\n {4}resolution: \\{integrity: (sha\\d+-[^,}]+)`, 'm').exec(
    lockfile,
  );
  if (entry === null) throw new Error(`pnpm-lock.yaml has no hash of ${id}: run "pnpm install".`);
  return entry[1];
}
