import type { IncomingMessage } from 'node:http';
import {
  type AuthContext,
  bringsTokenOf,
  ConfigurationError,
  EntraGuardError,
  type Guard,
} from '@entra-guard/core';
import { dressError } from './answers/answer.js';
import { RoutePlace } from './routes/route-name.js';

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

/** A caller, and more than that. */
class KnownCaller {
  constructor(
    readonly auth: AuthContext,
    /** The guard that loads the application's user of the caller, if it does. */
    readonly guard: Guard | undefined,
    /** Whether the token came otherwise than in the `Authorization` header, as clients of WebSockets may send it. */
    readonly isOfConnection = false,
  ) {}
}

type Caller = AuthContext | KnownCaller;

const callers = new WeakMap<object, Caller>();

/**
 * Returns the caller whom a guard of this package authenticated for this request. `undefined` where no guard ran, where
 * the request has no credentials, and after a refusal; also once the `Authorization` header has changed or is gone, so call
 * it before you remove the header. Never reads `req.auth`, which any code can write to.
 *
 * @param request Express's `req`, in either major; the request of an upgrade; a socket of socket.io
 */
export function authOf(request: object): AuthContext | undefined {
  return authIn(callerOf(request));
}

/**
 * Returns the application's user of the caller, as `loadUser` of the guard that let the request pass gives it: asked once per
 * request, and only when this is called. A refusal is logged and audited, and has the status and headers that Express's error
 * handler sends; `guard.answerErrors()` answers it as the guard does. Express 5 hands it there; in Express 4 an `async` handler
 * has to call `next(error)`.
 *
 * ```ts
 * app.get('/orders', guard.require(scopes('Orders.Read')), async (req, res) => {
 *   const user = await userOf<User>(req);
 *   res.json(listFor(user.customerId));
 * });
 * ```
 *
 * @param request Express's `req`, in either major
 * @throws PermissionError `user_unknown` (403) if `loadUser` gives `undefined`; CheckFailedError (500) if it fails;
 * ConfigurationError without `loadUser`, and without a caller: see {@link authOf} (as rejections)
 */
export async function userOf<User extends object = object>(request: IncomingMessage): Promise<User> {
  const caller = callerOf(request);
  const guard = caller instanceof KnownCaller ? caller.guard : undefined;
  if (guard !== undefined) return (await load(request, guard, authIn(caller))) as User;
  throw caller === undefined
    ? new ConfigurationError(
        'userOf(req) was called, and no guard has let a caller pass.',
        'Put guard.require(...) before the handler. Where callers without a token get in, ask authOf(req) first.',
      )
    : new ConfigurationError(
        'userOf(req) was called, and the guard that let the caller pass has no loadUser.',
        'Give it that option: entraGuard({ tenantId, clientId, loadUser: ({ auth }) => users.find(auth.subjectKey) }).',
      );
}

async function load(request: IncomingMessage, guard: Guard, auth: AuthContext | undefined): Promise<object> {
  try {
    return await guard.userOf(request, new RoutePlace(request), auth);
  } catch (error) {
    if (EntraGuardError.is(error)) dressError(error, guard.toHttp(error));
    throw error;
  }
}

/** Who was authenticated by the token that the request still has. */
function callerOf(request: object): Caller | undefined {
  const known = callers.get(request);
  const auth = authIn(known);
  if (known instanceof KnownCaller && known.isOfConnection) return known;
  return auth !== undefined && bringsTokenOf(request as IncomingMessage, auth) ? known : undefined;
}

function authIn(caller: Caller | undefined): AuthContext | undefined {
  return caller instanceof KnownCaller ? caller.auth : caller;
}

/** Keeps the caller whom an earlier guard found: `anonymous()` reads no token. */
export function keepCaller(request: IncomingMessage): void {
  put(request, callerOf(request));
}

/**
 * Puts the caller on the request. Without one, `req.auth` becomes `undefined` even where another library or an earlier
 * middleware had put something there. An own property: neither a setter nor a prototype has a say in it.
 *
 * @param guard the guard that found the caller, if it loads users
 */
export function setCaller(request: IncomingMessage, auth: AuthContext | undefined, guard?: Guard): void {
  put(request, auth !== undefined && guard !== undefined ? new KnownCaller(auth, guard) : auth);
}

/** Remembers who opened a connection with a token that is not in its `Authorization` header. */
export function setCallerOfConnection(subject: object, auth: AuthContext, guard: Guard | undefined): void {
  callers.set(subject, new KnownCaller(auth, guard, true));
}

function put(request: IncomingMessage, caller: Caller | undefined): void {
  const auth = authIn(caller);
  if (caller === undefined) callers.delete(request);
  else callers.set(request, caller);
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
