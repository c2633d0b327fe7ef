import { type ApplicationManifest, KNOWN_MCP_CLIENTS } from '@entra-guard/catalogue';
import { mcpHostWarning } from '@entra-guard/core';
import { CLIENTS, type ClientName, type Platform, SET_UPS } from './clients.js';

/** What has to be done for an MCP server that its registration does not hold. */
export function registrationNotes(
  { api }: ApplicationManifest,
  url: string,
  catalogueApi: string | undefined,
): readonly string[] {
  const { protocol, hostname } = new URL(url);
  return [
    protocol === 'http:'
      ? 'This is for a local Entra: Entra itself registers no http URL of a machine.'
      : (mcpHostWarning(url) ??
        `Entra registers the URL only if the tenant has verified the domain of ${hostname}: "Custom domain names". Else it refuses the step, and clients get AADSTS500011.`),
    ...(catalogueApi === undefined || catalogueApi === url
      ? []
      : [
          `The catalogue is of ${catalogueApi}, and clients of MCP ask for ${url}. Set applicationIdUri of the guard to the URL, and compare with entra-guard diff --mcp. Permissions keep the IDs of the catalogue.`,
        ]),
    ...preAuthorized(api),
    ...consent(api),
    'Each other client needs a registration of its own, with the scopes as API permissions: Entra has no dynamic registration. Several may share one.',
    ...clientsUnder('Mobile and desktop applications', 'which asks for no secret'),
    ...clientsUnder('Web', 'with a client secret'),
    'A redirect URI under "Single-page application" fails for all of these. Under "Web" a client without a secret gets AADSTS7000218.',
  ];
}

function clientsUnder(platform: Platform, secret: string): readonly string[] {
  const isKnown = (client: ClientName) => KNOWN_MCP_CLIENTS.some(({ name }) => name === client);
  const clients = CLIENTS.filter((client) => SET_UPS[client].platform === platform && !isKnown(client));
  return [
    `Redirect URIs under "${platform}", ${secret}; after the arrow, where the client ID goes:`,
    ...clients.map((client) => {
      const { redirectUris, setting } = SET_UPS[client];
      return `  ${client}: ${redirectUris.join(', ')} → ${setting}`;
    }),
  ];
}

function preAuthorized({ oauth2PermissionScopes, preAuthorizedApplications }: ApplicationManifest['api']) {
  return KNOWN_MCP_CLIENTS.flatMap(({ name, clientId }) => {
    const given = preAuthorizedApplications.find(({ appId }) => appId.toLowerCase() === clientId);
    if (given === undefined) return [];
    const values = oauth2PermissionScopes
      .filter(({ id }) => given.delegatedPermissionIds.includes(id))
      .map(({ value }) => value);
    return [
      `${name} (${clientId}) is pre-authorized for ${values.join(', ')}: it gets them without consent. For less, name it in preAuthorized of definePermissions.`,
    ];
  });
}

function consent({ oauth2PermissionScopes }: ApplicationManifest['api']) {
  const byAdmin = oauth2PermissionScopes
    .filter(({ isEnabled, type }) => isEnabled && type === 'Admin')
    .map(({ value }) => value);
  return [
    ...(byAdmin.length === 0
      ? []
      : [
          `An administrator has to consent to ${byAdmin.join(', ')} for each client (AADSTS90094): "API permissions" of the client, "Grant admin consent".`,
        ]),
    'Clients that ask with prompt=consent stop users who may not consent, although an administrator has (AADSTS90094): allow user consent for the scopes, or use another client.',
  ];
}
