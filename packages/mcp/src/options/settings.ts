import {
  ConfigurationError,
  createGuard,
  type Guard,
  type GuardOptions,
  mcpHostWarning,
  mcpResourceProblem,
  ownOptions,
} from '@entra-guard/core';
import {
  assertKnown,
  type GuardAccess,
  guardAccessOf,
  OPTION_NAMES,
  SETTING_NAMES,
} from '@entra-guard/core/mcp';
import { type Entries, readEntries } from './entries.js';
import { readInitialScopes } from './initial-scopes.js';
import type { EntraMcpOptions, McpSettings, StepUpWay } from './options.js';
import { readAuthority } from './read-authority.js';
import { shown } from './shown.js';
import { tell } from './tell.js';

/** {@link EntraMcpOptions} after validation. */
export interface Settings {
  readonly guard: Guard;
  readonly access: GuardAccess;
  readonly entries: Entries;
  readonly resource: URL;
  readonly resourceName: string | undefined;
  /** Full names. */
  readonly initialScopes: readonly string[];
  /** The authority that clients are told of. */
  readonly authority: string;
  readonly stepUp: StepUpWay;
  readonly denied: 'hide' | 'say';
  /** Origins of pages that may call, that of the server included. */
  readonly origins: ReadonlySet<string>;
  readonly exposeToken: boolean;
  /** In bytes. */
  readonly maxBodyBytes: number;
  readonly hasFacade: boolean;
}

const WHAT = 'entraMcp(...)';
const OWN_NAMES = [
  'resource',
  'resourceName',
  'initialScopes',
  'tools',
  'prompts',
  'resources',
  'stepUp',
  'denied',
  'allowedOrigins',
  'exposeToken',
  'maxBodyBytes',
  'authorizationServer',
] as const satisfies readonly (keyof McpSettings)[];
const GUARD_NAMES = [...OPTION_NAMES, ...SETTING_NAMES, 'validator', 'authorities'];

/** Tool arguments are text that a model wrote: the SDKs' own limit of 4 MiB for each request at once would be generous. */
const MAX_BODY = 1_048_576;

/** @throws ConfigurationError that names the option, what was found, and what Entra or a client would have answered */
export function readSettings(given: EntraMcpOptions): Settings {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${WHAT} was given ${shown(given)}.`,
      'Pass an object: { tenantId, clientId, resource, tools }.',
    );
  }
  const options = ownOptions(WHAT, given, [...OWN_NAMES, ...GUARD_NAMES, 'guard']) as Partial<McpSettings> & {
    readonly guard?: object;
  };
  const hasGuard = Object.hasOwn(options, 'guard');
  assertKnown(
    hasGuard ? `option of ${WHAT} next to guard called` : `option of ${WHAT} called`,
    options,
    hasGuard ? [...OWN_NAMES, 'guard'] : [...OWN_NAMES, ...GUARD_NAMES],
    [...OWN_NAMES, ...GUARD_NAMES, 'guard'],
  );
  const resource = readResource(options.resource);
  const entries = readEntries(options);
  const access = guardAccessOf(hasGuard ? options.guard : ownGuard(options, resource));
  const { guard } = access;
  // An approval is given for what a tool is called with, unless it says otherwise.
  const place = { approves: () => ({}) };
  for (const { kind, name, requirement } of entries.all) {
    guard.declare(requirement, `${kind} ${name}`, place);
  }
  const authority = readAuthority(access, resource);
  const initialScopes = readInitialScopes(options.initialScopes, entries, resource.href);
  const settings: Settings = {
    guard,
    access,
    entries,
    resource,
    resourceName: readText('resourceName', options.resourceName),
    initialScopes,
    authority,
    stepUp: oneOf('stepUp', options.stepUp ?? 'http', ['http', 'tool', 'both']),
    denied: oneOf('denied', options.denied ?? 'hide', ['hide', 'say']),
    origins: new Set([resource.origin, ...readOrigins(options.allowedOrigins)]),
    exposeToken: readFlag('exposeToken', options.exposeToken),
    maxBodyBytes: readBytes(options.maxBodyBytes),
    hasFacade: readFacade(options.authorizationServer),
  };
  warnOf(settings);
  return Object.freeze(settings);
}

/** The guard's own options are those that are not settings of this package. */
function ownGuard(options: object, resource: URL): Guard {
  const own = Object.fromEntries(
    Object.entries(options).filter(([name]) => !(OWN_NAMES as readonly string[]).includes(name)),
  );
  const isOneAuthority = !Object.hasOwn(own, 'validator') && !Object.hasOwn(own, 'authorities');
  const hasUri = Object.hasOwn(own, 'applicationIdUri') && own.applicationIdUri !== undefined;
  return createGuard(
    (isOneAuthority && !hasUri
      ? { ...own, applicationIdUri: resource.href }
      : own) as unknown as GuardOptions,
  );
}

function readResource(given: unknown): URL {
  const problem = mcpResourceProblem(given);
  if (problem === undefined) return new URL(given as string);
  throw new ConfigurationError(
    `resource is ${given === undefined ? 'missing' : `'${problem.found}'`}, and has to be ${problem.expected}. Clients would get ${problem.code}.`,
    problem.hint,
  );
}

function readText(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
  throw new ConfigurationError(`${name} is ${shown(value)}.`, 'Pass text, or leave it out.');
}

function oneOf<Word extends string>(name: string, value: unknown, allowed: readonly Word[]): Word {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `${name} is ${shown(value)}.`,
    `Use ${allowed.map((one) => `'${one}'`).join(', ')}.`,
  );
}

function readFlag(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new ConfigurationError(`${name} is ${shown(value)}.`, 'Pass true or false.');
}

function readBytes(value: unknown = MAX_BODY): number {
  if (Number.isInteger(value) && (value as number) > 0) return value as number;
  throw new ConfigurationError(
    `maxBodyBytes is ${shown(value)}.`,
    'Pass a whole number of bytes, such as 1048576.',
  );
}

function readOrigins(given: unknown = []): readonly string[] {
  const example = "List origins without a path: allowedOrigins: ['http://localhost:6274'].";
  if (!Array.isArray(given)) throw new ConfigurationError(`allowedOrigins is ${shown(given)}.`, example);
  for (const one of given as readonly unknown[]) {
    // An opaque origin is written 'null', and is what any sandboxed page sends.
    const isOrigin = typeof one === 'string' && URL.canParse(one) && new URL(one).origin === one;
    if (!isOrigin)
      throw new ConfigurationError(`allowedOrigins holds ${shown(one)}, which is not an origin.`, example);
  }
  return given as readonly string[];
}

function readFacade(given: unknown): boolean {
  if (given === undefined) return false;
  const example = "Pass { facade: 'metadata' }, or leave it out: clients then read Entra's own metadata.";
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(`authorizationServer is ${shown(given)}.`, example);
  }
  const own = ownOptions('authorizationServer', given as { readonly facade?: unknown }, ['facade']);
  assertKnown('option of authorizationServer called', own, ['facade']);
  if (own.facade === 'metadata') return true;
  throw new ConfigurationError(`authorizationServer.facade is ${shown(own.facade)}.`, example);
}

function warnOf({ resource, access }: Settings): void {
  const message = mcpHostWarning(resource.href);
  if (message !== undefined) tell(access.log, { message, hint: `resource is ${resource.href}.` });
}
