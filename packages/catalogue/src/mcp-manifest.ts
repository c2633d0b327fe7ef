import { ConfigurationError, mcpResourceProblem } from '@entra-guard/core';
import { type ApplicationManifest, optionalClaim } from './manifest.js';

/** A client of MCP that Microsoft has registered, so that its ID is the same in every tenant. */
export interface KnownMcpClient {
  /** What people call it: `VS Code`. */
  readonly name: string;
  /** Application (client) ID, a GUID in lower case. */
  readonly clientId: string;
}

/** Clients of MCP that Microsoft has registered. They may show no consent page, so an API pre-authorizes them. */
export const KNOWN_MCP_CLIENTS: readonly KnownMcpClient[] = Object.freeze([
  // microsoft/vscode, extensions/microsoft-authentication: the built-in provider.
  Object.freeze({ name: 'VS Code', clientId: 'aebc6443-996d-45c2-90f0-388ff96faa56' }),
]);

/** Claims that tell an agent from a person (Entra: "Token claims reference for agents"). */
const AGENT_CLAIMS = ['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct'];

/**
 * Makes of an API's manifest that of an MCP server: the URL is the only application ID URI, tokens say which agent acts, and
 * {@link KNOWN_MCP_CLIENTS} are pre-authorized for all enabled scopes. A client that the manifest pre-authorizes already keeps what
 * it has. Permissions keep their IDs.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id
 *
 * @param url where clients reach the server, character for character
 * @throws ConfigurationError for a URL that Entra and clients would write differently, with the code that Entra would answer
 */
export function mcpManifestOf(manifest: ApplicationManifest, url: string): ApplicationManifest {
  const problem = mcpResourceProblem(url);
  if (problem !== undefined) {
    throw new ConfigurationError(
      `The URL of the MCP server is ${problem.found}, and ${problem.expected} is expected. Entra would answer ${problem.code}.`,
      problem.hint,
    );
  }
  const { api, optionalClaims } = manifest;
  const present = new Set(optionalClaims.accessToken.map(({ name }) => name));
  const missing = AGENT_CLAIMS.filter((name) => !present.has(name)).map((name) => optionalClaim(name));
  const [first, ...others] = optionalClaims.accessToken;
  return {
    ...manifest,
    identifierUris: [url],
    api: {
      ...api,
      preAuthorizedApplications: [...api.preAuthorizedApplications, ...knownClients(api)],
    },
    optionalClaims: {
      accessToken: [
        ...(first === undefined ? [] : [first]),
        ...[...others, ...missing].sort((a, b) => (a.name < b.name ? -1 : 1)),
      ],
    },
  };
}

function knownClients({ oauth2PermissionScopes, preAuthorizedApplications }: ApplicationManifest['api']) {
  const delegatedPermissionIds = oauth2PermissionScopes
    .filter(({ isEnabled }) => isEnabled)
    .map(({ id }) => id);
  if (delegatedPermissionIds.length === 0) return [];
  return KNOWN_MCP_CLIENTS.filter(
    ({ clientId }) => !preAuthorizedApplications.some(({ appId }) => appId.toLowerCase() === clientId),
  ).map(({ clientId }) => ({ appId: clientId, delegatedPermissionIds }));
}
