import type { IncomingMessage } from 'node:http';
import type { DecisionPlace, Guard, RequestLike } from '@entra-guard/core';
import { handshakeOf, upgradeCredentials } from '@entra-guard/core/connections';
import { OpenCallers } from '@entra-guard/core/revocation';
import { type Connection, type Ending, endingOf, isResponse, isSocketIo } from './connections/connection.js';
import { RoutePlace } from './routes/route-name.js';

/** See `ExpressGuard.whileAllowed`. */
export type WhileAllowed = (request: IncomingMessage, connection: Connection) => AbortSignal;

/** A connection that is watched, and how it ends: a library may have been given its socket since. */
interface Watched {
  readonly signal: AbortSignal;
  ending: Ending;
}

/** Responses and connections that last, for the callers of one guard. */
export class LastingConnections {
  readonly #guard: Guard;
  readonly #open: OpenCallers;
  /** By the request that asked for the connection; of socket.io by the socket, since its namespaces share a request. */
  readonly #watched = new WeakMap<object, Watched>();

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#open = new OpenCallers(guard);
  }

  /** Ends what is open, and aborts its signal, as soon as its caller is refused. */
  readonly watch: WhileAllowed = (request, connection) => {
    const ending = endingOf(connection, this.#guard, request.method);
    const place = new RoutePlace(request);
    if (isResponse(connection)) return this.#begin(ending, request, place).signal;
    const known = this.#watched.get(isSocketIo(connection) ? connection : request);
    if (known === undefined) {
      const credentials = handshakeOf(connection) ?? upgradeCredentials(request);
      return this.begin(isSocketIo(connection) ? connection : request, ending, credentials, place);
    }
    known.ending = ending;
    if (known.signal.aborted) ending.end(known.signal.reason);
    return known.signal;
  };

  /** @param key by which {@link watch} finds it again */
  begin(key: object, ending: Ending, credentials: RequestLike, place: DecisionPlace): AbortSignal {
    const watched = this.#begin(ending, credentials, place);
    this.#watched.set(key, watched);
    return watched.signal;
  }

  #begin(ending: Ending, credentials: RequestLike, place: DecisionPlace): Watched {
    const aborting = new AbortController();
    const watched: Watched = { signal: aborting.signal, ending };
    let isRefused = false;
    const ended = (error: unknown): void => {
      isRefused = true;
      watched.ending.end(error);
      aborting.abort(error);
    };
    const release = this.#open.add(credentials, ended, place);
    ending.onEnded(() => {
      release();
      if (!isRefused) aborting.abort(new Error('The connection is closed.'));
    });
    return watched;
  }

  /** Ends all of them, because the application shuts down. */
  close(): void {
    this.#open.close(new Error('The guard was closed.'));
  }
}
