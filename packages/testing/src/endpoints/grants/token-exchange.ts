import type { Agent } from '../../directory/agents.js';
import { exchangeEnvelope } from '../../tokens/exchange-token.js';
import { lifetimes } from '../../tokens/token-envelope.js';
import { subjectOfAgent } from '../agent-credential.js';
import { OAuthError } from '../oauth-error.js';
import { bearerAnswer } from './bearer-answer.js';
import type { GrantRequest } from './grant-request.js';

/**
 * Gives a token for `api://AzureADTokenExchange`: to a blueprint for one of its agent identities (`fmi_path`), and to an
 * agent identity for its user account.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/identity-platform/agent-autonomous-app-oauth-flow
 */
export function tokenExchange(request: GrantRequest): Record<string, unknown> {
  const { entra, client } = request;
  const agent = agentOf(request);
  const audience = client.agent === undefined ? agent.blueprint : agent.app;
  const { token } = entra.maker.sign({
    ...exchangeEnvelope(entra, audience.clientId, lifetimes.accessToken),
    azp: client.app.clientId,
    azpacr: client.credential,
    idtyp: 'app',
    oid: agent.app.clientId,
    sub: subjectOfAgent(agent, entra.tenants.home.id),
  });
  return bearerAnswer(token, lifetimes.accessToken);
}

function agentOf({ entra, body, client }: GrantRequest): Agent {
  if (client.agent !== undefined) return client.agent;
  const path = body.get('fmi_path');
  const agent = path === null ? undefined : entra.agents.find(path);
  if (agent !== undefined && agent.blueprint.clientId === client.app.clientId) return agent;
  throw new OAuthError(
    'invalid_request',
    90023,
    path === null
      ? "The parameter 'fmi_path' is missing: only a blueprint asks for api://AzureADTokenExchange, for one of its agent identities."
      : `The value '${path}' of 'fmi_path' is not an agent identity of '${client.app.clientId}'. Add it to agents.`,
  );
}
