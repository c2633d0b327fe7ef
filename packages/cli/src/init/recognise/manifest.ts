import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadInputError } from '../../bad-input.js';

/** What is read of a project's package.json. */
export interface Manifest {
  readonly text: string;
  /** The whole document. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly type: 'module' | 'commonjs';
  /** From each name to its version range: dependencies and development dependencies. */
  readonly dependencies: ReadonlyMap<string, string>;
  readonly scripts: Readonly<Record<string, string>>;
  /** The tool that `packageManager` names, such as `pnpm`. */
  readonly packageManager: string | undefined;
}

/**
 * Reads the package.json of a folder.
 *
 * @throws BadInputError where there is none, it is a link, or not a JSON object
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'package.json');
  const kind = await lstat(path).catch(() => undefined);
  if (kind === undefined || !kind.isFile()) {
    throw new BadInputError(
      kind === undefined ? `There is no package.json in ${folder}.` : `${path} is not a file.`,
      'Run the command in the folder of a service, or begin one: entra-guard init --new my-api --express',
    );
  }
  const text = await readFile(path, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  if (!isObject(value)) throw new BadInputError(`${path} is not a JSON object.`, 'Fix the JSON first.');
  return {
    text,
    value,
    type: value.type === 'module' ? 'module' : 'commonjs',
    dependencies: new Map([
      ...Object.entries(texts(value.devDependencies)),
      ...Object.entries(texts(value.dependencies)),
    ]),
    scripts: texts(value.scripts),
    packageManager: /^(\w+)@/.exec(String(value.packageManager ?? ''))?.[1],
  };
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
