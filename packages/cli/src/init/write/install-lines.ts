import type { InitPlan } from '../plan/init-plan.js';
import type { PackageManager } from '../recognise/package-manager.js';

/** One call of a package manager: the command and its arguments. */
export type InstallLine = readonly [command: PackageManager, ...args: string[]];

const ADD: Readonly<Record<PackageManager, { readonly add: string; readonly development: string }>> = {
  npm: { add: 'install', development: '--save-dev' },
  pnpm: { add: 'add', development: '--save-dev' },
  yarn: { add: 'add', development: '--dev' },
  bun: { add: 'add', development: '--dev' },
};

/** What installs the missing packages; where the plan names none and changes package.json, what installs those of that file. */
export function installLines({ packageManager, install, changes, test }: InitPlan): readonly InstallLine[] {
  const { add, development } = ADD[packageManager];
  const { packages, development: inDevelopment } = install;
  const lines: InstallLine[] = [];
  if (packages.length > 0) lines.push([packageManager, add, ...packages]);
  if (inDevelopment.length > 0) lines.push([packageManager, add, development, ...inDevelopment]);
  const moved = test === undefined && changes.some(({ path }) => path.endsWith('package.json'));
  return lines.length === 0 && moved ? [[packageManager, 'install']] : lines;
}
