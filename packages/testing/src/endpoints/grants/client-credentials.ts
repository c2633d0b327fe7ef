import { assertAssigned, rolesFor } from '../../directory/permissions.js';
import { autonomousAgentClaims } from '../../tokens/agent-token.js';
import { appOnlyClaims } from '../../tokens/app-only-token.js';
import { TOKEN_EXCHANGE } from '../../tokens/exchange-token.js';
import { lifetimeFor } from '../../tokens/token-envelope.js';
import { versionOf } from '../../tokens/token-maker.js';
import { assertConfidential } from '../client-authentication.js';
import { isTenantAlias } from '../metadata.js';
import { OAuthError } from '../oauth-error.js';
import { assertResource } from '../requested-api.js';
import { parseScope } from '../scope-request.js';
import { bearerAnswer } from './bearer-answer.js';
import { type GrantRequest, required } from './grant-request.js';
import { requestedClaims } from './requested-claims.js';
import { tokenExchange } from './token-exchange.js';

/** Gives an app a token with all its application permissions. This is why it can ask only for `.default`. */
export function clientCredentials(request: GrantRequest): Record<string, unknown> {
  const { entra, body, client, tenant } = request;
  assertConfidential(client);
  if (isTenantAlias(tenant)) {
    throw new OAuthError(
      'invalid_request',
      9001023,
      `The grant type is not supported over the /${tenant} endpoint. Use the endpoint of a tenant.`,
    );
  }
  const scope = required(body, 'scope');
  if (scope === `${TOKEN_EXCHANGE}/.default`) return tokenExchange(request);
  const asked = parseScope(entra.apps, scope);
  assertResource(asked, body.get('resource'));
  const { api, scopes } = asked;
  if (scopes !== undefined) {
    throw new OAuthError(
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  const { app, credential } = client;
  assertAssigned(api, { kind: 'Application', name: app.name });
  const lifetime = lifetimeFor(api);
  const token = {
    api,
    tenant: entra.tenants.named(tenant),
    version: versionOf(api, {}),
    lifetime,
    clientId: app.clientId,
    oid: app.oid,
    credential: credential === '2' ? '2' : '1',
    roles: rolesFor(api, { kind: 'Application', name: app.name }, undefined),
  } as const;
  const claims =
    client.agent === undefined
      ? appOnlyClaims(entra, token)
      : autonomousAgentClaims(entra, token, client.agent.blueprint.clientId);
  const signed = entra.maker.sign({ ...claims, ...requestedClaims(api, body.get('claims'), entra.now()) });
  return bearerAnswer(signed.token, lifetime);
}
