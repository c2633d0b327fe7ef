import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadInputError } from '../../bad-input.js';
import type { Manifest } from './manifest.js';

/** What serves the API. `express` and `nestjs` have an adapter; the others have a recipe. */
export type FrameworkName = 'express' | 'nestjs' | 'nextjs' | 'azure-functions' | 'fastify' | 'hono';

export interface Framework {
  readonly name: FrameworkName;
  /** The version that is installed, or that the range begins with; `undefined` where neither says it. */
  readonly version: readonly [major: number, minor: number] | undefined;
}

/** In the order in which they decide: NestJS has Express or Fastify below it, Next.js may have Express in front of it. */
const PACKAGES: readonly (readonly [FrameworkName, string])[] = [
  ['nestjs', '@nestjs/core'],
  ['express', 'express'],
  ['nextjs', 'next'],
  ['azure-functions', '@azure/functions'],
  ['fastify', 'fastify'],
  ['hono', 'hono'],
];

/** The first Express 4 that is supported. */
const OLDEST_EXPRESS_4 = 21;

/**
 * Finds the framework in the dependencies.
 *
 * @throws BadInputError where none is known, or its major version is not supported
 */
export async function recogniseFramework(folder: string, { dependencies }: Manifest): Promise<Framework> {
  const found = PACKAGES.find(([, dependency]) => dependencies.has(dependency));
  if (found === undefined) {
    throw new BadInputError(
      'The dependencies in package.json name no framework that this command knows.',
      'It knows Express, NestJS, Fastify, Hono, Azure Functions and Next.js. For other hosts see docs/other-hosts.md: createGuard of @entra-guard/core guards any of them.',
    );
  }
  const [name, dependency] = found;
  const version =
    versionIn(await installedVersion(folder, dependency)) ?? versionIn(dependencies.get(dependency));
  assertSupported(name, version);
  return { name, version };
}

/** Whether the service has an Express 4 that has to be raised before the adapter can be installed. */
export const hasOldExpress = ({ name, version }: Framework): boolean =>
  name === 'express' && version?.[0] === 4 && version[1] < OLDEST_EXPRESS_4;

function assertSupported(name: FrameworkName, version: Framework['version']): void {
  const limits = name === 'express' ? [4, 5] : name === 'nestjs' ? [10, 12] : undefined;
  if (limits === undefined || version === undefined) return;
  const [oldest = 0, newest = 0] = limits;
  const [major] = version;
  if (major >= oldest && major <= newest) return;
  const title = name === 'express' ? 'Express' : 'NestJS';
  throw new BadInputError(
    `This service has ${title} ${major}; ${title} ${oldest} to ${newest} is supported.`,
    major < oldest
      ? `Upgrade ${title} first.`
      : 'Look for a newer version of this command: npx @entra-guard/cli@latest',
  );
}

async function installedVersion(folder: string, dependency: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(folder, 'node_modules', dependency, 'package.json'), 'utf8');
    return (JSON.parse(text) as { readonly version?: string }).version;
  } catch {
    return undefined;
  }
}

/** `^4.16.1`, `~5.0`, `>=10`, `5`. Names such as `latest` and `workspace:*` say nothing. */
function versionIn(range: string | undefined): Framework['version'] {
  const parts = /^[\^~>=v\s]*(\d+)(?:\.(\d+))?/.exec(range ?? '');
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2] ?? 0)];
}
