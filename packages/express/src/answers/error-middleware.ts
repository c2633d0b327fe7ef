import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ConfigurationError,
  EntraGuardError,
  type Guard,
  type LogEntry,
  type LogSink,
} from '@entra-guard/core';
import { tell } from '../routes/exceptions.js';
import { routeName } from '../routes/route-name.js';
import { isDressed, writeAnswer } from './answer.js';

/** A middleware for errors, typed on `node:http` as {@link Middleware} is. */
export type ErrorMiddleware = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Answers errors of entra-guard as the guard does. Never calls `next()` without an error. */
export function errorMiddleware(guard: Guard, log: LogSink | false): ErrorMiddleware {
  // Four parameters: Express counts them.
  return (error, request, response, next) => {
    // A ConfigurationError is for the application's error handling.
    const isOurs = EntraGuardError.is(error) && !ConfigurationError.is(error);
    if (!isOurs || response.headersSent) {
      next(error || new Error('An error without a value.'));
      return;
    }
    const answer = guard.toHttp(error);
    // The guard has logged what it refused. An error that a handler threw is logged here, unless the caller caused it.
    if (answer.status === 500 && !isDressed(error)) tell(log, entryOf(error, request));
    writeAnswer(response, request.method, answer);
  };
}

function entryOf({ code, message, hint, cause }: EntraGuardError, request: IncomingMessage): LogEntry {
  return {
    level: 'error',
    event: 'refused',
    code,
    message,
    hint,
    handler: routeName(request),
    ...(cause instanceof Error ? { cause: `${cause.name}: ${cause.message}` } : {}),
  };
}
