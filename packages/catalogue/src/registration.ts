import { ConfigurationError } from '@entra-guard/core';
import { shown } from './shown.js';

/** A scope or an app role of a registration. Its text is what the registration holds, which may be nothing. */
export interface RegisteredPermission {
  readonly kind: 'scope' | 'app role';
  readonly id: string;
  readonly value: string;
  readonly title: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Scopes: `User` or `Admin`. App roles: `User`, `Application` or both, in this order. */
  readonly who: string;
  /** As it came, for writing it back: a PATCH of a collection replaces all of it. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What an app registration says about the things that a catalogue decides. */
export interface Registration {
  readonly clientId: string;
  readonly displayName: string;
  /** Whether personal Microsoft accounts may sign in: their limits are narrower. */
  readonly personalAccounts: boolean;
  readonly identifierUris: readonly string[];
  readonly tokenVersion: 1 | 2;
  readonly permissions: readonly RegisteredPermission[];
  readonly preAuthorized: readonly { readonly clientId: string; readonly permissionIds: readonly string[] }[];
  readonly accessTokenClaims: readonly Readonly<Record<string, unknown>>[];
  /** Optional claims of other tokens, for writing them back. */
  readonly otherClaims: Readonly<Record<string, unknown>>;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Facts = Readonly<Record<string, unknown>>;

const EXPORT = 'Export it with: az ad app show --id <client ID> > application.json';

/**
 * Reads an app registration: what `az ad app show` prints, what Microsoft Graph v1.0 answers (`GET /applications/{id}`, a
 * list of exactly one too), or the manifest that the portal shows. What Entra fills in with `null` may as well be missing.
 *
 * @throws ConfigurationError for anything else, with the command that exports the right thing
 */
export function readRegistration(json: unknown): Registration {
  const facts = applicationIn(json);
  const { appId, displayName, signInAudience } = facts;
  if (typeof appId !== 'string' || !GUID.test(appId)) {
    throw new ConfigurationError(
      `The registration's appId is ${shown(appId)}, which is not a GUID.`,
      `A whole registration has one. ${EXPORT}`,
    );
  }
  const api = objectIn(facts, 'api');
  const claims = objectIn(facts, 'optionalClaims');
  const { accessToken: _, ...otherClaims } = claims;
  return {
    clientId: appId.toLowerCase(),
    displayName: text(displayName),
    personalAccounts: /Personal/.test(text(signInAudience)),
    identifierUris: listIn(facts, 'identifierUris').map(text),
    tokenVersion: api.requestedAccessTokenVersion === 2 ? 2 : 1,
    permissions: [
      ...objectsIn(api, 'oauth2PermissionScopes').map(scopeOf),
      ...objectsIn(facts, 'appRoles').map(appRoleOf),
    ],
    preAuthorized: objectsIn(api, 'preAuthorizedApplications').map(clientOf),
    accessTokenClaims: objectsIn(claims, 'accessToken'),
    otherClaims,
  };
}

function applicationIn(json: unknown): Facts {
  const list = Array.isArray(json) ? json : isObject(json) && Array.isArray(json.value) ? json.value : [json];
  if (list.length !== 1) {
    throw new ConfigurationError(
      `This is a list of ${list.length} registrations.`,
      `Export one of them. ${EXPORT}`,
    );
  }
  const [one] = list as readonly unknown[];
  if (!isObject(one)) {
    throw new ConfigurationError(`This is ${shown(one)}, and not an app registration.`, EXPORT);
  }
  if (isObject(one.error)) {
    throw new ConfigurationError('This is an answer of Microsoft Graph that holds an error.', EXPORT);
  }
  if ('oauth2Permissions' in one || 'replyUrlsWithType' in one || 'accessTokenAcceptedVersion' in one) {
    throw new ConfigurationError(
      'This registration is in the format of Azure AD Graph, which has been shut down.',
      `Use the format of Microsoft Graph. ${EXPORT}`,
    );
  }
  if ('servicePrincipalType' in one || 'appOwnerOrganizationId' in one) {
    throw new ConfigurationError(
      'This is a service principal (enterprise application), not the app registration that it stands for.',
      EXPORT,
    );
  }
  return one;
}

function scopeOf(raw: Facts): RegisteredPermission {
  return {
    kind: 'scope',
    ...permissionOf(raw),
    title: text(raw.adminConsentDisplayName),
    description: text(raw.adminConsentDescription),
    who: text(raw.type),
  };
}

function appRoleOf(raw: Facts): RegisteredPermission {
  const members = listIn(raw, 'allowedMemberTypes');
  return {
    kind: 'app role',
    ...permissionOf(raw),
    title: text(raw.displayName),
    description: text(raw.description),
    who: ['User', 'Application'].filter((type) => members.includes(type)).join(', '),
  };
}

function permissionOf(raw: Facts) {
  // Graph does not take back what it says about the origin.
  const { origin: _, ...writable } = raw;
  return {
    id: text(raw.id).toLowerCase(),
    value: text(raw.value),
    enabled: raw.isEnabled !== false,
    raw: writable,
  };
}

function clientOf(raw: Facts): Registration['preAuthorized'][number] {
  // The manifest page of the portal calls them by the shorter name.
  const ids = [...listIn(raw, 'delegatedPermissionIds'), ...listIn(raw, 'permissionIds')];
  return { clientId: text(raw.appId).toLowerCase(), permissionIds: ids.map((id) => text(id).toLowerCase()) };
}

function isObject(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectIn(facts: Facts, name: string): Facts {
  const value = facts[name];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw unreadable(name, value, 'an object');
}

function listIn(facts: Facts, name: string): readonly unknown[] {
  const value = facts[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  throw unreadable(name, value, 'a list');
}

function objectsIn(facts: Facts, name: string): readonly Facts[] {
  return listIn(facts, name).map((one) => {
    if (isObject(one)) return one;
    throw unreadable(name, one, 'a list of objects');
  });
}

function unreadable(name: string, found: unknown, expected: string): ConfigurationError {
  return new ConfigurationError(
    `The registration's ${name} should be ${expected}, and holds ${shown(found)}.`,
    EXPORT,
  );
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
