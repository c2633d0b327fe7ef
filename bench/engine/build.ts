import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies this build of the bench to where it finds the packages of another checkout: both builds are then measured by the
 * same code.
 *
 * @param checkout the root of a checkout, built
 * @param folder a new one
 * @returns the folder with `hosts/`
 * @throws Error if the checkout is not installed and built
 */
export function buildOf(checkout: string, folder: string): string {
  for (const needed of [
    'bench/node_modules',
    'packages/core/dist',
    'packages/express/dist',
    'packages/nestjs/dist',
    'packages/testing/dist',
  ]) {
    if (!existsSync(join(checkout, needed))) {
      throw new Error(`${join(checkout, needed)} is missing. Run pnpm install && pnpm build in ${checkout}.`);
    }
  }
  mkdirSync(folder);
  cpSync(join(bench, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(bench, 'package.json'), join(folder, 'package.json'));
  symlinkSync(resolve(checkout, 'bench/node_modules'), join(folder, 'node_modules'));
  return join(folder, 'dist');
}
