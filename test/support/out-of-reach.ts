import type { Target } from '@entra-guard/core';
import { ADA, NOW, SPA, TENANT } from './forger.js';

const token = { token: 'T', expiresAt: NOW + 1000 };

/** Each kind of target that a caller of another tenant must not reach: of TENANT, or of more than one tenant. */
export const OUT_OF_REACH: readonly Target[] = [
  { user: ADA, tenantId: TENANT },
  { servicePrincipal: SPA, tenantId: TENANT },
  { session: 'S', tenantId: TENANT },
  { ...token, tenantId: TENANT },
  token,
  { client: SPA, tenantId: TENANT },
  { client: SPA },
  { agentBlueprint: SPA, tenantId: TENANT },
  { agentBlueprint: SPA },
  { tenant: TENANT },
  'everyone',
];

/** The query that asks for a target. */
export function queryFor(target: Target): URLSearchParams {
  if (target === 'everyone') return new URLSearchParams({ everyone: 'true' });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(target))
    if (name !== 'expiresAt') query.set(name, String(value));
  return query;
}

/** The body that revokes a target: a cutoff of yesterday, where there are cutoffs, so that it refuses none of the tokens in tests. */
export function bodyFor(target: Target, because: string): object {
  if (target !== 'everyone' && 'token' in target) {
    return { target: { ...target, expiresAt: new Date(Number(target.expiresAt)).toISOString() }, because };
  }
  if (target !== 'everyone' && 'session' in target) return { target, because };
  return { target, because, issuedBefore: new Date(NOW - 86_400_000).toISOString() };
}
