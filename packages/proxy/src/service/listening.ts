import { once } from 'node:events';
import { lstatSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { type Address, urlOf } from './address.js';

/** Answers one request, at once or later. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | undefined;

/** What a server in front may send: its clients' headers, of at most 32 KiB in nginx, and its own. */
const MOST_HEADER_BYTES = 65_536;
/** Longer than servers in front keep a connection that they do not use, so that none is closed under a question. */
const KEEP_ALIVE_MS = 75_000;
/** How long running answers are waited for at the end. */
const GRACE_MS = 5_000;
/** How often idle connections are closed meanwhile. */
const SWEEP_MS = 50;

/** A listener that answers. */
export interface Listening {
  /** `http://HOST:PORT`, or `unix:PATH`. */
  readonly url: string;
  readonly port: number | undefined;
  close(): Promise<void>;
}

/**
 * Listens. An error in an answer is a 500, and never an open door.
 *
 * @throws Error if the address is taken, or may not be used
 */
export async function listenAt(address: Address, answer: Answer): Promise<Listening> {
  const server = createServer(
    { maxHeaderSize: MOST_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 10_000 },
    (request, response) => {
      try {
        answer(request, response)?.catch(() => fail(response));
      } catch {
        fail(response);
      }
    },
  );
  server.headersTimeout = 10_000;
  // Each header counts, also the last one: Node keeps the first 2,000 and drops the rest in silence.
  server.maxHeadersCount = 0;
  return { ...(await bind(server, address)), close: () => closed(server, GRACE_MS) };
}

/**
 * Has a server listen.
 *
 * @throws Error if the address is taken, or may not be used
 */
export async function bind(server: Server, address: Address): Promise<Pick<Listening, 'url' | 'port'>> {
  if (address.path !== undefined) await removeStaleSocket(address.path);
  server.listen(
    address.path === undefined ? { host: address.host, port: address.port } : { path: address.path },
  );
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : undefined;
  const url = address.path === undefined ? urlOf(address.host, port as number) : `unix:${address.path}`;
  return { url, port };
}

function fail(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(500, { 'Cache-Control': 'no-store', 'Content-Length': 0 });
  response.end();
}

/** Removes a socket that a process left that has ended, and nothing else. */
async function removeStaleSocket(path: string): Promise<void> {
  try {
    if (!lstatSync(path).isSocket()) return;
  } catch {
    return;
  }
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') unlinkSync(path);
  } finally {
    socket.destroy();
  }
}

/**
 * Takes no further connections, waits for running answers, and cuts off what is left.
 *
 * @param graceMs how long answers are waited for, in milliseconds
 * @param cutOff ends what the server no longer knows
 */
export async function closed(server: Server, graceMs: number, cutOff: () => void = () => {}): Promise<void> {
  if (!server.listening) return;
  const ended = once(server, 'close');
  server.close();
  // Connections that clients keep open become idle one by one, as their answers end.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const timer = setTimeout(() => {
    server.closeAllConnections();
    cutOff();
  }, graceMs);
  await ended;
  clearInterval(sweep);
  clearTimeout(timer);
}
