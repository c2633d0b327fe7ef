import { userOfAgent } from '../../directory/agents.js';
import { verifyUserCredential } from '../agent-credential.js';
import { OAuthError } from '../oauth-error.js';
import { delegatedAnswer } from './delegated-answer.js';
import { type GrantRequest, required } from './grant-request.js';

/**
 * Gives an agent identity a token for its user account (`grant_type=user_fic`).
 *
 * Source: https://learn.microsoft.com/entra/agent-id/identity-platform/agent-user-oauth-flow
 */
export function userCredential(request: GrantRequest): Record<string, unknown> {
  const { entra, body, client } = request;
  if (client.agent === undefined) {
    throw new OAuthError(
      'unauthorized_client',
      700016,
      `'${client.app.clientId}' is not an agent identity, and only those have user accounts of their own.`,
    );
  }
  verifyUserCredential(entra, client.agent, required(body, 'user_federated_identity_credential'));
  const tenant = entra.tenants.home;
  const person = userOfAgent(client.agent, tenant);
  const asked = body.get('user_id') ?? required(body, 'username');
  if (asked.toLowerCase() !== person.oid && asked.toLowerCase() !== person.upn) {
    throw new OAuthError(
      'invalid_grant',
      50034,
      `The user account '${asked}' is not bound to the agent identity. Its account is ${person.upn} (${person.oid}).`,
    );
  }
  const scope = required(body, 'scope');
  const grant = {
    clientId: client.app.clientId,
    person,
    tenant,
    scope,
    claims: body.get('claims') ?? undefined,
    signedInAt: entra.now(),
    signIn: { ended: false },
  };
  return delegatedAnswer(request, { grant, scope, agentUser: true });
}
