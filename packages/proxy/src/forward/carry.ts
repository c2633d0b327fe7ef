import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Dispatcher } from 'undici';
import { answerHeaders } from './answer-headers.js';
import { type FailureReason, gatewayAnswer, isClosedUnderway, reasonOf } from './gateway-failure.js';
import type { Upstream } from './upstream.js';

/** What the proxy learns of a request that it carries. */
export interface CarryEvents {
  /** The application's answer has begun: seconds since the request was sent. */
  began(seconds: number): void;
  /** There was no answer, or not all of one. */
  failed(reason: FailureReason, error: unknown): void;
  /** It is over, in whichever way. Called once. */
  over(): void;
}

/** A request that is carried. */
export interface Carried {
  /** Ends it, because its caller is refused from now on. */
  end(): void;
}

/** Methods that may be sent again: they change nothing (RFC 9110 section 9.2.1). */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Sends a request to an application as it came, and its answer back: bodies as streams, each as fast as the other side takes it. What
 * was judged is what is sent: method and target are those of the request, and never read again.
 *
 * @param headers names and values in turns
 */
export function carry(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  headers: string[],
  events: CarryEvents,
): Carried {
  const carrier = new Carrier(upstream, request, response, headers, events);
  carrier.send();
  return carrier;
}

class Carrier implements Dispatcher.DispatchHandler, Carried {
  readonly #upstream: Upstream;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #headers: string[];
  readonly #events: CarryEvents;
  readonly #body: PassThrough | null;
  /** The type of the answer's body. */
  #type = '';
  #controller: Dispatcher.DispatchController | undefined;
  #sentAt = 0;
  #tries = 0;
  #isOver = false;

  constructor(
    upstream: Upstream,
    request: IncomingMessage,
    response: ServerResponse,
    headers: string[],
    events: CarryEvents,
  ) {
    this.#upstream = upstream;
    this.#request = request;
    this.#response = response;
    this.#headers = headers;
    this.#events = events;
    this.#body = bodyOf(request);
    response.once('close', () => {
      if (!response.writableFinished) this.#abort(new Error('The client is gone.'));
      this.#over();
    });
  }

  send(): void {
    this.#tries += 1;
    this.#sentAt = performance.now();
    const { origin, pool, isSecure } = this.#upstream;
    const { method = 'GET', url = '/' } = this.#request;
    const options = {
      method: method as Dispatcher.HttpMethod,
      path: url,
      headers: this.#headers,
      body: this.#body,
      // One for all requests, so that connections are used again whatever `Host` says.
      ...(isSecure ? { servername: origin.hostname } : {}),
    };
    try {
      pool.dispatch(options, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  end(): void {
    this.#abort(new Error('The caller is refused from now on.'));
    // Clients of an event stream connect again after its end. Any other answer would seem to be whole.
    if (this.#type.startsWith('text/event-stream')) this.#response.end();
    else this.#response.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('The client is gone.'));
  }

  onResponseStart(
    { rawHeaders }: Dispatcher.DispatchController,
    status: number,
    parsed: Record<string, string | string[] | undefined>,
    statusText?: string,
  ): void {
    // Early hints and the like come before the answer (RFC 9110 section 15.2).
    if (status < 200) return;
    this.#type = String(parsed['content-type'] ?? '').toLowerCase();
    this.#events.began((performance.now() - this.#sentAt) / 1_000);
    const raw = (rawHeaders as readonly Buffer[]).map((part) => part.toString('latin1'));
    this.#response.writeHead(status, printableText(statusText), answerHeaders(raw));
    // An application may wait with the first byte of its body.
    this.#response.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#response.end();
    this.#leaveBody();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const { method = '' } = this.#request;
    const mayRepeat = this.#tries === 1 && this.#body === null && REPEATABLE.has(method);
    if (mayRepeat && !this.#response.headersSent && isClosedUnderway(error)) {
      this.send();
      return;
    }
    const reason = reasonOf(error);
    this.#events.failed(reason, error);
    this.#leaveBody();
    if (this.#response.headersSent) {
      // Cut off, so that what came does not seem to be whole.
      this.#response.destroy();
      return;
    }
    const { status, headers, body } = gatewayAnswer(reason);
    this.#response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
    this.#response.end(method === 'HEAD' ? undefined : body);
  }

  #abort(reason: Error): void {
    this.#isOver = true;
    this.#controller?.abort(reason);
    this.#body?.destroy();
  }

  /** Reads what the client still sends, so that the answer reaches it, and throws it away. */
  #leaveBody(): void {
    if (this.#body === null || this.#request.complete) return;
    this.#request.unpipe();
    this.#request.resume();
  }

  #over(): void {
    this.#isOver = true;
    this.#events.over();
  }
}

/** The body of a request; `null` where it has none (RFC 9112 section 6.3). Apart from the request: undici ends what it is given. */
function bodyOf(request: IncomingMessage): PassThrough | null {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && (length === undefined || Number(length) === 0)) return null;
  const body = new PassThrough();
  body.on('error', () => {});
  request.on('error', (error) => body.destroy(error));
  request.on('close', () => {
    if (!request.complete) body.destroy(new Error('The client is gone.'));
  });
  return request.pipe(body);
}

/** A reason phrase that Node writes (RFC 9112 section 4); empty for any other. */
function printableText(text = ''): string {
  return /^[\t\x20-\x7e]*$/.test(text) ? text : '';
}
