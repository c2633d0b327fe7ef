import type { TokenError } from '../base/errors.js';
import type { AuthContext } from './auth-context.js';

const callers = new WeakMap<TokenError, AuthContext>();

/** Notes the caller of a token that was refused after its signature was verified. For the audit trail, not for answers. */
export function rememberCaller(error: TokenError, auth: AuthContext): TokenError {
  callers.set(error, auth);
  return error;
}

/** Returns the caller whose verified token was refused; `undefined` if no signature was verified. */
export function refusedCaller(error: unknown): AuthContext | undefined {
  return callers.get(error as TokenError);
}
