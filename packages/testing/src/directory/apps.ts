import { LocalEntraError } from '../error.js';
import { assertClientMetadataUrl } from './client-metadata-url.js';
import { assertCredentials } from './credentials.js';
import { graphApp, graphClientId, isGraph } from './graph-app.js';
import { assertGraphPermissions } from './graph-permissions.js';
import { guidOf, isGuid } from './guid.js';
import { assertMembers, invalidOption } from './invalid-option.js';
import { type RegistrationManifest, readManifest } from './manifest.js';
import type { AppRegistration, AppRegistrations, OptionalClaimName } from './registration.js';

/** Name of the API that access tokens are for when `startEntra` got no apps. */
const unnamedApi = 'api';

export { graphClientId };

/** One app: declared in `startEntra({ apps })`, or derived from its name. */
export interface App {
  readonly name: string;
  readonly clientId: string;
  /** Object ID of its service principal. */
  readonly oid: string;
  readonly applicationIdUri: string;
  /** Further application ID URIs of its manifest (`identifierUris`). */
  readonly otherIdentifierUris?: readonly string[];
  readonly registration: AppRegistration;
  /** The manifest that the registration was given with: what pages say about its scopes. */
  readonly manifest?: RegistrationManifest | undefined;
  /** Whether `startEntra({ apps })` declares it. */
  readonly told: boolean;
}

/** The apps of one local Entra. Any name makes one. A declared app has only what its registration says. */
export class Apps {
  #told: readonly App[];

  constructor(registrations: AppRegistrations | undefined) {
    this.#told = Object.entries(registrations ?? {}).map(([name, given]) => {
      assertRegistration(name, given);
      const registration = readManifest(name, given);
      if (registration.clientId !== undefined && !isGuid(registration.clientId)) {
        throw new LocalEntraError(
          'option_invalid',
          `apps.${name}.clientId is "${registration.clientId}", but a client ID is a GUID. Leave it out to have one made.`,
        );
      }
      return withManifest(appOf(name, registration, true), given.manifest);
    });
  }

  get told(): readonly App[] {
    return this.#told;
  }

  /** Microsoft Graph, with the application permissions that the registrations name. */
  get graph(): App {
    const named = this.#told.map(({ name, registration }) => [name, registration.graph ?? []] as const);
    return graphApp(Object.fromEntries(named));
  }

  /** Changes the registration of a declared app, and the manifest if one is given. Its name and IDs stay. */
  update({ clientId }: App, { manifest, ...change }: Partial<AppRegistration>): void {
    this.#told = this.#told.map((app) => {
      if (app.clientId !== clientId) return app;
      const registration = { ...app.registration, ...change, clientId };
      const applicationIdUri = registration.applicationIdUri ?? `api://${clientId}`;
      return withManifest({ ...app, registration, applicationIdUri }, manifest ?? app.manifest);
    });
  }

  /**
   * Finds an API by its name, client ID or application ID URI. Without a name: the only API there is.
   * @throws {LocalEntraError} `api_ambiguous` when none is named and there are several; `api_unknown` when there is none
   */
  api(name: string | undefined): App {
    const apis = this.#told.filter(isApi);
    if (name === undefined) {
      const [only, second] = apis.length === 0 ? this.#told : apis;
      if (only === undefined) return appOf(unnamedApi, {}, false);
      if (second === undefined) return only;
      throw new LocalEntraError(
        'api_ambiguous',
        `Which API is it for? There are ${list(apis.length === 0 ? this.#told : apis)}. Name one: { api: '${only.name}' }.`,
      );
    }
    if (isGraph(name)) return this.graph;
    const found = this.#find(name);
    if (found !== undefined) return found;
    if (this.#told.length === 0) return appOf(name, {}, false);
    throw new LocalEntraError(
      'api_unknown',
      `There is no API "${name}". This local Entra has ${list(this.#told)}. Add it to startEntra({ apps }).`,
      500011,
    );
  }

  /** Finds a client by its name or client ID. An undeclared client is derived from its name. */
  client(name: string): App {
    return this.#find(name) ?? appOf(name, {}, false);
  }

  /**
   * Finds the client that calls an endpoint.
   * @throws {LocalEntraError} `client_unknown` when apps are declared and this one is not among them
   */
  registeredClient(clientId: string): App {
    const found =
      this.#find(clientId) ??
      this.#told.find(({ registration }) => registration.clientMetadataUrl === clientId);
    if (found !== undefined) return found;
    if (this.#told.length === 0) return appOf(clientId, {}, false);
    throw new LocalEntraError(
      'client_unknown',
      `Application with identifier '${clientId}' was not found in the directory. This local Entra has ${list(this.#told)}.`,
      700016,
    );
  }

  #find(name: string): App | undefined {
    const wanted = withoutSlash(name);
    return this.#told.find(
      (app) =>
        app.name === name ||
        app.clientId === wanted.toLowerCase() ||
        withoutSlash(app.applicationIdUri) === wanted ||
        app.otherIdentifierUris?.includes(wanted) === true ||
        `api://${app.clientId}` === wanted.toLowerCase(),
    );
  }
}

function withManifest(
  { otherIdentifierUris: _, ...app }: App,
  manifest: RegistrationManifest | undefined,
): App {
  const [, ...others] = manifest?.identifierUris ?? [];
  return { ...app, manifest, ...(others.length === 0 ? {} : { otherIdentifierUris: others }) };
}

/** The members of a registration. */
const members: Readonly<Record<keyof AppRegistration, true>> = {
  manifest: true,
  clientId: true,
  applicationIdUri: true,
  scopes: true,
  appRoles: true,
  tokenVersion: true,
  optionalClaims: true,
  assignments: true,
  displayName: true,
  publisher: true,
  frontChannelLogoutUrl: true,
  enableIdTokenIssuance: true,
  platform: true,
  assignmentRequired: true,
  accessTokenLifetime: true,
  secret: true,
  secrets: true,
  certificate: true,
  certificates: true,
  federatedCredentials: true,
  owners: true,
  clientMetadataUrl: true,
  redirectUris: true,
  graph: true,
  groupMembershipClaims: true,
};

const groupClaimValues: readonly string[] = ['SecurityGroup', 'All', 'None'];

/**
 * Refuses unknown members, because a misspelt one would have no effect.
 * @throws {LocalEntraError} `option_invalid`
 */
function assertRegistration(name: string, given: AppRegistration): void {
  if (name === 'graph')
    throw invalidOption('apps.graph is the name of Microsoft Graph. Give the app another name.');
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidOption(`apps.${name} is not an object. Pass its registration, or {}.`);
  }
  assertMembers(`apps.${name}`, given, Object.keys(members));
  assertCredentials(name, given);
  assertGraphPermissions(name, given.graph);
  assertShown(name, given);
  assertClientMetadataUrl(name, given);
  const { platform, assignmentRequired, accessTokenLifetime: lifetime, groupMembershipClaims } = given;
  const owners: unknown = given.owners ?? [];
  if (!Array.isArray(owners) || owners.some((one) => typeof one !== 'string' || one === '')) {
    throw invalidOption(`apps.${name}.owners is not a list of users. Write their names: ['ada'].`);
  }
  if (groupMembershipClaims !== undefined && !groupClaimValues.includes(groupMembershipClaims)) {
    throw invalidOption(
      `apps.${name}.groupMembershipClaims is "${groupMembershipClaims}". Write "SecurityGroup", "All" or "None".`,
    );
  }
  if (platform !== undefined && !['web', 'spa', 'public'].includes(platform)) {
    throw invalidOption(`apps.${name}.platform is "${platform}". Write "web", "spa" or "public".`);
  }
  if (assignmentRequired !== undefined && typeof assignmentRequired !== 'boolean') {
    throw invalidOption(`apps.${name}.assignmentRequired is not true or false.`);
  }
  // Entra: a token lifetime policy allows ten minutes to one day.
  if (lifetime !== undefined && !(Number.isInteger(lifetime) && lifetime >= 600 && lifetime <= 86_400)) {
    throw invalidOption(
      `apps.${name}.accessTokenLifetime is ${lifetime}. Write seconds, from 600 to 86400, as Entra allows.`,
    );
  }
}

/** @throws {LocalEntraError} `option_invalid` for members that pages show or use */
function assertShown(name: string, given: AppRegistration): void {
  for (const member of ['displayName', 'publisher'] as const) {
    const text: unknown = given[member];
    if (text === undefined || (typeof text === 'string' && text.trim() !== '')) continue;
    throw invalidOption(`apps.${name}.${member} is not a name. Write text: 'Contoso Orders'.`);
  }
  const { frontChannelLogoutUrl: url, enableIdTokenIssuance } = given as Readonly<Record<string, unknown>>;
  if (url !== undefined && !isWebUrl(url)) {
    throw invalidOption(
      `apps.${name}.frontChannelLogoutUrl is "${String(url)}". Write an http or https URL: 'http://localhost:3000/signed-out'.`,
    );
  }
  if (enableIdTokenIssuance !== undefined && typeof enableIdTokenIssuance !== 'boolean') {
    throw invalidOption(`apps.${name}.enableIdTokenIssuance is not true or false.`);
  }
}

function isWebUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** Whether an app is an API: its registration offers permissions or has an application ID URI. */
export function isApi({ registration, manifest }: App): boolean {
  const { scopes, appRoles, applicationIdUri } = registration;
  if (applicationIdUri !== undefined) return true;
  // A manifest lists permissions also where there are none.
  if (manifest === undefined) return scopes !== undefined || appRoles !== undefined;
  return (scopes ?? []).length + Object.keys(appRoles ?? {}).length > 0;
}

/** Whether a client has a credential, so that it has to authenticate. */
export function hasCredential({ registration }: App): boolean {
  const { secret, secrets = [], certificate, certificates = [], federatedCredentials = [] } = registration;
  return (
    secret !== undefined ||
    certificate !== undefined ||
    secrets.length + certificates.length + federatedCredentials.length > 0
  );
}

/** Whether the API's permissions are declared. If so, the local Entra mints no others. */
export function knowsPermissionsOf({ registration }: App): boolean {
  return registration.scopes !== undefined || registration.appRoles !== undefined;
}

/** Whether the API's registration asks for an optional claim in access tokens, with `property` if it is given. */
export function asksFor(api: App, name: OptionalClaimName, property?: string): boolean {
  return (api.registration.optionalClaims ?? []).some((claim) => {
    if (typeof claim === 'string') return claim === name && property === undefined;
    const { additionalProperties = [] } = claim;
    return claim.name === name && (property === undefined || additionalProperties.includes(property));
  });
}

/** Makes an app from a registration, and from its name, client ID or application ID URI. */
function appOf(name: string, registration: AppRegistration, told: boolean): App {
  const bare = name.startsWith('api://') ? withoutSlash(name.slice('api://'.length)) : name;
  const clientId = (registration.clientId ?? (isGuid(bare) ? bare : guidOf('client', bare))).toLowerCase();
  const uri = name.includes('://') && !isGuid(bare) ? withoutSlash(name) : `api://${clientId}`;
  return {
    name: bare,
    clientId,
    oid: guidOf('service-principal', clientId),
    applicationIdUri: registration.applicationIdUri ?? uri,
    registration,
    told,
  };
}

function withoutSlash(uri: string): string {
  return uri.endsWith('/') ? uri.slice(0, -1) : uri;
}

function list(apps: readonly App[]): string {
  return apps.map((app) => app.name).join(', ');
}
