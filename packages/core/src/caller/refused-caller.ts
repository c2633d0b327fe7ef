import type { TokenError } from '../base/errors.js';
import type { AuthContext } from './auth-context.js';

const callers = new WeakMap<TokenError, AuthContext>();

/** Remembers whose token it was that was refused after its signature held: for the audit trail, not for callers. */
export function rememberCaller(error: TokenError, auth: AuthContext): TokenError {
  callers.set(error, auth);
  return error;
}

/** Whose verified token was refused; `undefined` where nothing was verified. */
export function refusedCaller(error: unknown): AuthContext | undefined {
  return callers.get(error as TokenError);
}
