import type { AuthContext } from './auth-context.js';

/**
 * Returns the key of one client that acts for one subject, for an application's counters: the tenant, the client's
 * application ID (that of the agent identity, where an AI agent acts), and the caller's `subjectKey`. All of it is verified; nothing
 * is what an agent says of itself.
 */
export function agentKey({ tenantId, clientId, subjectKey }: AuthContext): string {
  return `${tenantId}/${clientId}/${subjectKey}`;
}
