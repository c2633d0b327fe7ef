import type { IncomingMessage, ServerResponse } from 'node:http';
import { AuthContext, EntraGuardError, type Guard } from '@entra-guard/core';
import { dressError, writeAnswer } from './answers/answer.js';
import { isNoResponse, isSocketOf, SocketResponse } from './answers/socket.js';
import { keepCaller, setCaller } from './caller.js';

/**
 * A middleware, typed on `node:http`: both majors of Express accept it, and still infer `req.params` for the handlers of
 * the route.
 */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

type Next = Parameters<Middleware>[2];
type Response = ServerResponse | SocketResponse;

/** Returns the caller, or `undefined` where none is needed; a promise while the core has to wait. Throws to refuse. */
export type Decide = (request: IncomingMessage) => Decided | Promise<Decided>;

type Decided = AuthContext | undefined;

/** Lets the request go on when the core says so; otherwise answers it, or hands the error on with `passErrors`. */
export function middleware(guard: Guard, passErrors: boolean, decide: Decide): Middleware {
  const loader = guard.loadsUsers ? guard : undefined;
  const refuse = (request: IncomingMessage, response: Response, next: Next, error: unknown): void => {
    setCaller(request, undefined);
    if (!EntraGuardError.is(error)) throw error;
    const answer = guard.toHttp(error);
    if (response instanceof SocketResponse) response.refuse(answer);
    if (passErrors) next(dressError(error, answer));
    else if (!(response instanceof SocketResponse)) writeAnswer(response, request.method, answer);
  };
  // Kept out of the hot path: closures would heap-allocate its arguments on every request.
  const wait = (
    request: IncomingMessage,
    response: Response,
    next: Next,
    decided: Promise<Decided>,
  ): void => {
    decided
      .then(
        (auth) => pass(request, next, auth, loader),
        (error) => refuse(request, response, next, error),
      )
      .catch((error) => {
        if (response instanceof SocketResponse) response.refuse(guard.toHttp(error));
        next(asError(error));
      });
  };
  const handle = (request: IncomingMessage, response: Response, next: Next): void => {
    let decided: ReturnType<Decide>;
    try {
      decided = decide(request);
    } catch (error) {
      decided = Promise.reject(error);
    }
    // Express handles what the application throws behind `next`.
    if (decided === undefined || decided instanceof AuthContext) pass(request, next, decided, loader);
    else wait(request, response, next, decided);
  };
  return (request, response, next) => {
    if (isNoResponse(response) && isSocketOf(request, response)) {
      handle(response, new SocketResponse(request), next);
    } else handle(request, response, next);
  };
}

function pass(request: IncomingMessage, next: Next, auth: Decided, loader: Guard | undefined): void {
  if (auth === undefined) keepCaller(request);
  else setCaller(request, auth, loader);
  next();
}

/** Express ignores a falsy error, and skips handlers for the words 'route' and 'router'. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The guard failed.', { cause: error });
}
