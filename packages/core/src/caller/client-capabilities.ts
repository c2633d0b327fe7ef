import type { AuthContext } from './auth-context.js';

/**
 * Whether the client can answer a claims challenge, by the capability `cp1` in `xms_cc`; `undefined` if the token lacks the claim,
 * which is optional (Entra: claims challenges, claims requests, and client capabilities). The value is not case-sensitive.
 */
export function answersChallenges({ claims }: AuthContext): boolean | undefined {
  const capabilities: unknown = claims.xms_cc;
  if (!Array.isArray(capabilities)) return undefined;
  return capabilities.some((capability) => String(capability).toLowerCase() === 'cp1');
}
