import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { StartEntraOptions } from '@entra-guard/testing';
import type * as Local from '@entra-guard/testing/local';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';
import { type Seed, seedFrom } from './seed.js';

/** Taken from the working directory if no other is named. */
export const CONFIG_FILE = 'entra.local.json';

/** What flags say of a local Entra. */
export interface LocalFlags {
  readonly config?: string;
  readonly port?: number;
  readonly tls?: true;
  readonly seed?: readonly string[];
  readonly state?: string;
}

/** The options of a local Entra, and where they are from. */
export interface ChosenOptions {
  readonly options: StartEntraOptions;
  /** `entra.local.json`; `undefined` for the example directory. */
  readonly file: string | undefined;
}

/**
 * Puts the options together: the configuration file, else the example directory; then the seeds; then the flags.
 *
 * @throws BadInputError, LocalEntraError
 */
export async function localOptions(
  session: Session,
  local: typeof Local,
  { config, port, tls, seed = [], state }: LocalFlags,
): Promise<ChosenOptions> {
  const file = config ?? (existsSync(resolve(session.cwd, CONFIG_FILE)) ? CONFIG_FILE : undefined);
  const seeds: Seed[] = [];
  for (const where of seed) seeds.push(...(await seedFrom(session, where)));
  const base: StartEntraOptions =
    file === undefined
      ? exampleFor(local, seeds)
      : local.readLocalConfig(await textOf(resolve(session.cwd, file), file), file);
  const kept = state ?? base.state;
  return {
    file,
    options: {
      ...base,
      ...(seeds.length === 0 ? {} : { apps: seeded(base.apps ?? {}, seeds) }),
      ...(port === undefined ? {} : { port }),
      ...(tls === undefined ? {} : { tls }),
      ...(kept === undefined ? {} : { state: resolve(session.cwd, kept) }),
    },
  };
}

/** The example's API would only be in the way of one that is given. */
function exampleFor({ exampleDirectory }: typeof Local, seeds: readonly Seed[]): StartEntraOptions {
  if (seeds.length === 0) return exampleDirectory;
  const { orders: _, ...clients } = exampleDirectory.apps;
  return { ...exampleDirectory, apps: clients };
}

/** Members next to a manifest win, so what the file says of an app holds. */
function seeded(apps: NonNullable<StartEntraOptions['apps']>, seeds: readonly Seed[]): typeof apps {
  const all: Record<string, (typeof apps)[string]> = { ...apps };
  for (const { name, manifest } of seeds) all[name] = { manifest, ...all[name] };
  return all;
}

async function textOf(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(
      code === 'ENOENT' ? `There is no file ${shown}.` : `${shown} could not be read (${code}).`,
      `Name the configuration file with --config. Without one, ${CONFIG_FILE} is read if it exists.`,
    );
  }
}
