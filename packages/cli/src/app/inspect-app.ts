import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { manifestOf, takeInventory } from '@entra-guard/catalogue';
import { type Catalogue, ConfigurationError, type ExposedHandler } from '@entra-guard/core';
import { BadInputError } from '../bad-input.js';
import { type Exported, exportNamed, exportsOf, isPermissions, likeliest, whatIs } from './exported-app.js';
import type { InspectedApp, InspectionAnswer, InspectionRequest, PathSettings } from './inspected-app.js';
import { type PreventedServers, preventListening } from './prevented-listening.js';
import { reasonOf } from './reason-of.js';
import { STAND_IN } from './stand-in-options.js';

/**
 * Loads an application, in a process that exists for this: it may print, listen, keep timers or end the process, and none
 * of it reaches the process that asked.
 */
export async function inspectApp(request: InspectionRequest): Promise<Omit<InspectedApp, 'name'>> {
  // An application that is not finished refuses to start, and has to load here: assertAllGuarded() warns instead.
  Object.defineProperty(globalThis, Symbol.for('entra-guard/inspected'), { value: true });
  // Next to an authority a tenant would contradict it.
  if (!process.env.ENTRA_GUARD_AUTHORITY) process.env.ENTRA_GUARD_TENANT_ID ??= STAND_IN.tenantId;
  process.env.ENTRA_GUARD_CLIENT_ID ??= STAND_IN.clientId;
  const servers = preventListening();
  const exported = exportsOf(await load(request.file));
  const { framework, handlers, notes } =
    request.catalogueAlone === true && exportsOnlyCatalogues(exported)
      ? { framework: undefined, handlers: [], notes: [] }
      : await handlersOf(await findApp(request, exported, servers), request);
  const more = await Promise.all(request.catalogues.map(async (file) => exportsOf(await load(file))));
  const catalogues = [exported, ...more].flatMap((one) =>
    [...one.values()].filter(isPermissions).map(({ catalogue }) => catalogue),
  );
  const inventory = takeInventory(handlers, { catalogues: distinct(catalogues) });
  return {
    framework,
    inventory,
    manifests: inventory.catalogues.map((catalogue) => manifestOf(catalogue, { handlers })),
    notes: [
      ...notes,
      ...(servers.asked() ? ['The application listens when it is loaded; that was prevented.'] : []),
    ],
  };
}

function exportsOnlyCatalogues(exported: ReadonlyMap<string, unknown>): boolean {
  return likeliest(exported) === undefined && [...exported.values()].some(isPermissions);
}

async function load(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (error) {
    if (ConfigurationError.is(error)) throw error;
    const reason = reasonOf(error);
    if (/\.[cm]?tsx?$/.test(file)) {
      throw new BadInputError(
        `${file} could not be loaded: ${reason}`,
        'Give the built JavaScript, or let Node load TypeScript: NODE_OPTIONS="--import tsx".',
      );
    }
    throw new BadInputError(
      `${file} could not be loaded: ${reason}`,
      'It has to load without its database and secrets. Export a function that makes the application, so that nothing is connected before it is called.',
    );
  }
}

type Found = Exclude<Exported, { kind: 'function' | 'other' }>;

async function findApp(
  { file, exportName }: InspectionRequest,
  exported: ReadonlyMap<string, unknown>,
  servers: PreventedServers,
): Promise<Found> {
  if (exportName !== undefined) {
    const value = exportNamed(exported, exportName);
    if (value !== undefined) return made(exportName, whatIs(value));
    throw new BadInputError(`${file} does not export '${exportName}'.`, `It exports ${named(exported)}.`);
  }
  const [name, likely] = likeliest(exported) ?? [];
  if (name !== undefined && likely !== undefined) return made(name, likely);
  const served = servers
    .listeners()
    .map(whatIs)
    .find(({ kind }) => kind === 'express');
  // Nest has an Express application of its own, in which its guards can't be seen.
  if (served?.kind === 'express' && !('getOwnMetadataKeys' in Reflect)) return served;
  throw new BadInputError(
    `${file} exports no application${servers.asked() ? ', but listens when it is loaded' : ''}: it exports ${named(exported)}.`,
    `Export the Express application, the Nest module, or a function that makes one. If one of these is it, name it: ${file}#name.`,
  );
}

async function made(name: string, exported: Exported): Promise<Found> {
  if (exported.kind === 'other') {
    throw new BadInputError(
      `The export '${name}' is neither an Express application nor a Nest module, nor a function that makes one.`,
      'Name another one: file#name.',
    );
  }
  if (exported.kind !== 'function') return exported;
  let result: Exported;
  try {
    result = whatIs(await exported.make(STAND_IN));
  } catch (error) {
    if (ConfigurationError.is(error)) throw error;
    const reason = reasonOf(error);
    throw new BadInputError(
      `The exported function '${name}' failed: ${reason}`,
      'It is called with the options of a guard, { tenantId, clientId }. If it needs more, export a function that does not.',
    );
  }
  if (result.kind !== 'function' && result.kind !== 'other') return result;
  throw new BadInputError(
    `The exported function '${name}' gives no application.`,
    'It has to return the Express application, the Nest application or module, or a promise of it.',
  );
}

interface Handlers {
  readonly framework: InspectedApp['framework'];
  readonly handlers: readonly ExposedHandler[];
  readonly notes: readonly string[];
}

type HandlersIn = (app: object) => readonly ExposedHandler[];

async function handlersOf(found: Found, { file, paths }: InspectionRequest): Promise<Handlers> {
  if (found.kind === 'express') {
    const { handlersIn } = await fromApp<{ handlersIn: HandlersIn }>('@entra-guard/express', file);
    assertNoPaths(paths, 'an Express application');
    return { framework: 'express', handlers: handlersIn(found.app), notes: [] };
  }
  const { handlersIn } = await fromApp<{ handlersIn: HandlersIn }>('@entra-guard/nestjs', file);
  if (found.kind === 'nest-app') {
    assertNoPaths(paths, 'a Nest application');
    return { framework: 'nestjs', handlers: handlersIn(found.app), notes: [] };
  }
  const app = await preview(found.module, file);
  setPaths(app, paths);
  const handlers = handlersIn(app);
  const said = Object.keys(paths).length > 0 || !handlers.some(({ path }) => path.startsWith('/'));
  return { framework: 'nestjs', handlers, notes: said ? [] : [ONLY_THE_MODULE] };
}

const ONLY_THE_MODULE =
  'A module does not say which global prefix and versions its application is given. If there are any, say them with --global-prefix, --uri-versions and --default-version, or export the function that makes the application.';

/** The application has been told, and would be told again. */
function assertNoPaths(paths: PathSettings, what: string): void {
  if (Object.keys(paths).length === 0) return;
  throw new BadInputError(
    `--global-prefix, --uri-versions and --default-version are for Nest modules, and this is ${what}.`,
    'Leave them out: its paths are known.',
  );
}

interface NestPaths {
  setGlobalPrefix(prefix: string): unknown;
  enableVersioning(options: object): unknown;
}

/** Nest's own number of versions that stand in the path (`VersioningType.URI`). */
const URI_VERSIONS = 0;

function setPaths(app: object, { globalPrefix, versionPrefix, defaultVersion }: PathSettings): void {
  const nest = app as NestPaths;
  if (globalPrefix !== undefined) nest.setGlobalPrefix(globalPrefix);
  if (versionPrefix === undefined && defaultVersion === undefined) return;
  nest.enableVersioning({
    type: URI_VERSIONS,
    prefix: versionPrefix === '' ? false : (versionPrefix ?? 'v'),
    ...(defaultVersion === undefined ? {} : { defaultVersion }),
  });
}

interface NestCore {
  readonly NestFactory: { create(module: object, options: object): Promise<object> };
}

/** Nest reads the module, and makes nothing of it. */
async function preview(module: object, file: string): Promise<object> {
  const { NestFactory } = await fromApp<NestCore>('@nestjs/core', file);
  return NestFactory.create(module, { preview: true, logger: false, abortOnError: false });
}

/** The application's own copy of a package. */
async function fromApp<M>(name: string, file: string): Promise<M> {
  let entry: string;
  try {
    entry = createRequire(file).resolve(name);
  } catch {
    throw new BadInputError(
      `${name} is not installed where ${file} would look for it.`,
      `Install it with the application: npm install ${name}.`,
    );
  }
  return (await import(pathToFileURL(entry).href)) as M;
}

/** Two exports may be one catalogue. */
function distinct(catalogues: readonly Catalogue[]): readonly Catalogue[] {
  return [...new Set(catalogues)];
}

function named(exported: ReadonlyMap<string, unknown>): string {
  return [...exported.keys()].join(', ') || 'nothing';
}

/** For the process that was asked. */
export async function answerTo(request: InspectionRequest): Promise<InspectionAnswer> {
  try {
    return { app: await inspectApp(request) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const { hint } = error as { readonly hint?: unknown };
    const fix = typeof hint === 'string' ? hint : '';
    // A ConfigurationError says the hint in its message as well.
    return { problem: { message: message.replace(fix, '').trim(), hint: fix } };
  }
}
