import { TokenAuthContext } from '../caller/token-auth-context.js';
import type { Proof, RememberedToken } from './candidate.js';
import type { CheckedToken, Route } from './routing.js';
import { TokenPrint } from './token-print.js';

/** Returns an earlier proof of the token's signature, as long as its key is still trusted. */
export function provenBefore(
  earlier: RememberedToken | undefined,
  { now, trusted }: Route,
): Proof | undefined {
  if (earlier === undefined) return undefined;
  const { proof } = earlier;
  // After the clock was set back, the proof's age is unknown.
  const recent = now >= proof.from && now < proof.until;
  return recent && trusted.serving.some(({ thumbprint }) => thumbprint === proof.thumbprint)
    ? proof
    : undefined;
}

/** Makes the caller of a verified token. */
export function callerOf(
  { jws: { token, payload } }: CheckedToken,
  { kind, trusted: { trust } }: Route,
): TokenAuthContext {
  const auth = new TokenAuthContext(payload, kind, trust.tenantId, trust.facts);
  TokenAuthContext.notePrint(auth, new TokenPrint(token));
  return auth;
}
