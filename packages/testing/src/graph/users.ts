import type { Person, ProfileMember, UserProfile } from '../directory/people.js';
import { bodyOf, type GraphCall, noContent, ok, textIn } from './graph-call.js';
import { badRequest, GraphError, missing } from './graph-error.js';
import { denied, hasAny } from './needs.js';
import { fullUserReaders, userWriters } from './permission-table.js';
import { collection, selectedOf, single } from './query.js';
import { basicProperties, userResource, userShape } from './user-resource.js';
import { findById, listUsers, userNamed } from './users-in-directory.js';

export function getMe(call: GraphCall): Response {
  const user = userNamed(call.entra, call.auth.objectId ?? '');
  return ok(single(userResource(call.entra, call.state, user), { ...call, shape: userShape }));
}

export function getUsers(call: GraphCall): Response {
  const shape = shapeFor(call);
  const users = listUsers(call.entra).map((user) => userResource(call.entra, call.state, user));
  return ok(collection(users, { ...call, shape }));
}

export function getUser(call: GraphCall): Response {
  const shape = shapeFor(call);
  const user = userNamed(call.entra, call.params.user ?? '');
  return ok(single(userResource(call.entra, call.state, user), { ...call, shape }));
}

/**
 * Returns the properties that the caller may see: `User.ReadBasic.All` is for basic profiles.
 * @throws {GraphError} 403 for a property that is selected and not among them
 */
function shapeFor({ auth, own, options }: GraphCall) {
  if (own || hasAny(auth, fullUserReaders)) return userShape;
  const hidden = (selectedOf(options, userShape) ?? []).find((name) => !basicProperties.includes(name));
  if (hidden !== undefined) {
    throw denied(`The property "${hidden}" of other users needs one of ${fullUserReaders.join(', ')}.`);
  }
  return { ...userShape, properties: basicProperties, usual: basicProperties };
}

/** Creates a user. The object ID depends on the name alone, as that of every user here. */
export async function postUser(call: GraphCall): Promise<Response> {
  const { entra, state } = call;
  const body = await bodyOf(call);
  const upn = textIn(body, 'userPrincipalName').toLowerCase();
  const displayName = textIn(body, 'displayName');
  textIn(body, 'mailNickname');
  if (typeof body.accountEnabled !== 'boolean') throw invalid('accountEnabled', body.accountEnabled);
  if (typeof body.passwordProfile !== 'object' || body.passwordProfile === null) {
    throw badRequest("A value is required for property 'passwordProfile' of resource.");
  }
  const { home } = entra.tenants;
  const [local = '', domain] = upn.split('@');
  if (local === '' || domain !== home.domain) {
    throw badRequest(
      `The domain portion of the userPrincipalName property is invalid: '${upn}'. The verified domain is ${home.domain}.`,
    );
  }
  const known = listUsers(entra).find((user) => user.upn.toLowerCase() === upn);
  if (known !== undefined) {
    throw badRequest('Another object with the same value for property userPrincipalName already exists.');
  }
  const { accountEnabled, userPrincipalName: _, passwordProfile: __, ...rest } = body;
  const profile = profileIn(rest);
  const { oid } = entra.people.named(local, home);
  const returning = entra.accounts.of(oid).removed;
  entra.people.forget(local);
  entra.people.tell(local, { displayName });
  entra.people.describe(local, profile);
  if (returning) {
    // Sign-ins of the removed account do not belong to the new one.
    entra.accounts.revokeSessions({ oid });
    entra.accounts.restore({ oid });
  }
  if (accountEnabled === true) entra.accounts.enable({ oid });
  else entra.accounts.disable({ oid });
  const user = userResource(entra, state, entra.people.named(local, home));
  return ok(single(user, { ...call, shape: userShape }), 201, { location: `${call.base}/users/${oid}` });
}

export async function patchMe(call: GraphCall): Promise<Response> {
  return changeUser(call, userNamed(call.entra, call.auth.objectId ?? ''));
}

export async function patchUser(call: GraphCall): Promise<Response> {
  return changeUser(call, userNamed(call.entra, call.params.user ?? ''));
}

async function changeUser(call: GraphCall, user: Person): Promise<Response> {
  const { entra } = call;
  const { accountEnabled, displayName, ...rest } = await bodyOf(call);
  assertMayChange(call, { accountEnabled, others: { displayName, ...rest } });
  if (accountEnabled !== undefined && typeof accountEnabled !== 'boolean') {
    throw invalid('accountEnabled', accountEnabled);
  }
  if (displayName !== undefined) {
    if (typeof displayName !== 'string' || displayName.trim() === '')
      throw invalid('displayName', displayName);
  }
  const profile = profileIn(rest);
  // All of it is valid: a request changes all or nothing.
  if (displayName !== undefined) entra.people.tell(user.name, { displayName });
  entra.people.describe(user.name, profile);
  if (accountEnabled === true) entra.accounts.enable(user);
  else if (accountEnabled === false) entra.accounts.disable(user);
  else entra.changes.note('users', user.oid);
  return noContent();
}

/** Refuses a change that the caller's permissions do not cover: of the account by users, of the rest by operators. */
function assertMayChange(
  { auth, own }: GraphCall,
  { accountEnabled, others }: { readonly accountEnabled: unknown; readonly others: object },
): void {
  if (hasAny(auth, userWriters)) return;
  const changesOthers = Object.values(others).some((value) => value !== undefined);
  if (changesOthers && !(own && hasAny(auth, ['User.ReadWrite']))) {
    throw denied(`Properties but accountEnabled need one of ${userWriters.join(', ')}.`);
  }
  if (accountEnabled !== undefined && !hasAny(auth, ['User.EnableDisableAccount.All'])) {
    throw denied(`accountEnabled needs User.EnableDisableAccount.All, or one of ${userWriters.join(', ')}.`);
  }
}

export function deleteUser({ entra, params }: GraphCall): Response {
  entra.accounts.remove(userNamed(entra, params.user ?? ''));
  return noContent();
}

export function revokeSignInSessions({ entra, params, base }: GraphCall): Response {
  entra.accounts.revokeSessions(userNamed(entra, params.user ?? ''));
  return ok({ '@odata.context': `${base}/$metadata#Edm.Boolean`, value: true });
}

/** Answers a user as a member of a group. */
export function memberUser(call: Pick<GraphCall, 'entra' | 'state'>, oid: string) {
  const user = findById(call.entra, oid);
  if (user === undefined || call.entra.accounts.of(oid).removed) return undefined;
  return userResource(call.entra, call.state, user);
}

const changeable: readonly string[] = [
  'givenName',
  'surname',
  'mail',
  'mailNickname',
  'jobTitle',
  'department',
  'companyName',
  'employeeId',
  'employeeType',
  'officeLocation',
  'mobilePhone',
  'preferredLanguage',
  'usageLocation',
  'userType',
] satisfies ProfileMember[];

function profileIn({ displayName: _, ...members }: Readonly<Record<string, unknown>>): UserProfile {
  for (const [name, value] of Object.entries(members)) {
    if (name === 'userPrincipalName') {
      throw missing('change of userPrincipalName: the object ID of a user depends on the name');
    }
    if (!changeable.includes(name)) {
      throw missing(`property "${name}" of users to change. It has ${changeable.join(', ')}`);
    }
    if (value !== null && typeof value !== 'string') throw invalid(name, value);
  }
  return members;
}

function invalid(name: string, value: unknown): GraphError {
  return badRequest(
    `Invalid value specified for property '${name}' of resource 'User': ${JSON.stringify(value)}.`,
  );
}
