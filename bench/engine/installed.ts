import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What installing a package brings along. */
export interface Installed {
  /** Itself, its dependencies, theirs, and so on; peers are the application's own. */
  readonly packages: number;
  /** Of all their files. */
  readonly bytes: number;
}

interface Manifest {
  readonly files?: readonly string[];
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
}

const bench = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Walks the installed dependencies of some packages.
 *
 * @param from where they are looked for. Default: this package
 */
export function installed(names: readonly string[], from = bench): Installed {
  const folders = new Set<string>();
  const visit = (name: string, above: string, optional: boolean): void => {
    const folder = find(name, above);
    if (folder === undefined) {
      if (optional) return;
      throw new Error(`${name} is not installed for ${above}.`);
    }
    if (folders.has(folder)) return;
    folders.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(folder);
    for (const dependency of Object.keys(dependencies)) {
      visit(dependency, folder, dependency in optionalDependencies);
    }
    for (const dependency of Object.keys(optionalDependencies)) visit(dependency, folder, true);
  };
  for (const name of names) visit(name, from, false);
  const bytes = [...folders].reduce((sum, folder) => sum + publishedSize(folder), 0);
  return { packages: folders.size, bytes };
}

/** As Node looks for it: in the `node_modules` of each folder above. */
function find(name: string, from: string): string | undefined {
  const candidate = join(from, 'node_modules', name);
  if (existsSync(candidate)) return realpathSync(candidate);
  const above = dirname(from);
  return above === from ? undefined : find(name, above);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** A package of this repository is counted as it is published, not as it is developed. */
function publishedSize(folder: string): number {
  if (folder.includes('node_modules')) return sizeOf(folder);
  const { files = [] } = manifestOf(folder);
  return ['package.json', 'README.md', ...files]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .reduce((sum, path) => sum + sizeOf(path), 0);
}

function sizeOf(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
