import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { allOfNode, anyOfNode, permissionNode, sorted } from './canonical.js';
import type { CheckFunction, PermissionKind, Unknown } from './node.js';
import { type Anonymous, type Grant, type Narrowing, Requirement } from './requirement.js';

/** At least one value: an empty list would be a silent pass or a silent refusal. */
type Values = readonly [string, ...string[]];

/** A delegated token whose `scp` holds all of these scopes (short names: `Orders.Read`). */
export function scopes(...values: Values): Grant {
  return permission('scopes', values);
}

/** A delegated token whose `scp` holds at least one of these scopes. */
export function anyScope(...values: Values): Grant {
  return permission('anyScope', values);
}

/** An app-only token whose `roles` hold all of these application permissions. A user's app role never counts. */
export function appPermissions(...values: Values): Grant {
  return permission('appPermissions', values);
}

/** An app-only token whose `roles` hold at least one of these application permissions. */
export function anyAppPermission(...values: Values): Grant {
  return permission('anyAppPermission', values);
}

/** A delegated token whose user has all of these app roles. An app's permission never counts. */
export function userRoles(...values: Values): Grant {
  return permission('userRoles', values);
}

/** A delegated token whose user has at least one of these app roles. */
export function anyUserRole(...values: Values): Grant {
  return permission('anyUserRole', values);
}

/**
 * Any accepted token that carries a scope or a role. Every service principal of the tenant can get an app-only token
 * without any role for your API (Entra: client credentials flow), so those pass only with `unassignedApps: true`.
 */
export function authenticated(options: { readonly unassignedApps?: boolean } = {}): Grant {
  const { unassignedApps } = known('authenticated', options, ['unassignedApps']);
  return new Requirement('grant', { kind: 'authenticated', unassignedApps: unassignedApps === true });
}

/** The explicit opening: no token needed, none looked at. Only alone. */
export function anonymous(): Anonymous {
  return new Requirement('anonymous', { kind: 'anonymous' });
}

/**
 * At least one of these grants.
 *
 * @throws ConfigurationError for an empty list, a narrowing, `anonymous()`, or a branch that another makes pointless
 */
export function anyOf(...grants: readonly [Grant, ...Grant[]]): Grant {
  const parts = nonEmpty('anyOf', grants);
  for (const part of parts) {
    if (part.role === 'narrowing') {
      throw new ConfigurationError(
        `anyOf(...) was given ${part}, which only narrows: alone in a branch it would let in whoever happens to fit it.`,
        `Put it beside a grant: allOf(scopes('…'), ${part}).`,
      );
    }
    if (part.role === 'anonymous') throw opensEverything('anyOf');
  }
  return new Requirement(
    'grant',
    anyOfNode(parts.map((part) => part.node)),
    parts.flatMap((part) => part.reasons),
    parts.flatMap((part) => part.catalogues),
  );
}

/**
 * All of these: at least one grant, and any narrowings.
 *
 * @throws ConfigurationError for an empty list, no grant, `anonymous()`, or what no token can satisfy
 */
export function allOf(...parts: readonly [Grant | Narrowing, ...(Grant | Narrowing)[]]): Grant {
  const list = nonEmpty('allOf', parts);
  if (list.some((part) => part.role === 'anonymous')) throw opensEverything('allOf');
  if (!list.some((part) => part.role === 'grant')) {
    throw new ConfigurationError(
      `allOf(${list.join(', ')}) grants nothing: narrowings only take away.`,
      "Add a grant: scopes('…'), appPermissions('…'), userRoles('…') or authenticated().",
    );
  }
  return new Requirement(
    'grant',
    allOfNode(list.map((part) => part.node)),
    list.flatMap((part) => part.reasons),
    list.flatMap((part) => part.catalogues),
  );
}

/** Narrows to delegated tokens. */
export function delegated(): Narrowing {
  return new Requirement('narrowing', { kind: 'delegated' });
}

/** Narrows to app-only tokens. */
export function appOnly(): Narrowing {
  return new Requirement('narrowing', { kind: 'appOnly' });
}

/**
 * Narrows to these client applications (GUIDs). Beside an app-only grant a boundary; on a delegated token only a hint,
 * since a user's token can be obtained by others than the app (Entra: claims validation).
 */
export function clients(...ids: Values): Narrowing {
  return new Requirement('narrowing', { kind: 'clients', values: guids('clients', 'client', ids) });
}

/** Narrows to these tenants (GUIDs). */
export function inTenants(...ids: Values): Narrowing {
  return new Requirement('narrowing', { kind: 'inTenants', values: guids('inTenants', 'tenant', ids) });
}

/**
 * Narrows to members of the tenant, no guests (`acct`). Without that optional claim the token does not say, and is
 * refused unless `unknown: 'allow'`.
 */
export function members(options: { readonly unknown?: Unknown } = {}): Narrowing {
  return new Requirement('narrowing', { kind: 'members', unknown: unknownOption('members', options) });
}

/**
 * Narrows to callers without an AI agent, as actor or subject. A token that does not say is refused unless
 * `unknown: 'allow'`.
 */
export function noAgents(options: { readonly unknown?: Unknown } = {}): Narrowing {
  return new Requirement('narrowing', { kind: 'noAgents', unknown: unknownOption('noAgents', options) });
}

/**
 * Narrows to sign-ins that satisfied a Conditional Access authentication context, `'c1'` to `'c99'`. A user for whom only
 * this is missing gets a claims challenge (Entra: authentication context developer guide). It does not prove MFA.
 */
export function authContext(id: string): Narrowing {
  if (typeof id !== 'string' || !/^c[1-9][0-9]?$/i.test(id)) {
    throw new ConfigurationError(
      `authContext() was given ${printable(id)}.`,
      "Authentication contexts are called c1 to c99 in Entra: authContext('c1').",
    );
  }
  return new Requirement('narrowing', { kind: 'authContext', id: id.toLowerCase() });
}

/**
 * Narrows to users who signed in at most this long ago: `'15m'`, `'8h'`, `'1d'`, `'90s'`. Needs the optional claim
 * `auth_time`; older sign-ins get an RFC 9470 challenge.
 */
export function signedInWithin(duration: string): Narrowing {
  const match = typeof duration === 'string' ? /^([1-9][0-9]{0,7})([smhd])$/.exec(duration) : null;
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw new ConfigurationError(
      `signedInWithin() was given ${printable(duration)}.`,
      "Write a whole number and a unit, s, m, h or d: signedInWithin('15m').",
    );
  }
  return new Requirement('narrowing', { kind: 'signedInWithin', seconds: Number(match[1]) * unit });
}

/**
 * A rule of your own, asked last, when everything else holds. Only `true` grants; what it throws becomes a 500. With
 * `otherwise: 'not-found'` a refusal is a 404, so that callers can't learn what exists.
 */
export function check(
  name: string,
  test: CheckFunction,
  options: { readonly otherwise?: 'forbidden' | 'not-found' } = {},
): Narrowing {
  const { otherwise = 'forbidden' } = known('check', options, ['otherwise']);
  if (typeof name !== 'string' || !/^[^'\p{Cc}\p{Cs}]{1,80}$/u.test(name)) {
    throw new ConfigurationError(
      `check() was given the name ${printable(name)}.`,
      "Give it a short name, without quotes: check('owns order', ({ auth, request }) => …).",
    );
  }
  if (typeof test !== 'function') {
    throw new ConfigurationError(
      `check('${name}') was given ${test === null ? 'null' : typeof test} instead of a function.`,
      'Pass a function that returns true, or a promise of true, to grant.',
    );
  }
  if (otherwise !== 'forbidden' && otherwise !== 'not-found') {
    throw new ConfigurationError(
      `check('${name}') was given otherwise: ${printable(otherwise)}.`,
      "Use 'forbidden' (403) or 'not-found' (404).",
    );
  }
  return new Requirement('narrowing', { kind: 'check', name, otherwise, test });
}

function permission(kind: PermissionKind, values: readonly string[]): Grant {
  if (values.length === 0) {
    throw new ConfigurationError(
      `${kind}() was given nothing.`,
      'Name at least one; an empty list protects nothing.',
    );
  }
  for (const value of values) assertPermission(kind, value);
  return new Requirement('grant', permissionNode(kind, values));
}

/** Entra: a scope's or role's value has at most 120 of these characters and does not begin with a dot. */
const PERMISSION = /^(?!\.)[0-9A-Za-z:!#$%&'()*+,\-./;<=>?@[\]^_`{|}~]{1,120}$/;

function assertPermission(kind: PermissionKind, value: unknown): asserts value is string {
  const said = `${kind}() was given ${typeof value === 'string' ? `'${printable(value)}'` : printable(value)}`;
  if (typeof value !== 'string' || value === '' || value === 'undefined' || value === 'null') {
    throw new ConfigurationError(
      `${said}.`,
      'Is a constant or an environment variable unset? Name the permission.',
    );
  }
  if (/\s/.test(value)) {
    throw new ConfigurationError(
      `${said}, which holds white space.`,
      `Pass each value on its own: ${kind}('A', 'B').`,
    );
  }
  if (value.includes('*')) {
    throw new ConfigurationError(
      `${said}. Entra has no wildcards: '*' would only ever match itself.`,
      'Name each permission.',
    );
  }
  if (kind === 'scopes' || kind === 'anyScope') {
    if (value === '.default' || value.endsWith('/.default')) {
      throw new ConfigurationError(
        `${said}, which clients ask for but no token holds.`,
        "Name the scope that the token's scp holds, such as 'Orders.Read'.",
      );
    }
    if (value.includes('://') || isGuid(value.split('/')[0])) {
      throw new ConfigurationError(
        `${said}, the name clients ask for. A token's scp holds the short name.`,
        `Write ${kind}('${printable(value.slice(value.lastIndexOf('/') + 1))}').`,
      );
    }
  }
  if (value.includes('://')) {
    throw new ConfigurationError(
      `${said}, a full URI. A token's roles hold the bare value.`,
      `Write ${kind}('${printable(value.slice(value.lastIndexOf('/') + 1))}').`,
    );
  }
  if (!PERMISSION.test(value)) {
    throw new ConfigurationError(
      `${said}, which Entra does not allow as a permission's value.`,
      'At most 120 letters, digits and punctuation, without quotes and backslashes, not beginning with a dot.',
    );
  }
}

function guids(name: string, what: string, values: readonly string[]): readonly string[] {
  if (values.length === 0)
    throw new ConfigurationError(`${name}() was given nothing.`, `Name at least one ${what}.`);
  for (const value of values) {
    if (!isGuid(value)) {
      throw new ConfigurationError(
        `${name}() was given ${printable(value)}, which is not a GUID.`,
        `Use the ${what}'s ID as its overview page in Entra shows it.`,
      );
    }
  }
  return sorted(values.map((value) => value.toLowerCase()));
}

function unknownOption(name: string, options: { readonly unknown?: Unknown }): Unknown {
  const { unknown: value = 'deny' } = known(name, options, ['unknown']);
  if (value !== 'deny' && value !== 'allow') {
    throw new ConfigurationError(
      `${name}() was given unknown: ${printable(value)}.`,
      "Use 'deny' or 'allow'.",
    );
  }
  return value;
}

/** The options themselves, of which all have to be known. */
function known<T extends object>(name: string, given: T, names: readonly string[]): T {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${name}() was given ${printable(given)}.`,
      `Pass options, or nothing: ${names.join(', ')}.`,
    );
  }
  const options = ownOptions(`${name}()`, given, names);
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) {
      throw new ConfigurationError(
        `${name}() does not know the option '${printable(key)}'.`,
        `Known: ${names.join(', ')}.`,
      );
    }
  }
  return options;
}

function nonEmpty(name: string, parts: readonly Requirement[]): readonly Requirement[] {
  if (parts.length === 0) {
    throw new ConfigurationError(
      `${name}() was given nothing.`,
      'An empty list protects nothing: name requirements.',
    );
  }
  for (const part of parts) assertRequirement(`${name}(...)`, part);
  return parts;
}

/** Fails with a sentence where something that is no requirement stands in a requirement's place. */
export function assertRequirement(name: string, part: unknown): asserts part is Requirement {
  if (!Requirement.is(part)) {
    throw new ConfigurationError(
      `${name} was given ${typeof part === 'string' ? `the string '${printable(part)}'` : part === null ? 'null' : typeof part} instead of a requirement.`,
      "Build one: scopes('Orders.Read'), appPermissions('Orders.Read.All'), anyOf(...), allOf(...).",
    );
  }
}

/**
 * Fails for what can't decide by itself: no requirement at all, or one that only narrows.
 *
 * @throws ConfigurationError
 */
export function assertDecides(name: string, requirement: unknown): asserts requirement is Grant | Anonymous {
  assertRequirement(name, requirement);
  if (requirement.role !== 'narrowing') return;
  throw new ConfigurationError(
    `${name} was given ${requirement}, which only narrows: alone it would let in whoever happens to fit it.`,
    `Put it beside a grant: allOf(scopes('…'), ${requirement}).`,
  );
}

function opensEverything(name: string): ConfigurationError {
  return new ConfigurationError(
    `${name}(...) was given anonymous(), which would open it to everybody.`,
    'anonymous() stands only alone: give the route that requirement by itself, or leave it out.',
  );
}
