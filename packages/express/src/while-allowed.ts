import type { IncomingMessage, ServerResponse } from 'node:http';
import { EntraGuardError, type Guard } from '@entra-guard/core';
import { OpenCallers } from '@entra-guard/core/revocation';
import { writeAnswer } from './answers/answer.js';
import { RoutePlace } from './routes/route-name.js';

/** See `ExpressGuard.whileAllowed`. */
export type WhileAllowed = (request: IncomingMessage, response: ServerResponse) => AbortSignal;

/** What lasts for the callers of one guard. */
export class LastingResponses {
  readonly #guard: Guard;
  readonly #open: OpenCallers;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#open = new OpenCallers(guard);
  }

  /** Ends a response, and aborts its signal, as soon as its caller is refused. */
  readonly watch: WhileAllowed = (request, response) => {
    const aborting = new AbortController();
    const release = this.#open.add(
      request,
      (error) => {
        if (response.headersSent || !EntraGuardError.is(error)) response.end();
        else writeAnswer(response, request.method, this.#guard.toHttp(error));
        aborting.abort(error);
      },
      new RoutePlace(request),
    );
    response.once('close', () => {
      release();
      aborting.abort(new Error('The response is closed.'));
    });
    return aborting.signal;
  };

  /** Ends all responses, because the application shuts down. */
  close(): void {
    this.#open.close(new Error('The guard was closed.'));
  }
}
