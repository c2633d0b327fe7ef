import {
  type AuthContext,
  ConfigurationError,
  type Guard,
  printDuration,
  TokenError,
} from '@entra-guard/core';
import { middleTierOf } from '@entra-guard/core/downstream';
import { guardAccessOf } from '@entra-guard/core/mcp';

/**
 * Tells whether access was revoked since a sign-in, by the token that its renewal has brought.
 *
 * @param issuedAt of the token that the sign-in has brought, in seconds since the epoch
 * @throws UnavailableError while that can't be known (as a rejection)
 */
export type SignInCutoff = (accessToken: string, issuedAt: number | undefined) => Promise<boolean>;

/**
 * Holds a session to the time of its sign-in. A revocation with `issuedBefore` asks for a fresh sign-in, and compares the `iat` of
 * tokens: a renewal brings a young token without one.
 */
export function signInCutoff(guard: Guard): SignInCutoff {
  const { revocations } = middleTierOf(guard);
  if (revocations === undefined) return async () => false;
  const access = guardAccessOf(guard);
  return async (accessToken, issuedAt) => {
    const request = { headers: { authorization: `Bearer ${accessToken}` } };
    let auth: AuthContext | undefined;
    try {
      auth = await access.identify(request, { handler: 'renewal of a session' });
    } catch (error) {
      // For any other reason, the request is refused by the guard itself.
      if (TokenError.is(error)) return error.code === 'token_revoked';
      throw error;
    }
    return auth !== undefined && revocations.find(issued(auth, issuedAt)) !== undefined;
  };
}

/**
 * A revocation with `issuedBefore` is kept for as long as tokens live. A session has to come back before that, or end.
 *
 * @param idleMs how long a session may be without a request
 * @throws ConfigurationError if it may be for longer
 */
export function assertRemembered(guard: Guard, idleMs: number): void {
  const { longestToken = Number.POSITIVE_INFINITY } = middleTierOf(guard).revocations ?? {};
  if (idleMs <= longestToken * 1_000) return;
  const [idle, longest] = [printDuration(idleMs / 1_000), printDuration(longestToken)];
  throw new ConfigurationError(
    `sessions.idle is ${idle}, and the revocations of the guard are forgotten after ${longest}.`,
    `Set sessions.idle to ${longest} or less, or longestToken of the revocations to ${idle} or more.`,
  );
}

/** The same caller with a token from another time. For the look-up alone: no guard takes it for a caller. */
function issued(auth: AuthContext, at: number | undefined): AuthContext {
  const { iat: _, nbf: __, ...claims } = auth.claims;
  const value = at === undefined ? claims : { ...claims, iat: at };
  return Object.create(auth, { claims: { value } }) as AuthContext;
}
