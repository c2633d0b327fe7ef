import { X509Certificate } from 'node:crypto';
import { type App, isApi } from '../directory/apps.js';
import { guidOf } from '../directory/guid.js';
import type { AppRegistration } from '../directory/registration.js';
import { timeText } from './graph-call.js';

/** A scope or an app role of a registration. */
export interface Permission extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly value: string;
  readonly isEnabled: boolean;
}

/** The `application` of Microsoft Graph, as far as the local Graph has it. */
export interface Application extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly displayName: string;
  readonly identifierUris: readonly string[];
  readonly api: ApiPart;
  readonly appRoles: readonly Permission[];
}

export interface ApiPart extends Readonly<Record<string, unknown>> {
  readonly oauth2PermissionScopes: readonly Permission[];
  readonly preAuthorizedApplications: readonly unknown[];
}

type Manifest = Readonly<Record<string, unknown>>;

/** How long a secret lasts that the registration says no end of, as in the admin center: 180 days. */
const UNSAID_MS = 180 * 86_400_000;

/** Makes the `application` of an app: from its manifest, and from members of the registration that the manifest lacks. */
export function applicationOf(app: App, startedAt: number): Application {
  const { registration, name, clientId, told } = app;
  const manifest = (app.manifest ?? {}) as Manifest;
  const api = (manifest.api ?? {}) as Manifest;
  return {
    id: applicationIdOf(app),
    appId: clientId,
    displayName: textOr(manifest.displayName, registration.displayName ?? name),
    createdDateTime: timeText(startedAt),
    signInAudience: textOr(manifest.signInAudience, 'AzureADMyOrg'),
    identifierUris: listOr(
      manifest.identifierUris,
      told && isApi(app) ? [app.applicationIdUri] : [],
    ) as string[],
    groupMembershipClaims: manifest.groupMembershipClaims ?? registration.groupMembershipClaims ?? null,
    api: {
      requestedAccessTokenVersion: registration.tokenVersion ?? 2,
      acceptMappedClaims: null,
      knownClientApplications: [],
      ...api,
      preAuthorizedApplications: listOr(api.preAuthorizedApplications, []),
      oauth2PermissionScopes: scopesOf(app, listOr(api.oauth2PermissionScopes, [])),
    },
    appRoles: rolesOf(app, listOr(manifest.appRoles, [])),
    optionalClaims: manifest.optionalClaims ?? optionalClaimsOf(registration),
    requiredResourceAccess: listOr(manifest.requiredResourceAccess, []),
    passwordCredentials: manifest.passwordCredentials ?? secretsOf(registration, clientId, startedAt),
    keyCredentials: manifest.keyCredentials ?? certificatesOf(registration, clientId),
    web: manifest.web ?? { redirectUris: redirects(registration, 'web') },
    spa: manifest.spa ?? { redirectUris: redirects(registration, 'spa') },
    publicClient: manifest.publicClient ?? { redirectUris: redirects(registration, 'public') },
    tags: listOr(manifest.tags, []),
    description: manifest.description ?? null,
    notes: manifest.notes ?? null,
  };
}

/** Returns the object ID of an app's registration, which is not that of its service principal. */
export function applicationIdOf({ clientId }: App): string {
  return guidOf('application', clientId);
}

/** Returns the permissions of the manifest, disabled ones too, and those that only the registration names. */
function scopesOf({ clientId, registration }: App, listed: readonly unknown[]): readonly Permission[] {
  const known = listed.map((one) => withId(one, 'scope', clientId));
  const others = (registration.scopes ?? []).filter((value) => !known.some((one) => one.value === value));
  const made = others.map((value) => ({
    id: guidOf('scope', `${clientId} ${value}`),
    value,
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: value,
    adminConsentDescription: value,
    userConsentDisplayName: value,
    userConsentDescription: value,
  }));
  return [...known, ...made];
}

function rolesOf({ clientId, registration }: App, listed: readonly unknown[]): readonly Permission[] {
  const known = listed.map((one) => withId(one, 'app-role', clientId));
  const others = Object.entries(registration.appRoles ?? {}).filter(
    ([value]) => !known.some((one) => one.value === value),
  );
  const made = others.map(([value, allowedMemberTypes]) => ({
    id: guidOf('app-role', `${clientId} ${value}`),
    value,
    displayName: value,
    description: value,
    isEnabled: true,
    allowedMemberTypes,
  }));
  return [...known, ...made];
}

function withId(one: unknown, kind: string, clientId: string): Permission {
  const permission = one as Partial<Permission>;
  const value = textOr(permission.value, '');
  const id = textOr(permission.id, guidOf(kind, `${clientId} ${value}`));
  return { ...permission, id, value, isEnabled: permission.isEnabled !== false };
}

function optionalClaimsOf({ optionalClaims = [] }: AppRegistration) {
  const accessToken = optionalClaims.map((claim) => {
    const { name, additionalProperties = [] } = typeof claim === 'string' ? { name: claim } : claim;
    return { name, source: null, essential: false, additionalProperties };
  });
  return { idToken: [], accessToken, saml2Token: [] };
}

/** Secrets without their text, which Microsoft Graph gives once, when they are made. */
function secretsOf({ secret, secrets = [] }: AppRegistration, clientId: string, startedAt: number) {
  const all = [...(secret === undefined ? [] : [{ value: secret, expires: undefined }]), ...secrets];
  return all.map(({ value, expires }, index) => ({
    customKeyIdentifier: null,
    displayName: `Secret ${index + 1}`,
    endDateTime: timeText(expires === undefined ? startedAt + UNSAID_MS : Date.parse(expires)),
    hint: value.slice(0, 3),
    keyId: guidOf('secret', `${clientId} ${index}`),
    secretText: null,
    startDateTime: timeText(startedAt),
  }));
}

function certificatesOf({ certificate, certificates = [] }: AppRegistration, clientId: string) {
  const all = [...(certificate === undefined ? [] : [certificate]), ...certificates];
  return all.map((pem, index) => {
    const { validFrom, validTo, subject, fingerprint } = new X509Certificate(pem);
    return {
      customKeyIdentifier: fingerprint.replaceAll(':', ''),
      displayName: subject.replaceAll('\n', ', '),
      endDateTime: timeText(Date.parse(validTo)),
      key: null,
      keyId: guidOf('certificate', `${clientId} ${index}`),
      startDateTime: timeText(Date.parse(validFrom)),
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
    };
  });
}

function redirects(
  { platform = 'web', redirectUris = [] }: AppRegistration,
  kind: string,
): readonly string[] {
  return platform === kind ? redirectUris : [];
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

function listOr(value: unknown, otherwise: readonly unknown[]): readonly unknown[] {
  return Array.isArray(value) ? value : otherwise;
}
