import type { B2cPolicy } from '../directory/b2c-policies.js';
import { rolesFor } from '../directory/permissions.js';
import type { Tenant } from '../directory/tenants.js';
import { b2cIssuer } from '../issuers.js';
import { b2cAppClaims } from '../tokens/b2c-token.js';
import { lifetimeFor } from '../tokens/token-envelope.js';
import { json, openToAll } from './answers.js';
import type { Call, EntraServices } from './call.js';
import { assertConfidential, authenticateClient } from './client-authentication.js';
import { required } from './grants/grant-request.js';
import { v1Keys } from './metadata.js';
import { OAuthError } from './oauth-error.js';
import { readForm } from './parameters.js';
import { tenantOf } from './place.js';
import type { Route } from './route.js';
import { parseScope } from './scope-request.js';

/** A policy of a tenant, as a path names it. */
interface Target {
  readonly tenant: Tenant;
  readonly policy: B2cPolicy;
}

/** `/{tenant}/{policy}/…`, `/tfp/{tenant}/{policy}/…`, or `/{tenant}/…?p={policy}`. */
const PATH = /^\/(?:tfp\/)?([^/]+)\/(?:([^/]+)\/)?(?:v2\.0|discovery|oauth2)\//i;

function targetOf({ tenants, b2c }: EntraServices, url: URL): Target | undefined {
  const [, tenantName = '', inPath] = PATH.exec(url.pathname) ?? [];
  const name = inPath ?? url.searchParams.get('p');
  const policy = name === null ? undefined : b2c.find(name);
  if (policy === undefined) return undefined;
  const tenant = tenantOf(tenants, tenantName);
  return tenant === undefined ? undefined : { tenant, policy };
}

/** Runs what answers at the address of a policy. */
function at(
  answer: (call: Call, target: Target) => Response | Promise<Response>,
): Pick<Route, 'answer' | 'when'> {
  return {
    when: (entra, url) => targetOf(entra, url) !== undefined,
    answer: async (call) => answer(call, targetOf(call.entra, call.url) as Target),
  };
}

/**
 * The addresses of the policies of Azure AD B2C that are declared. There are no sign-in pages: tests mint tokens of
 * users, and apps get theirs by client credentials.
 *
 * Source: https://learn.microsoft.com/azure/active-directory-b2c/tokens-overview
 */
export const b2cRoutes: readonly Route[] = [
  {
    what: 'metadata',
    host: 'b2c',
    path: /^\/(?:tfp\/)?([^/]+)\/(?:[^/]+\/)?v2\.0\/\.well-known\/openid-configuration$/i,
    methods: ['GET'],
    ...at(({ entra }, target) => json(metadata(entra, target), 200, openToAll)),
  },
  {
    what: 'keys',
    host: 'b2c',
    path: /^\/(?:tfp\/)?([^/]+)\/(?:[^/]+\/)?discovery\/v2\.0\/keys$/i,
    methods: ['GET'],
    ...at(({ entra }) => json(v1Keys(entra.keys), 200, openToAll)),
  },
  {
    what: 'token',
    host: 'b2c',
    path: /^\/(?:tfp\/)?([^/]+)\/(?:[^/]+\/)?oauth2\/v2\.0\/token$/i,
    methods: ['POST'],
    ...at(token),
  },
];

function metadata({ authority }: EntraServices, { tenant, policy }: Target) {
  const base = `${authority.b2cOrigin(tenant)}/${tenant.domain}/${policy.name.toLowerCase()}`;
  return {
    issuer: b2cIssuer(authority, tenant, policy),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    response_types_supported: ['code'],
    scopes_supported: ['openid'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  };
}

/** Answers client credentials, the one grant that needs no user. */
async function token({ entra, request }: Call, { tenant, policy }: Target): Promise<Response> {
  const body = await readForm(request);
  const grantType = required(body, 'grant_type');
  if (grantType !== 'client_credentials') {
    return json(
      {
        error: 'unsupported_grant_type',
        error_description: `AADB2C90086: The supplied grant_type [${grantType}] is not supported. Policies of the local Entra have client_credentials. Mint tokens of users: entra.user('ada', { policy: '${policy.name}' }).`,
      },
      400,
    );
  }
  const client = await authenticateClient(entra, body, request.headers);
  assertConfidential(client);
  const { app } = client;
  const { api, scopes } = parseScope(entra.apps, required(body, 'scope'));
  if (scopes !== undefined) {
    throw new OAuthError('invalid_scope', 1002012, 'Client credentials need a scope that ends in /.default.');
  }
  const permissions = rolesFor(api, { kind: 'Application', name: app.name }, undefined);
  const claims = b2cAppClaims(
    entra,
    { api, tenant, policy, clientId: app.clientId, scopes: permissions },
    app,
  );
  const signed = entra.maker.sign(claims, { x5t: undefined });
  const lifetime = lifetimeFor(api);
  return json(
    {
      access_token: signed.token,
      token_type: 'Bearer',
      not_before: claims.nbf,
      expires_in: lifetime,
      expires_on: claims.exp,
      resource: api.clientId,
    },
    200,
    { 'cache-control': 'no-store' },
  );
}
