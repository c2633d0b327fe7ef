import { ownOptions } from '@entra-guard/core';
import type { ApplicationManifest, ManifestAppRole, ManifestScope } from './manifest.js';
import { type RegisteredPermission, type Registration, readRegistration } from './registration.js';

/** One request to Microsoft Graph. */
export interface ManifestStep {
  readonly title: string;
  /** Whether the step takes permissions away from callers who hold them: run it when no client uses them any more. */
  readonly deletes: boolean;
  readonly method: 'PATCH';
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Options of {@link manifestSteps}. */
export interface ManifestStepsOptions {
  /** The registration as it is, parsed from `az ad app show` or Microsoft Graph v1.0. Default: a new one, all empty. */
  readonly application?: unknown;
  /** The API's application (client) ID. Default: the registration's, or that of an `api://{clientId}`. */
  readonly clientId?: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** Scopes and app roles, as a PATCH writes them. */
interface Collections {
  readonly scopes: readonly (ManifestScope | Raw)[];
  readonly roles: readonly (ManifestAppRole | Raw)[];
}

/**
 * The requests that bring a registration to what the manifest says, in the order that Entra demands: a permission is
 * disabled before it is deleted or changes its meaning, and exists before a client is pre-authorized for it. A PATCH of a
 * collection replaces all of it, so what is there is written back; IDs that the registration has are kept.
 *
 * Deleting is a separate step, and the last one: take it when no client uses those permissions any more.
 *
 * @throws ConfigurationError if `application` is not an app registration
 */
export function manifestSteps(
  manifest: ApplicationManifest,
  options: ManifestStepsOptions = {},
): readonly ManifestStep[] {
  const { application, clientId } = ownOptions('manifestSteps()', options);
  const registration = application === undefined ? undefined : readRegistration(application);
  const present = registration?.permissions ?? [];
  const goal = withKeptIds(manifest, present);
  const wanted = [...goal.api.oauth2PermissionScopes, ...goal.appRoles];
  const leaving = present.filter(({ id }) => !wanted.some((one) => one.id === id));
  // Their names are taken until they are gone.
  const inTheWay = leaving.filter(({ value }) => wanted.some((one) => one.value === value));
  const renamed = present.filter((one) =>
    wanted.some(({ id, value }) => id === one.id && value !== one.value),
  );
  const url = `https://graph.microsoft.com/v1.0/applications(appId='${clientId ?? registration?.clientId ?? clientIdIn(manifest)}')`;
  const step = (title: string, body: Raw, deletes = false): ManifestStep => ({
    title,
    deletes,
    method: 'PATCH',
    url,
    body,
  });

  const steps: ManifestStep[] = [];
  const first = [...inTheWay, ...renamed].filter(({ enabled }) => enabled);
  if (first.length > 0) {
    steps.push(
      step(`Disable ${named(first)}, which can't be changed while enabled`, {
        ...bodyOf(written(present, (one) => (first.includes(one) ? disabled(one) : one.raw))),
      }),
    );
  }
  const loose = trimmed(registration, inTheWay);
  if (loose !== undefined) {
    steps.push(
      step(`Take ${named(inTheWay)} from the pre-authorized clients`, {
        api: { preAuthorizedApplications: loose },
      }),
    );
  }
  const staying = leaving.filter((one) => !inTheWay.includes(one));
  const kept = written(staying, disabled);
  const final: Collections = { scopes: goal.api.oauth2PermissionScopes, roles: goal.appRoles };
  const until: Collections = {
    scopes: [...final.scopes, ...kept.scopes],
    roles: [...final.roles, ...kept.roles],
  };
  steps.push(step(titleOf(staying, inTheWay), mainBody(goal, registration, until)));
  const clients = goal.api.preAuthorizedApplications;
  if (clients.length > 0 || (registration?.preAuthorized.length ?? 0) > 0) {
    steps.push(step('Pre-authorize the clients', { api: { preAuthorizedApplications: clients } }));
  }
  if (staying.length > 0) {
    steps.push(
      step(
        `Delete ${named(staying)}, when no client uses ${staying.length === 1 ? 'it' : 'them'} any more`,
        bodyOf(final),
        true,
      ),
    );
  }
  return steps;
}

/** The manifest with the IDs that the registration has for the same permissions: consents refer to them. */
function withKeptIds(
  manifest: ApplicationManifest,
  present: readonly RegisteredPermission[],
): ApplicationManifest {
  const ids = new Map<string, string>();
  const keep =
    (kind: RegisteredPermission['kind']) =>
    <P extends { readonly id: string; readonly value: string }>(permission: P): P => {
      const known = present.find((one) => one.kind === kind && one.value === permission.value);
      const id = known?.id ?? permission.id;
      ids.set(permission.id, id);
      return { ...permission, id };
    };
  const { api } = manifest;
  const oauth2PermissionScopes = api.oauth2PermissionScopes.map(keep('scope'));
  const appRoles = manifest.appRoles.map(keep('app role'));
  const preAuthorizedApplications = api.preAuthorizedApplications.map((client) => ({
    ...client,
    delegatedPermissionIds: client.delegatedPermissionIds.map((id) => ids.get(id) ?? id),
  }));
  return { ...manifest, api: { ...api, oauth2PermissionScopes, preAuthorizedApplications }, appRoles };
}

function written(
  permissions: readonly RegisteredPermission[],
  write: (permission: RegisteredPermission) => Raw,
): Collections {
  const of = (kind: RegisteredPermission['kind']) =>
    permissions.filter((one) => one.kind === kind).map(write);
  return { scopes: of('scope'), roles: of('app role') };
}

function disabled({ raw }: RegisteredPermission): Raw {
  return { ...raw, isEnabled: false };
}

function bodyOf({ scopes, roles }: Collections): Raw {
  return { api: { oauth2PermissionScopes: scopes }, appRoles: roles };
}

function mainBody(goal: ApplicationManifest, registration: Registration | undefined, all: Collections): Raw {
  const { requestedAccessTokenVersion } = goal.api;
  return {
    identifierUris: [...new Set([...(registration?.identifierUris ?? []), ...goal.identifierUris])],
    api: { requestedAccessTokenVersion, oauth2PermissionScopes: all.scopes },
    appRoles: all.roles,
    optionalClaims: {
      ...registration?.otherClaims,
      accessToken: claimsBeside(registration?.accessTokenClaims ?? [], goal),
    },
  };
}

/** The claims that the manifest wants, and those that the registration has: an application may read them. */
function claimsBeside(present: readonly Raw[], { optionalClaims }: ApplicationManifest): readonly unknown[] {
  const wanted = optionalClaims.accessToken.map((claim) => {
    const known = present.find(({ name }) => name === claim.name);
    const properties: unknown = known?.additionalProperties;
    const has = Array.isArray(properties) ? (properties as readonly unknown[]) : [];
    return {
      ...claim,
      ...known,
      additionalProperties: [...new Set([...has, ...claim.additionalProperties])],
    };
  });
  return [...present.filter(({ name }) => !wanted.some((claim) => claim.name === name)), ...wanted];
}

/** The pre-authorized clients without these permissions; `undefined` where none of them is among theirs. */
function trimmed(
  registration: Registration | undefined,
  gone: readonly RegisteredPermission[],
): readonly Raw[] | undefined {
  const clients = registration?.preAuthorized ?? [];
  const isGone = (id: string): boolean => gone.some((one) => one.id === id);
  if (!clients.some(({ permissionIds }) => permissionIds.some(isGone))) return undefined;
  return clients
    .map(({ clientId, permissionIds }) => ({
      appId: clientId,
      delegatedPermissionIds: permissionIds.filter((id) => !isGone(id)),
    }))
    .filter(({ delegatedPermissionIds }) => delegatedPermissionIds.length > 0);
}

function titleOf(
  staying: readonly RegisteredPermission[],
  inTheWay: readonly RegisteredPermission[],
): string {
  const closing = staying.filter(({ enabled }) => enabled);
  return [
    'Write identifier URI, token version, permissions and optional claims',
    ...(inTheWay.length === 0 ? [] : [`replace ${named(inTheWay)}`]),
    ...(closing.length === 0 ? [] : [`disable ${named(closing)}`]),
  ].join('; ');
}

function named(permissions: readonly RegisteredPermission[]): string {
  return permissions.map(({ kind, value, id }) => `the ${kind} ${value || id}`).join(', ');
}

function clientIdIn({ identifierUris }: ApplicationManifest): string {
  const found = /^api:\/\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(identifierUris[0] ?? '');
  return found?.[1] ?? '{client ID}';
}
