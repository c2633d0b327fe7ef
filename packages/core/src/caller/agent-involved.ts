import type { AuthContext } from './auth-context.js';

/**
 * Whether an AI agent acts for the caller, or is the caller; `undefined` if the token does not say for both, and neither is known
 * to be one.
 */
export function isAgentInvolved({ agent }: AuthContext): boolean | undefined {
  if (agent?.actor === true || agent?.subject === true) return true;
  return agent?.actor === false && agent.subject === false ? false : undefined;
}

/** Whether the caller itself is an AI agent: an agent identity, or an agent's user account. It can't sign in again as people do. */
export function isAgentItself({ agent }: AuthContext): boolean {
  return agent?.subject === true;
}
