import type { IncomingMessage } from 'node:http';
import { type AuthContext, bringsTokenOf } from '@entra-guard/core';

declare global {
  // Both majors of @types/express merge their requests with this interface; without them it is merely unused.
  namespace Express {
    interface Request {
      /**
       * Who calls, after `guard.require(...)` or `guard.authenticate()`. Where nobody may be there (`anonymous()`,
       * `authenticate({ optional: true })`) read {@link authOf} instead: its type says so.
       */
      auth: AuthContext;
    }
  }
}

const callers = new WeakMap<IncomingMessage, AuthContext>();

/**
 * Who calls: whom a guard of this package has authenticated for this request. `undefined` where no guard ran, where
 * nobody is there, and after a refusal; and as soon as the `Authorization` header is another one or gone, so read it before
 * you take the header away. Never looks at `req.auth`, which anybody can write to.
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
