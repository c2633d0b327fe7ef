import type { AuthContext } from '../caller/auth-context.js';
import { ANY_TENANT, EVERYONE_KEY, keyFor } from './target.js';

/**
 * Returns the keys of all targets that cover a caller: token and session first, everyone last. Every one of them is looked up,
 * because a wider target revokes no less than a narrower one.
 *
 * @param sessions whether the session's key is needed. It is read from the claims, which few callers need.
 */
export function callerKeys(auth: AuthContext, sessions = true): readonly string[] {
  const { tenantId, objectId, tokenId, agent } = auth;
  const keys: string[] = [];
  if (tokenId !== undefined) {
    keys.push(keyFor('token', tenantId, tokenId), keyFor('token', ANY_TENANT, tokenId));
  }
  const sid: unknown = sessions ? auth.claims.sid : undefined;
  if (typeof sid === 'string') keys.push(keyFor('session', tenantId, sid));
  if (objectId !== undefined) keys.push(keyFor('user', tenantId, objectId));
  const client = auth.clientId.toLowerCase();
  keys.push(keyFor('client', tenantId, client), keyFor('client', ANY_TENANT, client));
  const blueprint = agent?.blueprintId;
  if (blueprint !== undefined) {
    keys.push(keyFor('agentBlueprint', tenantId, blueprint), keyFor('agentBlueprint', ANY_TENANT, blueprint));
  }
  keys.push(keyFor('tenant', tenantId, ''), EVERYONE_KEY);
  return keys;
}
