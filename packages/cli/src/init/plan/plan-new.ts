import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { BadInputError } from '../../bad-input.js';
import { catalogueTemplate } from '../templates/catalogue.js';
import { NEW_EXPRESS } from '../templates/new-express.js';
import { NEW_NEST } from '../templates/new-nest.js';
import { commonFiles } from '../templates/new-service.js';
import type { Identifiers } from './identifiers.js';
import type { InitPlan, Installation } from './init-plan.js';

const INSTALLED: Readonly<Record<'express' | 'nestjs', Installation>> = {
  express: {
    packages: ['@entra-guard/express', 'express@^5'],
    development: [
      '@entra-guard/testing',
      '@entra-guard/cli',
      '@types/express@^5',
      '@types/node',
      'typescript@^5',
    ],
  },
  nestjs: {
    packages: [
      '@entra-guard/nestjs',
      '@nestjs/common@^11',
      '@nestjs/core@^11',
      '@nestjs/platform-express@^11',
      'reflect-metadata@^0.2',
      'rxjs@^7',
    ],
    development: [
      '@entra-guard/testing',
      '@entra-guard/cli',
      '@nestjs/testing@^11',
      '@types/node',
      'typescript@^5',
    ],
  },
};

/** What npm allows as a name, and every file system as a folder. */
const NAME = /^[a-z\d][a-z\d._-]{0,99}$/;

/**
 * Plans a small service in a folder of its own.
 *
 * @param parent where the folder goes
 * @throws BadInputError for a name that is not one, and a folder that is there and not empty
 */
export async function planNew(
  parent: string,
  name: string,
  framework: 'express' | 'nestjs',
  { clientId }: Identifiers,
): Promise<InitPlan> {
  if (!NAME.test(name)) {
    throw new BadInputError(
      `--new is ${JSON.stringify(name)}, which is not a name for a package and its folder.`,
      'Use small letters, digits, dots, hyphens and underscores: --new my-api',
    );
  }
  const above = await realpath(parent).catch(() => {
    throw new BadInputError(`${parent} is not a folder.`, 'Name the folder that the new one goes into.');
  });
  const folder = join(above, name);
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : ['not a folder'],
  );
  if (entries.length > 0) {
    throw new BadInputError(
      `${folder} is there already, and is not empty.`,
      'Give another name. For a service that exists, run the command in its folder without --new.',
    );
  }
  const express = framework === 'express';
  const files: Record<string, string> = {
    ...commonFiles(name, express ? 'server' : 'main', express ? 'app.test' : 'app.spec', !express),
    'src/entra-permissions.ts': catalogueTemplate(`@entra-guard/${framework}`, clientId),
    ...(express ? NEW_EXPRESS : NEW_NEST),
  };
  return {
    folder,
    found: `a new service on ${express ? 'Express' : 'NestJS'}, in TypeScript`,
    changes: Object.entries(files).map(([path, after]) => ({ path, before: undefined, after })),
    packageManager: 'npm',
    install: INSTALLED[framework],
    byHand: [],
    notes: [],
    test: 'npm test',
    readsEnvironment: true,
  };
}
