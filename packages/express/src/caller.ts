import type { IncomingMessage } from 'node:http';
import { type AuthContext, bringsTokenOf } from '@entra-guard/core';

declare global {
  // Both majors of @types/express merge their requests with this interface; without them it is merely unused.
  namespace Express {
    interface Request {
      /**
       * The caller, after `guard.require(...)` or `guard.authenticate()`. Where there may be none (`anonymous()`,
       * `authenticate({ optional: true })`) use {@link authOf} instead: its type includes `undefined`.
       */
      auth: AuthContext;
    }
  }
}

const callers = new WeakMap<IncomingMessage, AuthContext>();

/**
 * Returns the caller whom a guard of this package authenticated for this request. `undefined` where no guard ran, where
 * the request has no credentials, and after a refusal; also once the `Authorization` header has changed or is gone, so call
 * it before you remove the header. Never reads `req.auth`, which any code can write to.
 *
 * @param request Express's `req`, in either major
 */
export function authOf(request: IncomingMessage): AuthContext | undefined {
  const auth = callers.get(request);
  return auth !== undefined && bringsTokenOf(request, auth) ? auth : undefined;
}

/**
 * Puts the caller on the request. Without one, `req.auth` becomes `undefined` even where another library or an earlier
 * middleware had put something there. An own property: neither a setter nor a prototype has a say in it.
 */
export function setCaller(request: IncomingMessage, auth: AuthContext | undefined): void {
  if (auth === undefined) callers.delete(request);
  else callers.set(request, auth);
  if (!('auth' in request)) (request as { auth?: AuthContext }).auth = auth as AuthContext;
  else {
    Object.defineProperty(request, 'auth', {
      value: auth,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}
