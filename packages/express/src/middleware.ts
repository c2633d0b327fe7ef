import type { IncomingMessage, ServerResponse } from 'node:http';
import { AuthContext, EntraGuardError, type Guard } from '@entra-guard/core';
import { dressError, writeAnswer } from './answers/answer.js';
import { isNoResponse, isSocketOf, SocketResponse } from './answers/socket.js';
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

type Next = Parameters<Middleware>[2];
type Response = ServerResponse | SocketResponse;

/** Asks the core, which may throw and waits only for what is not at hand; may give nobody, where nobody is fine. */
export type Decide = (request: IncomingMessage) => Decided | Promise<Decided>;

type Decided = AuthContext | undefined;

/** Lets the request go on when the core says so; otherwise answers it, or hands the error on with `passErrors`. */
export function middleware(guard: Guard, passErrors: boolean, decide: Decide): Middleware {
  const refuse = (request: IncomingMessage, response: Response, next: Next, error: unknown): void => {
    setCaller(request, undefined);
    if (!EntraGuardError.is(error)) throw error;
    const answer = guard.toHttp(error);
    if (response instanceof SocketResponse) response.refuse(answer);
    if (passErrors) next(dressError(error, answer));
    else if (!(response instanceof SocketResponse)) writeAnswer(response, request.method, answer);
  };
  // By itself: a function that makes closures keeps its arguments on the heap, also where it makes none.
  const wait = (
    request: IncomingMessage,
    response: Response,
    next: Next,
    decided: Promise<Decided>,
  ): void => {
    decided
      .then(
        (auth) => pass(request, next, auth),
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
    // What is thrown behind `next` is the application's own, and Express sees to it.
    if (decided === undefined || decided instanceof AuthContext) pass(request, next, decided);
    else wait(request, response, next, decided);
  };
  return (request, response, next) => {
    if (isNoResponse(response) && isSocketOf(request, response)) {
      handle(response, new SocketResponse(request), next);
    } else handle(request, response, next);
  };
}

function pass(request: IncomingMessage, next: Next, auth: Decided): void {
  // Where `anonymous()` looked at no token, a guard before it may have: whom it found is still there.
  setCaller(request, auth ?? authOf(request));
  next();
}

/** Express takes a falsy error for none, and the words 'route' and 'router' for leave to skip what comes next. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The guard failed.', { cause: error });
}
