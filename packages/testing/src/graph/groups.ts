import { randomUUID } from 'node:crypto';
import type { Group } from '../directory/groups.js';
import type { Resource } from './filter.js';
import { bodyOf, type GraphCall, noContent, ok, textIn } from './graph-call.js';
import { badRequest, GraphError, missing, notFound } from './graph-error.js';
import { collection, type Shape, single } from './query.js';
import { userShape } from './user-resource.js';
import { memberUser } from './users.js';
import { userNamed } from './users-in-directory.js';

const groupShape: Shape = {
  name: 'groups',
  properties: [
    'id',
    'displayName',
    'description',
    'mailEnabled',
    'mailNickname',
    'securityEnabled',
    'groupTypes',
    'createdDateTime',
  ],
};

/** Users and groups, as members and memberships are listed. */
const objectShape: Shape = {
  name: 'directoryObjects',
  properties: [...new Set([...groupShape.properties, ...userShape.properties])],
};

function groupResource(
  { state }: GraphCall,
  { id, displayName, description, securityEnabled }: Group,
): Resource {
  return {
    id,
    displayName,
    description: description ?? null,
    mailEnabled: securityEnabled === false,
    mailNickname: displayName.replaceAll(/[^\w.-]/g, ''),
    securityEnabled: securityEnabled !== false,
    groupTypes: securityEnabled === false ? ['Unified'] : [],
    createdDateTime: new Date(state.startedAt).toISOString(),
  };
}

function groupIn({ entra, params }: GraphCall): Group {
  const id = (params.group ?? '').toLowerCase();
  const group = entra.groups.find(id);
  if (group === undefined || group.id !== id) throw notFound(params.group ?? '');
  return group;
}

export function getGroups(call: GraphCall): Response {
  const groups = call.entra.groups.list().map((group) => groupResource(call, group));
  return ok(collection(groups, { ...call, shape: groupShape }));
}

export function getGroup(call: GraphCall): Response {
  return ok(single(groupResource(call, groupIn(call)), { ...call, shape: groupShape }));
}

export async function postGroup(call: GraphCall): Promise<Response> {
  const body = await bodyOf(call);
  const displayName = textIn(body, 'displayName');
  textIn(body, 'mailNickname');
  const { mailEnabled, securityEnabled, description, groupTypes, ...others } = body;
  if (typeof mailEnabled !== 'boolean' || typeof securityEnabled !== 'boolean') {
    throw badRequest(
      "A value of true or false is required for properties 'mailEnabled' and 'securityEnabled'.",
    );
  }
  const unknown = Object.keys(others).find((name) => !['displayName', 'mailNickname'].includes(name));
  if (unknown !== undefined) throw missing(`property "${unknown}" of groups to create`);
  const group: Group = {
    id: randomUUID(),
    displayName,
    ...(typeof description === 'string' ? { description } : {}),
    securityEnabled,
    members: new Set(),
  };
  call.entra.groups.add(group);
  const answer = single(groupResource(call, group), { ...call, shape: groupShape });
  return ok(answer, 201, { location: `${call.base}/groups/${group.id}` });
}

export async function patchGroup(call: GraphCall): Promise<Response> {
  const group = groupIn(call);
  const { displayName, description, ...others } = await bodyOf(call);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw missing(`property "${unknown}" of groups to change. It has displayName, description`);
  }
  if (displayName !== undefined && (typeof displayName !== 'string' || displayName.trim() === '')) {
    throw badRequest("Invalid value specified for property 'displayName' of resource 'Group'.");
  }
  if (description !== undefined && description !== null && typeof description !== 'string') {
    throw badRequest("Invalid value specified for property 'description' of resource 'Group'.");
  }
  if (displayName !== undefined) group.displayName = displayName;
  if (description !== undefined) group.description = description;
  call.entra.groups.add(group);
  return noContent();
}

export function deleteGroup(call: GraphCall): Response {
  call.entra.groups.remove(groupIn(call).id);
  return noContent();
}

export function getMembers(call: GraphCall): Response {
  return members(call, [...groupIn(call).members]);
}

export function getTransitiveMembers(call: GraphCall): Response {
  const { groups } = call.entra;
  const found = new Set<string>();
  const open = [groupIn(call)];
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    for (const id of group.members) {
      if (found.has(id)) continue;
      found.add(id);
      const inner = groups.find(id);
      if (inner !== undefined) open.push(inner);
    }
  }
  return members(call, [...found]);
}

function members(call: GraphCall, ids: readonly string[]): Response {
  const resources = ids.flatMap((id) => {
    const group = call.entra.groups.find(id);
    const resource = group === undefined ? memberUser(call, id) : groupResource(call, group);
    return resource === undefined ? [] : [{ kind: group === undefined ? 'user' : 'group', resource }];
  });
  return objects(call, resources);
}

/** Answers users and groups in one list, each with its type. */
function objects(
  call: GraphCall,
  all: readonly { readonly kind: string; readonly resource: Resource }[],
): Response {
  const wanted = all.filter(({ kind }) => call.cast === undefined || kind === call.cast);
  const kinds = new Map(wanted.map(({ kind, resource }) => [resource.id, kind]));
  const shape = call.cast === 'group' ? groupShape : call.cast === 'user' ? userShape : objectShape;
  const answer = collection(
    wanted.map(({ resource }) => resource),
    { ...call, shape },
  );
  const value = (answer.value as readonly Resource[]).map((one) => ({
    '@odata.type': `#microsoft.graph.${kinds.get(one.id)}`,
    // A mixed list shows what an object has, and not what others have.
    ...(call.cast === undefined && !call.options.has('select') ? owned(one, all) : one),
  }));
  return ok({ ...answer, value });
}

function owned(one: Resource, all: readonly { readonly resource: Resource }[]): Resource {
  const source = all.find(({ resource }) => resource.id === one.id)?.resource ?? {};
  return Object.fromEntries(Object.entries(one).filter(([name]) => Object.hasOwn(source, name)));
}

/** Adds a member by reference: `{ "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/{id}" }`. */
export async function postMember(call: GraphCall): Promise<Response> {
  const { entra } = call;
  const group = groupIn(call);
  const reference = textIn(await bodyOf(call), '@odata.id');
  const id = reference.slice(reference.lastIndexOf('/') + 1);
  const memberId = entra.groups.find(id.toLowerCase())?.id ?? userNamed(entra, id).oid;
  if (!entra.groups.addMember(group.id, memberId)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  }
  return noContent();
}

export function deleteMember(call: GraphCall): Response {
  const { entra, params } = call;
  const member = (params.member ?? '').toLowerCase();
  if (!entra.groups.removeMember(groupIn(call).id, member)) throw notFound(member);
  return noContent();
}

export function getMemberOf(call: GraphCall): Response {
  const { oid } = userNamed(call.entra, call.params.user ?? '');
  return listGroups(call, call.entra.groups.directOf(oid));
}

export function getTransitiveMemberOf(call: GraphCall): Response {
  const { oid } = userNamed(call.entra, call.params.user ?? '');
  return listGroups(call, call.entra.groups.transitiveOf(oid));
}

function listGroups(call: GraphCall, groups: readonly Group[]): Response {
  return objects(
    call,
    groups.map((group) => ({ kind: 'group', resource: groupResource(call, group) })),
  );
}

/** Answers `getMemberObjects` and `getMemberGroups`: the IDs of all groups, also through other groups. */
export async function postMemberObjects(call: GraphCall): Promise<Response> {
  const { entra, params, base } = call;
  const { oid } = userNamed(entra, params.user ?? '');
  const { securityEnabledOnly } = await bodyOf(call);
  if (typeof securityEnabledOnly !== 'boolean') {
    throw new GraphError(
      400,
      'Request_BadRequest',
      "A value of true or false is required for parameter 'securityEnabledOnly'.",
    );
  }
  const groups = entra.groups
    .transitiveOf(oid)
    .filter(({ securityEnabled }) => !securityEnabledOnly || securityEnabled !== false);
  return ok({
    '@odata.context': `${base}/$metadata#Collection(Edm.String)`,
    value: groups.map(({ id }) => id),
  });
}
