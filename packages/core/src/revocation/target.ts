import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { millisecondsOf } from '../base/instant.js';
import { printable } from '../base/printable.js';
import { assertKnown } from '../options/option-readers.js';
import type { Target } from '../options/revocations.js';

/** The kinds of targets, by name. */
export type TargetKind =
  | 'user'
  | 'servicePrincipal'
  | 'client'
  | 'agentBlueprint'
  | 'session'
  | 'token'
  | 'tenant'
  | 'everyone';

interface KindOfTarget {
  /** Letter that begins its keys. Users and service principals are objects of one directory, so they share one. */
  readonly letter: string;
  readonly tenantId: 'required' | 'optional' | 'none';
  /** What its value is. */
  readonly value: 'guid' | 'text';
  /** What Entra calls it, for errors. */
  readonly called: string;
}

const KINDS: Readonly<Record<Exclude<TargetKind, 'everyone'>, KindOfTarget>> = {
  user: { letter: 'o', tenantId: 'required', value: 'guid', called: "the user's object ID" },
  servicePrincipal: {
    letter: 'o',
    tenantId: 'required',
    value: 'guid',
    called: "the service principal's object ID",
  },
  client: { letter: 'c', tenantId: 'optional', value: 'guid', called: "the app's application (client) ID" },
  agentBlueprint: {
    letter: 'b',
    tenantId: 'optional',
    value: 'guid',
    called: "the blueprint's application (client) ID",
  },
  session: { letter: 's', tenantId: 'required', value: 'text', called: 'the session ID (sid)' },
  token: { letter: 't', tenantId: 'optional', value: 'text', called: 'the unique token identifier (uti)' },
  tenant: { letter: 'd', tenantId: 'none', value: 'guid', called: 'the tenant ID' },
};

type NamedKind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as readonly NamedKind[];
const MAX_TEXT = 200;

/** Stands for any tenant in a key. No tenant is called so. */
export const ANY_TENANT = '*';
/** The key of the target `'everyone'`. */
export const EVERYONE_KEY = 'e';

/** Returns the key under which a record is found. Its second part is a GUID or {@link ANY_TENANT}, so keys can't be confused. */
export function keyFor(kind: NamedKind, tenantId: string, value: string): string {
  return `${KINDS[kind].letter}${tenantId}/${value}`;
}

/** A target after validation, with what was read from it. */
export interface ReadTarget {
  readonly kind: TargetKind;
  /** The target with IDs in lower case, frozen. */
  readonly target: Target;
  readonly key: string;
  /** When its token expires, in milliseconds since the epoch. Only of a `token`. */
  readonly expiresAt: number | undefined;
}

/** Returns the kind of a valid target. */
export function kindOf(target: Target): TargetKind {
  return target === 'everyone' ? target : (NAMES.find((name) => Object.hasOwn(target, name)) as NamedKind);
}

/** Returns the tenant that a valid target names; `undefined` if it reaches more than one. */
export function tenantOf(target: Target): string | undefined {
  if (target === 'everyone') return undefined;
  return 'tenant' in target ? target.tenant : target.tenantId;
}

/**
 * Reads a target that may come from anywhere.
 *
 * @throws ConfigurationError that says what was found and what a target is
 */
export function readTarget(given: unknown): ReadTarget {
  if (given === 'everyone') {
    return { kind: 'everyone', target: 'everyone', key: EVERYONE_KEY, expiresAt: undefined };
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw notATarget(printable(given));
  // Only own members count, whatever else code has put on Object.prototype.
  const members = Object.assign(Object.create(null) as Record<string, unknown>, given);
  const kinds = NAMES.filter((name) => members[name] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    throw notATarget(
      kinds.length > 1 ? `an object with ${kinds.join(' and ')}` : 'an object without any of these',
    );
  }
  const { tenantId: tenancy } = KINDS[kind];
  const names = [
    kind,
    ...(tenancy === 'none' ? [] : ['tenantId']),
    ...(kind === 'token' ? ['expiresAt'] : []),
  ];
  assertKnown(`member of a target { ${kind} } called`, members, names);
  const value = readValue(kind, members[kind]);
  const tenant = tenantFrom(kind, members.tenantId);
  const expiresAt = kind === 'token' ? millisecondsOf('target: expiresAt', members.expiresAt) : undefined;
  const target = Object.freeze({
    [kind]: value,
    ...(tenant === undefined ? {} : { tenantId: tenant }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }) as unknown as Target;
  const key = kind === 'tenant' ? keyFor(kind, value, '') : keyFor(kind, tenant ?? ANY_TENANT, value);
  return { kind, target, key, expiresAt };
}

function readValue(kind: NamedKind, value: unknown): string {
  const { value: form, called } = KINDS[kind];
  if (form === 'guid') {
    if (isGuid(value)) return value.toLowerCase();
    throw notAGuid(kind, called, value);
  }
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) && value.length <= MAX_TEXT) return value;
  throw new ConfigurationError(
    `target: ${kind} is ${shown(value)}, which is not ${called}.`,
    "Copy it from Entra's sign-in log as it is there: the case of its letters matters.",
  );
}

function tenantFrom(kind: NamedKind, value: unknown): string | undefined {
  const { tenantId } = KINDS[kind];
  if (isGuid(value)) return value.toLowerCase();
  if (value === undefined && tenantId !== 'required') return undefined;
  if (value !== undefined) throw notAGuid('tenantId', 'the tenant ID', value);
  throw new ConfigurationError(
    `target: { ${kind} } has no tenantId.`,
    `Name the tenant, because ${kind === 'session' ? 'sessions' : 'object IDs'} belong to one: { ${kind}, tenantId }.`,
  );
}

function notAGuid(name: string, called: string, value: unknown): ConfigurationError {
  const mail = typeof value === 'string' && value.includes('@');
  return new ConfigurationError(
    `target: ${name} is ${shown(value)}, which is not a GUID.`,
    mail
      ? `Mail addresses change hands. Find ${called} with: az ad user show --id <address> --query id`
      : `Pass ${called}, as Entra shows it.`,
  );
}

function notATarget(found: string): ConfigurationError {
  return new ConfigurationError(
    `The target is ${found}.`,
    `Pass 'everyone', or an object with exactly one of ${NAMES.join(', ')}: { user: <object ID>, tenantId }.`,
  );
}

function shown(value: unknown): string {
  return value === '' ? 'an empty string' : printable(value);
}
