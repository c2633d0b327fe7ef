import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';

/**
 * Loads a package that this one does not depend on: the project's copy, or the one that was installed next to this command.
 *
 * @param entry the package, or an entry point of it: `@entra-guard/testing/local`
 * @param fix what to run where it is missing
 * @throws BadInputError where neither is there, or the copy is too old to have the entry point
 */
export function fromProject<M>(session: Session, entry: string, fix: string): M {
  const { loaded, old } = installed<M>(session, entry);
  if (loaded !== undefined) return loaded;
  const [scope, name] = entry.split('/');
  throw old
    ? new BadInputError(
        `${scope}/${name} is older than this command needs.`,
        `Update it: npm install --save-dev ${scope}/${name}@latest`,
      )
    : new BadInputError(
        `${scope}/${name} is not installed here.`,
        `Run it together with this command: ${fix}`,
      );
}

/**
 * Loads such a package, if it is there.
 *
 * @returns also whether a copy was found that is too old to have the entry point
 */
export function installed<M>(
  { cwd, inspector }: Session,
  entry: string,
): { readonly loaded: M | undefined; readonly old: boolean } {
  let old = false;
  for (const base of [join(cwd, 'anywhere.js'), inspector]) {
    const require = createRequire(base);
    try {
      require.resolve(entry);
    } catch (error) {
      old ||= (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
      continue;
    }
    return { loaded: require(entry) as M, old };
  }
  return { loaded: undefined, old };
}

/**
 * Where a file in the folder of such a package is; `undefined` if it has none.
 *
 * @param name `@entra-guard/testing`
 */
export function projectFile({ cwd, inspector }: Session, name: string, file: string): string | undefined {
  for (const base of [join(cwd, 'anywhere.js'), inspector]) {
    try {
      const path = join(dirname(createRequire(base).resolve(`${name}/package.json`)), file);
      if (existsSync(path)) return path;
    } catch {}
  }
  return undefined;
}
