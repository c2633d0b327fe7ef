import type { App } from '../directory/apps.js';
import { hasMetadataUrl } from '../directory/client-metadata-url.js';
import { json } from './answers.js';
import type { Call } from './call.js';
import { assertProvenIfConfidential, authenticateClient } from './client-authentication.js';
import { authorizationCode } from './grants/authorization-code.js';
import { clientCredentials } from './grants/client-credentials.js';
import { deviceCodeGrant } from './grants/device-code.js';
import type { GrantRequest } from './grants/grant-request.js';
import { onBehalfOf } from './grants/on-behalf-of.js';
import { refreshToken } from './grants/refresh-token.js';
import { userCredential } from './grants/user-credential.js';
import { isTenantAlias } from './metadata.js';
import { OAuthError } from './oauth-error.js';
import { readForm } from './parameters.js';

const grants: Readonly<Record<string, (request: GrantRequest) => Record<string, unknown>>> = {
  client_credentials: clientCredentials,
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  user_fic: userCredential,
  'urn:ietf:params:oauth:grant-type:device_code': deviceCodeGrant,
  // As MSAL sends it.
  device_code: deviceCodeGrant,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': onBehalfOf,
};

/** Answers `/{tenant}/oauth2/v2.0/token`, and `/{tenant}/oauth2/token`, which has `resource` in place of `scope`. */
export async function token({ entra, request, tenant, url }: Call): Promise<Response> {
  const body = await readForm(request);
  const grantType = body.get('grant_type');
  if (grantType === null) {
    throw new OAuthError(
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'grant_type'.",
    );
  }
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
  if (grant === undefined) {
    throw new OAuthError(
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grantType}'.`,
    );
  }
  if (!isTenantAlias(tenant)) entra.tenants.named(tenant);
  const client = await authenticateClient(entra, body, request.headers);
  assertProvenIfConfidential(client);
  assertGrantOfClient(client.app, grantType);
  const firstVersion = !url.pathname.endsWith('/v2.0/token');
  const resource = firstVersion ? takeResource(body) : undefined;
  const answer = grant({ entra, body, client, tenant });
  return json(firstVersion ? firstVersionAnswer(answer, resource, entra.now()) : answer, 200, {
    'cache-control': 'no-store',
    pragma: 'no-cache',
  });
}

/**
 * Refuses grants other than that of a sign-in to a client that identifies by the URL of its metadata (Entra: Client ID Metadata
 * Documents, a preview).
 *
 * @throws {OAuthError} AADSTS70003
 */
function assertGrantOfClient(app: App, grantType: string): void {
  if (!hasMetadataUrl(app) || grantType === 'authorization_code' || grantType === 'refresh_token') return;
  throw new OAuthError(
    'unauthorized_client',
    70003,
    `Client '${app.registration.clientMetadataUrl}' identifies by the URL of its metadata, and such a client gets tokens by authorization code with PKCE alone.`,
  );
}

/** Takes the `resource` of a version 1 request, which is equivalent to the resource's `.default` scope. */
function takeResource(body: URLSearchParams): string | undefined {
  const resource = body.get('resource') ?? undefined;
  if (resource !== undefined) body.set('scope', `${resource}/.default openid offline_access`);
  body.delete('resource');
  return resource;
}

/** Turns a response into that of the version 1 endpoint, where numbers are strings. */
function firstVersionAnswer(answer: Record<string, unknown>, resource: string | undefined, now: number) {
  const expiresIn = Number(answer.expires_in);
  const seconds = Math.floor(now / 1000);
  return {
    ...answer,
    expires_in: String(expiresIn),
    ext_expires_in: String(expiresIn),
    expires_on: String(seconds + expiresIn),
    not_before: String(seconds - 300),
    ...(resource === undefined ? {} : { resource }),
  };
}
