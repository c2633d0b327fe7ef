import { assertAssigned, rolesFor } from '../../directory/permissions.js';
import { appOnlyClaims } from '../../tokens/app-only-token.js';
import { lifetimes } from '../../tokens/token-envelope.js';
import { versionOf } from '../../tokens/token-maker.js';
import { assertConfidential } from '../client-authentication.js';
import { isTenantAlias } from '../metadata.js';
import { OAuthError } from '../oauth-error.js';
import { parseScope } from '../scope-request.js';
import { type GrantRequest, required } from './grant-request.js';
import { requestedClaims } from './requested-claims.js';

/** Gives an app a token with all its application permissions. This is why it can ask only for `.default`. */
export function clientCredentials({ entra, body, client, tenant }: GrantRequest): Record<string, unknown> {
  assertConfidential(client);
  if (isTenantAlias(tenant)) {
    throw new OAuthError(
      'invalid_request',
      9001023,
      `The grant type is not supported over the /${tenant} endpoint. Use the endpoint of a tenant.`,
    );
  }
  const scope = required(body, 'scope');
  const { api, scopes } = parseScope(entra.apps, scope);
  if (scopes !== undefined) {
    throw new OAuthError(
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  const { app, credential } = client;
  assertAssigned(api, app.name);
  const lifetime = api.registration.accessTokenLifetime ?? lifetimes.accessToken;
  const claims = appOnlyClaims(entra, {
    api,
    tenant: entra.tenants.named(tenant),
    version: versionOf(api, {}),
    lifetime,
    clientId: app.clientId,
    oid: app.oid,
    credential: credential === '2' ? '2' : '1',
    roles: rolesFor(api, { kind: 'Application', name: app.name }, undefined),
  });
  const { token } = entra.maker.sign({ ...claims, ...requestedClaims(api, body.get('claims'), entra.now()) });
  const expiresIn = lifetime - 1;
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
}
