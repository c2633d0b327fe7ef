import type { App } from '../directory/apps.js';
import { lifetimes } from '../tokens/token-envelope.js';
import { json } from './answers.js';
import type { Call } from './call.js';

/** Errors of one of the two endpoints, in its form. */
interface Form {
  readonly refused: (message: string) => Response;
  readonly unassigned: string;
}

const appService: Form = {
  refused: (message) => json({ statusCode: 400, message }, 400),
  unassigned:
    'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
};

const instanceMetadata: Form = {
  refused: (message) => json({ error: 'invalid_request', error_description: message }, 400),
  unassigned: 'Identity not found',
};

/**
 * Answers `/msi/token`, the managed identity endpoint of App Service. With `IDENTITY_ENDPOINT` set to this address and
 * `IDENTITY_HEADER` to any value, Azure's libraries find a managed identity on a developer's machine.
 *
 * Source: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function managedIdentityToken(call: Call): Response {
  const { request, url } = call;
  const resource = url.searchParams.get('resource');
  if (request.headers.get('x-identity-header') === null || resource === null) {
    return appService.refused('A resource and the header X-IDENTITY-HEADER are needed.');
  }
  return answer(call, resource, appService, {
    objectId: url.searchParams.get('object_id') ?? url.searchParams.get('principal_id'),
    resourceId: url.searchParams.get('mi_res_id'),
  });
}

/**
 * Answers `/metadata/identity/oauth2/token`, the Azure Instance Metadata Service of virtual machines. Azure's libraries
 * ask here with `AZURE_POD_IDENTITY_AUTHORITY_HOST` set to the origin.
 *
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export function instanceMetadataToken(call: Call): Response {
  const { request, url } = call;
  const resource = url.searchParams.get('resource');
  if (request.headers.get('metadata')?.toLowerCase() !== 'true') {
    return instanceMetadata.refused('Required metadata header not specified: Metadata: true');
  }
  if (url.searchParams.get('api-version') === null || resource === null) {
    return instanceMetadata.refused("The parameters 'api-version' and 'resource' are needed.");
  }
  return answer(call, resource, instanceMetadata, {
    objectId: url.searchParams.get('object_id'),
    resourceId: url.searchParams.get('msi_res_id') ?? url.searchParams.get('mi_res_id'),
  });
}

function answer(
  { entra, url }: Call,
  resource: string,
  { refused, unassigned }: Form,
  named: { readonly objectId: string | null; readonly resourceId: string | null },
): Response {
  const identity: App | undefined = entra.managedIdentities.find({
    clientId: url.searchParams.get('client_id'),
    ...named,
  });
  if (identity === undefined) return refused(unassigned);
  const { token, claims } = entra.maker.tokenOfIdentity(identity, { api: resource });
  const expires = Math.floor(entra.now() / 1000) + lifetimes.managedIdentity;
  return json({
    access_token: token,
    client_id: claims.azp ?? claims.appid,
    expires_in: String(lifetimes.managedIdentity),
    expires_on: String(expires),
    not_before: String(expires - lifetimes.managedIdentity - 300),
    resource,
    token_type: 'Bearer',
  });
}
