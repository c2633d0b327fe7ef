import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { timeOf } from '../base/instant.js';
import type { JsonObject } from '../base/json-object.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown } from '../options/option-readers.js';
import { appPermissions, scopes as asScopes, userRoles } from '../requirements/build.js';
import type { TestCaller } from './test-caller.js';

/** Makes a GUID that spells "test" as far as hexadecimal digits can, so that it is not mistaken for a real ID. */
const guid = (last: number): string => `7e577e57-7e57-4e57-8e57-00000000000${last}`;

export const TEST_TENANT: string = guid(1);
export const TEST_API: string = guid(2);
const TEST_CLIENT = guid(3);
const TEST_USER = guid(4);
const TEST_SERVICE_PRINCIPAL = guid(5);

/** A host that can't exist (RFC 2606 section 2). */
export const TEST_ORIGIN = 'https://login.entra-guard.invalid';

/** 2000-01-01 and 2100-01-01. Fixed, so that tests can compare with them. */
const ISSUED_AT = 946_684_800;
const EXPIRES_AT = 4_102_444_800_000;

const NAMES: Readonly<Record<keyof TestCaller, true>> = {
  kind: true,
  scopes: true,
  roles: true,
  tenantId: true,
  objectId: true,
  clientId: true,
  groups: true,
  guest: true,
  authenticationContexts: true,
  expiresAt: true,
  tokenId: true,
  claims: true,
};

/** Claims that a member sets, and the member to use instead. */
const OWN: Readonly<Record<string, string>> = {
  idtyp: 'kind',
  scp: 'scopes',
  roles: 'roles',
  tid: 'tenantId',
  oid: 'objectId',
  azp: 'clientId',
  appid: 'clientId',
  groups: 'groups',
  hasgroups: "groups: 'overage'",
  acct: 'guest',
  acrs: 'authenticationContexts',
  exp: 'expiresAt',
  uti: 'tokenId',
};

/**
 * Returns the claims of a test caller's token. Does not check whether Entra would issue that token.
 *
 * @throws ConfigurationError for values that a token can't hold
 */
export function testClaims(given: TestCaller): JsonObject {
  const caller = typeof given === 'object' && given !== null ? ownOptions('testAuth(...)', given) : given;
  assertDescription(caller);
  const {
    kind,
    scopes = [],
    roles = [],
    objectId,
    groups,
    guest,
    authenticationContexts,
    claims = {},
  } = caller;
  const tenantId = guidFrom('tenantId', caller.tenantId ?? TEST_TENANT);
  const clientId = guidFrom('clientId', caller.clientId ?? TEST_CLIENT);
  const oid = objectId === null ? undefined : guidFrom('objectId', objectId ?? ownId(kind));
  assertPermissions(kind, 'scopes', scopes);
  assertPermissions(kind, 'roles', roles);
  return {
    aud: TEST_API,
    iss: `${TEST_ORIGIN}/${tenantId}/v2.0`,
    iat: ISSUED_AT,
    nbf: ISSUED_AT,
    ver: '2.0',
    // As in Entra's tokens: an app's subject is its object ID, a user's subject is specific to this API.
    sub: kind === 'app' ? oid : `subject-of-${oid ?? 'user-without-oid'}`,
    ...claims,
    idtyp: kind,
    tid: tenantId,
    oid,
    [claims.ver === '1.0' ? 'appid' : 'azp']: clientId,
    scp: scopes.length > 0 ? scopes.join(' ') : undefined,
    roles: roles.length > 0 ? roles : undefined,
    ...(groups === 'overage' ? { hasgroups: true } : { groups }),
    acct: guest === undefined ? undefined : Number(guest),
    acrs: authenticationContexts,
    exp: secondsFrom(caller.expiresAt ?? EXPIRES_AT),
    uti: caller.tokenId ?? 'no-token',
  };
}

function assertDescription(caller: TestCaller): void {
  if (typeof caller !== 'object' || caller === null) {
    throw refused(
      `was given ${printable(caller)}`,
      "Describe who calls: { kind: 'user', scopes: ['Orders.Read'] }.",
    );
  }
  assertKnown('member of a test caller called', caller, Object.keys(NAMES));
  const { kind, groups, guest, claims } = caller;
  if (kind !== 'user' && kind !== 'app') {
    throw refused(
      `was given kind: ${printable(kind)}`,
      "Write 'user' for a user with an app, or 'app' for an app without a user.",
    );
  }
  for (const [name, value] of Object.entries(caller)) {
    // Only `objectId` may be `null`, which means that there is none.
    if (value !== undefined && (value !== null || name === 'objectId')) continue;
    throw refused(`was given ${name}: ${value}`, 'Leave it out for its default. Is a variable unset?');
  }
  if (guest !== undefined && typeof guest !== 'boolean') {
    throw refused(`was given guest: ${printable(guest)}`, 'It is true or false.');
  }
  if (typeof groups === 'string' && groups !== 'overage') {
    throw refused(`was given groups: ${printable(groups)}`, "Give a list of group IDs, or 'overage'.");
  }
  if (claims !== undefined && typeof claims !== 'object') {
    throw refused(`was given claims: ${printable(claims)}`, 'Give an object: { auth_time: 1767225600 }.');
  }
  const own = Object.keys(claims ?? {}).find((name) => Object.hasOwn(OWN, name));
  if (own !== undefined) {
    throw refused(`was given the claim ${own}`, `Use ${OWN[own]} instead, outside claims.`);
  }
}

function ownId(kind: TestCaller['kind']): string {
  return kind === 'user' ? TEST_USER : TEST_SERVICE_PRINCIPAL;
}

function guidFrom(name: string, value: unknown): string {
  if (isGuid(value)) return value.toLowerCase();
  throw refused(
    `was given ${name}: ${value === '' ? "''" : printable(value)}, which is not a GUID`,
    `Entra's IDs are GUIDs: ${guid(9)}. Leave it out for a made-up one.`,
  );
}

/** Refuses names that a requirement can't ask for, because no token holds them. */
function assertPermissions(kind: TestCaller['kind'], name: 'scopes' | 'roles', values: unknown): void {
  if (!Array.isArray(values)) {
    throw refused(`was given ${name}: ${printable(values)}`, `Give a list: ${name}: ['Orders.Read'].`);
  }
  const [first, ...others] = values as string[];
  if (first === undefined) return;
  const build = name === 'scopes' ? asScopes : kind === 'user' ? userRoles : appPermissions;
  try {
    build(first, ...others);
  } catch (cause) {
    const error = refused(`was given ${name} that no token holds`, (cause as Error).message);
    error.cause = cause;
    throw error;
  }
}

function secondsFrom(instant: unknown): number {
  const time = timeOf(instant);
  if (typeof time === 'number' && Number.isFinite(time)) return Math.floor(time / 1000);
  throw refused(
    `was given expiresAt: ${instant instanceof Date ? 'an invalid Date' : printable(instant)}`,
    'Give a Date, or milliseconds since the epoch: Date.now() + 60_000.',
  );
}

/** Returns the error for an impossible caller. */
export function refused(what: string, hint: string): ConfigurationError {
  return new ConfigurationError(`testAuth ${what}.`, hint);
}
