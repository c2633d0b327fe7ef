import { hasMetadataUrl } from '../../directory/client-metadata-url.js';
import { assertAssigned, rolesFor } from '../../directory/permissions.js';
import { agentForHumanClaims, agentUserClaims, metadataClientClaims } from '../../tokens/agent-token.js';
import { clientInfo } from '../../tokens/client-info.js';
import { type Delegated, delegatedClaims } from '../../tokens/delegated-token.js';
import { groupClaims } from '../../tokens/group-claims.js';
import { idTokenClaims } from '../../tokens/id-token.js';
import { lifetimeFor } from '../../tokens/token-envelope.js';
import { versionOf } from '../../tokens/token-maker.js';
import type { EntraServices } from '../call.js';
import type { AuthenticatedClient } from '../client-authentication.js';
import { consentedScopes } from '../consent.js';
import { assertMayAsk } from '../requested-api.js';
import { grantedScopes, parseScope, responseScope, type ScopeRequest } from '../scope-request.js';
import type { Grant } from '../sessions.js';
import { bearerAnswer } from './bearer-answer.js';
import type { GrantRequest } from './grant-request.js';
import { mergedClaims } from './merged-claims.js';
import { assertReached, requestedClaims } from './requested-claims.js';

/** What the response to a delegated grant is made from. */
export interface DelegatedAnswer {
  readonly grant: Grant;
  readonly scope: string;
  readonly nonce?: string | undefined;
  readonly carried?: Readonly<Record<string, unknown>>;
  /** Whether the user is the account of the agent identity that asks. Default `false`. */
  readonly agentUser?: boolean;
}

/** Makes the response: an access token, and what `openid`, `offline_access` and `client_info` ask for. */
export function delegatedAnswer({ entra, body, client }: GrantRequest, asked: DelegatedAnswer) {
  const { person, tenant, clientId, signedInAt, authTime } = asked.grant;
  const request = parseScope(entra.apps, asked.scope);
  const { api } = request;
  assertMayAsk(client.app, request, body.get('resource'));
  entra.accounts.assertMaySignIn(person, signedInAt);
  assertAssigned(api, { kind: 'User', name: person.name });
  const scopes = scopesOf(entra, client, request, asked);
  const carried = asked.carried?.acrs;
  // A token that is exchanged brings along what its user reached.
  const brought =
    carried === undefined
      ? asked.grant.claims
      : mergedClaims(asked.grant.claims, { access_token: { acrs: { values: carried } } });
  entra.policies.assertSatisfied({ oid: person.oid, clientId, api }, brought);
  if (entra.pages) assertReached(asked.grant, carried);
  const lifetime = lifetimeFor(api);
  const delegated = {
    api,
    tenant,
    version: versionOf(api, {}),
    lifetime,
    person,
    signedInAt,
    clientId,
    credential: client.credential,
    scopes,
    roles: rolesFor(api, { kind: 'User', name: person.name }, undefined),
    groupClaims: groupClaims(entra, { api, tenant, person }),
    guestOf: undefined,
  };
  const claims = claimsFor(entra, client, delegated, asked.agentUser ?? false);
  const extra = requestedClaims(api, asked.grant.claims, entra.now());
  const { token } = entra.maker.sign({ ...claims, ...asked.carried, ...extra });
  entra.sessions.addIssued(claims.uti, asked.grant);
  const idToken = request.openid
    ? entra.maker.sign(idTokenClaims(entra, { person, tenant, clientId, nonce: asked.nonce, authTime })).token
    : undefined;
  return {
    ...bearerAnswer(token, lifetime),
    scope: responseScope(request, scopes),
    ...(request.offline
      ? {
          refresh_token: entra.sessions.addRefreshToken(
            asked.grant,
            entra.now(),
            client.app.registration.platform === 'spa',
          ),
        }
      : {}),
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(body.get('client_info') === '1' ? { client_info: clientInfo(person.oid, tenant.id) } : {}),
  };
}

/** Returns the scopes of the token. With pages a client gets none without consent; the account of an agent has no page. */
function scopesOf(
  { pages, consents }: EntraServices,
  { app, agent }: AuthenticatedClient,
  request: ScopeRequest,
  { grant, agentUser }: DelegatedAnswer,
): readonly string[] {
  if (!pages || agentUser === true) return grantedScopes(request);
  const clients = agent === undefined ? [app] : [app, agent.blueprint];
  return consentedScopes(consents, request, { clients, person: grant.person });
}

function claimsFor(
  entra: EntraServices,
  { app, agent }: AuthenticatedClient,
  token: Delegated,
  agentUser: boolean,
): Record<string, unknown> {
  if (agent === undefined) {
    return hasMetadataUrl(app) ? metadataClientClaims(entra, token) : delegatedClaims(entra, token);
  }
  const claims = agentUser ? agentUserClaims : agentForHumanClaims;
  return claims(entra, token, agent.blueprint.clientId);
}
