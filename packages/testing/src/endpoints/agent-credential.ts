import type { AadstsCode } from '../aadsts-codes.js';
import type { Agent } from '../directory/agents.js';
import { decodeUnverifiedJwt, verifyRsa } from '../tokens/read-jwt.js';
import type { EntraServices } from './call.js';
import { invalidAssertion } from './invalid-assertion.js';
import { OAuthError } from './oauth-error.js';

/** The subject of a token that stands for an agent identity. */
export function subjectOfAgent({ app, blueprint }: Agent, tenantId: string): string {
  return `/eid1/c/pub/t/${tenantId}/a/${blueprint.clientId}/${app.clientId}`;
}

/**
 * Verifies the token with which an agent identity authenticates: its blueprint got it with `fmi_path`.
 *
 * @throws {OAuthError} AADSTS700027, 700024
 */
export function verifyAgentCredential(entra: EntraServices, agent: Agent, assertion: string): void {
  verifyExchange(
    entra,
    agent,
    assertion,
    agent.blueprint.clientId,
    'It comes from its blueprint, which asks with fmi_path',
  );
}

/**
 * Verifies the token by which an agent identity may act through its user account.
 *
 * @throws {OAuthError} AADSTS700027, 700024
 */
export function verifyUserCredential(entra: EntraServices, agent: Agent, assertion: string): void {
  verifyExchange(
    entra,
    agent,
    assertion,
    agent.app.clientId,
    'The agent gets it for api://AzureADTokenExchange',
  );
}

function verifyExchange(
  { authority, keys, now, tenants }: EntraServices,
  agent: Agent,
  assertion: string,
  audience: string,
  source: string,
): void {
  const invalid = (why: string, aadsts?: AadstsCode): OAuthError =>
    invalidAssertion(agent.app, `${why}. ${source}`, aadsts);
  const jwt = decodeUnverifiedJwt(assertion);
  const key = typeof jwt?.header.kid === 'string' ? keys.find(jwt.header.kid) : undefined;
  if (jwt === undefined || key === undefined || !verifyRsa(jwt, key.publicKey)) {
    throw invalid('this Entra did not sign it');
  }
  const { iss, aud, sub, exp } = jwt.payload;
  const { id } = tenants.home;
  if (iss !== authority.v2Issuer(id)) throw invalid('it has another issuer');
  if (aud !== audience) throw invalid(`its aud is ${String(aud)}, and not ${audience}`);
  if (sub !== subjectOfAgent(agent, id)) throw invalid('it stands for another agent identity');
  if (typeof exp !== 'number' || exp * 1000 <= now()) throw invalid('it has expired', 700024);
}
