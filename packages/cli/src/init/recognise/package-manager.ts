import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest } from './manifest.js';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

const LOCKFILES: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/**
 * The tool that installs the dependencies: the one that `packageManager` names, or else that of the nearest lockfile, up to the
 * root of the repository. Default: npm.
 */
export function recognisePackageManager(folder: string, { packageManager }: Manifest): PackageManager {
  const named = LOCKFILES.find(([, manager]) => manager === packageManager)?.[1];
  return named ?? lockedBy(folder) ?? 'npm';
}

function lockedBy(folder: string): PackageManager | undefined {
  const found = LOCKFILES.find(([lockfile]) => existsSync(join(folder, lockfile)))?.[1];
  const above = dirname(folder);
  if (found !== undefined || above === folder || existsSync(join(folder, '.git'))) return found;
  return lockedBy(above);
}
