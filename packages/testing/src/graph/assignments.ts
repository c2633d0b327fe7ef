import type { App } from '../directory/apps.js';
import { guidOf } from '../directory/guid.js';
import type { EntraServices } from '../endpoints/call.js';
import { applicationOf, type Permission } from './application-resource.js';
import type { Resource } from './filter.js';
import { bodyOf, type GraphCall, noContent, ok, textIn, timeText } from './graph-call.js';
import { badRequest, missing, notFound } from './graph-error.js';
import { graphRoles, listPrincipals, principalOf } from './principals.js';
import { collection, type Shape, single } from './query.js';
import { findById } from './users-in-directory.js';

const assignmentShape: Shape = {
  name: 'appRoleAssignments',
  properties: [
    'id',
    'appRoleId',
    'createdDateTime',
    'deletedDateTime',
    'principalDisplayName',
    'principalId',
    'principalType',
    'resourceDisplayName',
    'resourceId',
  ],
};

/** Who has an app role, by the name in `assignments`. */
interface Assignment {
  readonly id: string;
  readonly name: string;
  readonly role: Permission;
  readonly principal: { readonly id: string; readonly displayName: string; readonly type: string };
}

function rolesOf(app: App, isGraph: boolean): readonly Permission[] {
  return isGraph ? graphRoles(app) : applicationOf(app, 0).appRoles;
}

function assignmentsOf(entra: EntraServices, app: App): readonly Assignment[] {
  const roles = rolesOf(app, app.clientId === entra.apps.graph.clientId);
  return Object.entries(app.registration.assignments ?? {}).flatMap(([name, values]) => {
    const principal = principalNamed(entra, name);
    return values.flatMap((value) => {
      const role = roles.find((one) => one.value === value);
      if (role === undefined) return [];
      return [{ id: guidOf('assignment', `${app.clientId} ${name} ${value}`), name, role, principal }];
    });
  });
}

/** Finds the app, managed identity, agent or user that `assignments` names. */
function principalNamed(entra: EntraServices, name: string): Assignment['principal'] {
  const found = listPrincipals(entra).find(({ app }) => app.name === name);
  if (found !== undefined) return { id: found.app.oid, displayName: name, type: 'ServicePrincipal' };
  const { oid, displayName } = entra.people.named(name, entra.tenants.home);
  return { id: oid, displayName, type: 'User' };
}

function assignmentResource(app: App, createdAt: number, { id, role, principal }: Assignment): Resource {
  return {
    id,
    appRoleId: role.id,
    createdDateTime: timeText(createdAt),
    deletedDateTime: null,
    principalDisplayName: principal.displayName,
    principalId: principal.id,
    principalType: principal.type,
    resourceDisplayName: app.name,
    resourceId: app.oid,
  };
}

export function getAssignedTo(call: GraphCall): Response {
  const { app } = principalOf(call);
  const all = assignmentsOf(call.entra, app).map((one) => assignmentResource(app, call.state.startedAt, one));
  return ok(collection(all, { ...call, shape: assignmentShape }));
}

/** Assigns an app role. Later tokens of the principal have it. */
export async function postAssignedTo(call: GraphCall): Promise<Response> {
  const { entra, base } = call;
  const { app } = principalOf(call);
  const isGraph = assertChangeable(entra, app);
  const body = await bodyOf(call);
  const principalId = textIn(body, 'principalId').toLowerCase();
  if (textIn(body, 'resourceId').toLowerCase() !== app.oid) {
    throw badRequest(`resourceId is '${String(body.resourceId)}', and the path names '${app.oid}'.`);
  }
  const appRoleId = textIn(body, 'appRoleId').toLowerCase();
  const role = rolesOf(app, isGraph).find(({ id }) => id.toLowerCase() === appRoleId);
  if (role === undefined) {
    throw badRequest(`Permission being assigned was not found on application '${app.clientId}'.`);
  }
  const name = nameOf(entra, principalId);
  const { assignments = {} } = app.registration;
  const held = Object.hasOwn(assignments, name) ? (assignments[name] ?? []) : [];
  if (held.includes(role.value)) throw badRequest('Permission being assigned already exists on the object.');
  assertMember(entra, name, role);
  entra.apps.update(app, { assignments: { ...assignments, [name]: [...held, role.value] } });
  const id = guidOf('assignment', `${app.clientId} ${name} ${role.value}`);
  const assignment = { id, name, role, principal: principalNamed(entra, name) };
  const answer = single(assignmentResource(app, entra.now(), assignment), {
    ...call,
    shape: assignmentShape,
  });
  return ok(answer, 201, { location: `${base}/servicePrincipals/${app.oid}/appRoleAssignedTo/${id}` });
}

export function deleteAssignedTo(call: GraphCall): Response {
  const { entra, params } = call;
  const { app } = principalOf(call);
  assertChangeable(entra, app);
  const found = assignmentsOf(entra, app).find(({ id }) => id === params.assignment);
  if (found === undefined) throw notFound(params.assignment ?? '');
  const { assignments = {} } = app.registration;
  const left = (assignments[found.name] ?? []).filter((value) => value !== found.role.value);
  entra.apps.update(app, { assignments: { ...assignments, [found.name]: left } });
  return noContent();
}

/** Refuses changes of what has no registration of its own. @returns whether it is Microsoft Graph */
function assertChangeable({ apps }: EntraServices, app: App): boolean {
  if (apps.told.some(({ clientId }) => clientId === app.clientId)) return false;
  if (app.clientId === apps.graph.clientId) {
    throw missing(
      'change of the permissions of Microsoft Graph itself: a registration names them in apps.<name>.graph',
    );
  }
  throw missing(`app roles of "${app.name}", which has no registration`);
}

function nameOf(entra: EntraServices, principalId: string): string {
  const principal = listPrincipals(entra).find(({ app }) => app.oid === principalId);
  const name = principal?.app.name ?? findById(entra, principalId)?.name;
  if (name === undefined) throw notFound(principalId);
  return name;
}

function assertMember(entra: EntraServices, name: string, { value, allowedMemberTypes }: Permission): void {
  const kind = principalNamed(entra, name).type === 'User' ? 'User' : 'Application';
  if (Array.isArray(allowedMemberTypes) && allowedMemberTypes.includes(kind)) return;
  throw badRequest(
    `The app role '${value}' can not be assigned to '${name}': its allowedMemberTypes do not include '${kind}'.`,
  );
}
