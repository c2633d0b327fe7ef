import type { App } from '../directory/apps.js';
import { OAuthError } from './oauth-error.js';
import type { ScopeRequest } from './scope-request.js';

/**
 * Refuses a request with a user for an API that Entra does not give the client a token for. The authorize, device code
 * and token endpoints call it after they parsed `scope`.
 *
 * @param resource the `resource` parameter of a version 2 endpoint (RFC 8707); `null` without one
 * @throws {OAuthError} AADSTS9010010 for another resource than that of the scopes, 90009 for an app that names itself by
 *   its application ID URI
 */
export function assertMayAsk(client: App, request: ScopeRequest, resource: string | null): void {
  assertResource(request, resource);
  assertNotItself(client, request);
}

/**
 * Refuses a `resource` that is not, character for character, an application ID URI of the API that the scopes belong to.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id
 * @throws {OAuthError} AADSTS9010010
 */
export function assertResource({ api }: ScopeRequest, resource: string | null): void {
  if (resource === null) return;
  const uris = [api.applicationIdUri, ...(api.otherIdentifierUris ?? [])];
  if (uris.includes(resource)) return;
  throw new OAuthError(
    'invalid_target',
    9_010_010,
    `The resource '${resource}' is not that of the scopes, which are those of '${api.name}'. It has to be ${uris.join(' or ')}, character for character.`,
  );
}

/**
 * Refuses an app that asks for a token for itself and does not use its client ID as the resource.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes (AADSTS90009)
 */
function assertNotItself(client: App, { api, prefix, scopes }: ScopeRequest): void {
  if (api.clientId !== client.clientId || prefix.toLowerCase() === `${client.clientId}/`) return;
  throw new OAuthError(
    'invalid_request',
    90_009,
    `Application '${client.clientId}' (${client.name}) is requesting a token for itself. With a user this needs the client ID as the resource: ask for ${client.clientId}/${scopes?.[0] ?? '.default'}.`,
  );
}
