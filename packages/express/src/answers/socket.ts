import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAnswer } from '@entra-guard/core';

/** What express-ws hands to the functions of `app.ws(...)` in the place of the request: a connection, open already. */
interface Socket {
  close(code: number, reason: string): void;
}

/** RFC 6455 section 7.4.1, and the registry of its codes. */
const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;

/**
 * In the place of a response where the connection is a WebSocket: a refusal closes it, with its code as the reason. Also
 * where errors are passed on, since express-ws leaves a connection open that no error handler closes.
 */
export class SocketResponse {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  refuse({ status, body }: HttpAnswer): void {
    const code = status === 503 ? TRY_AGAIN_LATER : status === 500 ? INTERNAL_ERROR : POLICY_VIOLATION;
    this.#socket.close(code, body.code);
  }
}

/** Whether a middleware was called with a WebSocket and its request, in the places of a request and its response. */
export function isSocketOf(first: object, second: object): first is Socket {
  return (
    (second as { readonly ws?: unknown }).ws === first &&
    'close' in first &&
    typeof first.close === 'function'
  );
}

/** Whether a response is missing where one should be. */
export function isNoResponse(response: ServerResponse | IncomingMessage): response is IncomingMessage {
  return typeof (response as ServerResponse).setHeader !== 'function';
}
