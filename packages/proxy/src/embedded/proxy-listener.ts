import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Address } from '../service/address.js';
import { bind, closed } from '../service/listening.js';

/** Answers what clients ask. */
export interface ClientHandlers {
  /** @param awaited whether the client waits with its body until it is told to go on (RFC 9110 section 10.1.1) */
  readonly request: (request: IncomingMessage, response: ServerResponse, awaited: boolean) => Promise<void>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
}

/** As Node's default; more than browsers and assertions need. */
const MOST_HEADER_BYTES = 16_384;
const HEADERS_MS = 20_000;
/** The whole of a request, also a long upload. */
const REQUEST_MS = 600_000;
/** Longer than a server in front keeps a connection that it does not use. */
const KEEP_ALIVE_MS = 75_000;

/** A listener for clients. */
export interface ClientListener {
  /** `http://HOST:PORT`, or `unix:PATH`. */
  readonly url: string;
  /** Takes no further requests, waits for running ones, and cuts off what is left after a time in milliseconds. */
  close(graceMs: number): Promise<void>;
}

/**
 * Listens for clients. An error in a handler is a 500, and never an open door.
 *
 * @throws Error if the address is taken, or may not be used
 */
export async function listenForClients(address: Address, handlers: ClientHandlers): Promise<ClientListener> {
  const server = createServer({
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requireHostHeader: true,
    insecureHTTPParser: false,
  });
  // Each header counts, also the last one: Node keeps the first 2,000 and drops the rest in silence.
  server.maxHeadersCount = 0;
  const upgraded = new Set<Duplex>();
  const answer = (request: IncomingMessage, response: ServerResponse, awaited: boolean): void => {
    handlers.request(request, response, awaited).catch(() => fail(response));
  };
  server.on('request', (request, response) => answer(request, response, false));
  server.on('checkContinue', (request, response) => answer(request, response, true));
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    handlers.upgrade(request, socket, head).catch(() => socket.destroy());
  });
  const { url } = await bind(server, address);
  return {
    url,
    close: (graceMs) =>
      closed(server, graceMs, () => {
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

function fail(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, { 'Cache-Control': 'no-store', 'Content-Length': 0 });
  response.end();
}
