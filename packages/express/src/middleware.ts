import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthContext, EntraGuardError, type Guard } from '@entra-guard/core';
import { dressError, writeAnswer } from './answer.js';
import { authOf, setCaller } from './caller.js';

/**
 * A middleware, typed on `node:http`: both majors of Express accept it, and go on inferring `req.params` for the handlers
 * beside it.
 */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Asks the core; may give nobody, where nobody is fine. */
export type Decide = (request: IncomingMessage) => Promise<AuthContext | undefined>;

/** Lets the request go on when the core says so; otherwise answers it, or hands the error on with `passErrors`. */
export function middleware(guard: Guard, passErrors: boolean, decide: Decide): Middleware {
  return (request, response, next) => {
    const pass = (auth: AuthContext | undefined): void => {
      // Where `anonymous()` looked at no token, a guard before it may have: whom it found is still there.
      setCaller(request, auth ?? authOf(request));
      next();
    };
    const refuse = (error: unknown): void => {
      setCaller(request, undefined);
      if (!EntraGuardError.is(error)) throw error;
      const answer = guard.toHttp(error);
      if (passErrors) next(dressError(error, answer));
      else writeAnswer(response, request.method, answer);
    };
    decide(request)
      .then(pass, refuse)
      .catch((error: unknown) => next(asError(error)));
  };
}

/** Express takes a falsy error for none, and the words 'route' and 'router' for leave to skip what comes next. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The guard failed.', { cause: error });
}
