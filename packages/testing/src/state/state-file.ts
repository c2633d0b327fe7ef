import { bool, listOf, members, orNull, record, type Shape, text } from '../local/shape.js';
import { guid, time } from '../local/text-shapes.js';
import type { KeptKind, Snapshot } from './kept-directory.js';
import type { Digests } from './merge-snapshots.js';
import { readPrivateFile, stateRefused, writePrivateFile } from './private-file.js';

/** The version of the file's form. */
export const STATE_VERSION = 1;

/** What the file of a local Entra holds. */
export interface StateFile {
  readonly version: typeof STATE_VERSION;
  /** Where it answered last. */
  readonly origin: string;
  /** Private keys, PKCS #8 in PEM, newest first. */
  readonly keys: readonly [string, ...string[]];
  /** Digests of what the configuration declared. */
  readonly declared: Digests;
  readonly directory: Snapshot;
}

const texts = listOf(text('a text'), 'a list of texts');
const digests = record(text('a digest'), 'digests by ID');
const open = { open: true };

const objects: Readonly<Record<KeptKind, Shape>> = {
  users: members({ displayName: text('a name', /\S/), admin: bool(), profile: members({}, open) }, open),
  apps: members({}, open),
  accounts: members(
    { disabled: bool(), removed: bool(), sessionsValidFrom: time },
    { required: ['disabled', 'removed'] },
  ),
  groups: members(
    {
      displayName: text('a name'),
      description: orNull(text('a text', /(?:)/)),
      securityEnabled: bool(),
      members: listOf(guid, 'a list of object IDs'),
    },
    { required: ['displayName', 'members'], ...open },
  ),
  consents: members(
    { clientId: guid, resourceId: guid, principalId: guid, scopes: texts },
    { required: ['clientId', 'resourceId', 'scopes'] },
  ),
};

/** One shape for each kind. */
function ofKinds(make: (shape: Shape) => Shape): Shape {
  const shapes = Object.entries(objects).map(([kind, shape]) => [kind, make(shape)] as const);
  return members(Object.fromEntries(shapes), { required: Object.keys(objects) });
}

const shape = members(
  {
    origin: text('the address of the local Entra', /^https?:\/\//),
    keys: listOf(text('a private key in PEM', /^-----BEGIN PRIVATE KEY-----/), 'keys in PEM', 1),
    declared: ofKinds(() => digests),
    directory: ofKinds((one) => record(one, 'objects by ID')),
  },
  { required: ['origin', 'keys', 'declared', 'directory'], open: true },
);

/**
 * Reads the file of a local Entra.
 *
 * @returns `undefined` if there is none
 * @throws {LocalEntraError} `state_refused`: others may read it, another version wrote it, or it is something else
 */
export function readStateFile(path: string): StateFile | undefined {
  const json = readPrivateFile(path);
  if (json === undefined) return undefined;
  const value = parsed(json);
  const version =
    typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (version === undefined) {
    throw stateRefused(
      `${path} is not the state of a local Entra. Name another file; this one stays as it is.`,
    );
  }
  if (version !== STATE_VERSION) {
    throw stateRefused(
      `${path} has version ${JSON.stringify(version)} of the state, and this local Entra reads version ${STATE_VERSION}. Use the release that wrote it, or delete it to begin anew.`,
    );
  }
  const problem = shape.check(value, []);
  if (problem !== undefined) {
    throw stateRefused(
      `${path} is damaged: ${problem.path.join('.')} ${problem.message.split('. ')[0]}. Delete it to begin anew.`,
    );
  }
  return value as StateFile;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** @throws {LocalEntraError} `state_refused` */
export function writeStateFile(path: string, state: StateFile): void {
  writePrivateFile(path, `${JSON.stringify(state, undefined, 2)}\n`);
}

/**
 * Returns where the local Entra of a file answered last, such as `http://localhost:8484`; `undefined` if there is no file.
 *
 * @throws {LocalEntraError} `state_refused`
 */
export function originInState(path: string): string | undefined {
  return readStateFile(path)?.origin;
}
