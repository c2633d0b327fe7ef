import { lifetimes } from '../tokens/token-envelope.js';
import { json } from './answers.js';
import type { Call } from './call.js';

/** Name of the system-assigned identity, for requests that name no other. */
const unnamedIdentity = 'managed-identity';

/**
 * Answers `/msi/token`, the managed identity endpoint of App Service. With `IDENTITY_ENDPOINT` set to this address and
 * `IDENTITY_HEADER` to any value, Azure's libraries find a managed identity on a developer's machine.
 */
export function managedIdentityToken({ entra, request, url }: Call): Response {
  const resource = url.searchParams.get('resource');
  if (request.headers.get('x-identity-header') === null || resource === null) {
    return json({ statusCode: 400, message: 'A resource and the header X-IDENTITY-HEADER are needed.' }, 400);
  }
  const identity = url.searchParams.get('client_id') ?? url.searchParams.get('mi_res_id') ?? unnamedIdentity;
  const { token, claims } = entra.maker.managedIdentity(identity, { api: resource });
  return json({
    access_token: token,
    client_id: claims.azp ?? claims.appid,
    expires_on: String(Math.floor(entra.now() / 1000) + lifetimes.managedIdentity),
    resource,
    token_type: 'Bearer',
  });
}
