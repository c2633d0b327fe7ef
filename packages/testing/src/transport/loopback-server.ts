import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Handler } from '../endpoints/handler.js';
import { LocalEntraError } from '../error.js';
import { requestedUrl } from './request-target.js';

/** The only address that is listened on. */
const loopback = '127.0.0.1';
const bodyLimit = 1024 * 1024;

export interface TlsFiles {
  /** Private key, PEM. */
  readonly key: string;
  /** Certificate for `localhost`, PEM. */
  readonly cert: string;
}

export interface LoopbackServer {
  /** `http://localhost:8080` */
  readonly origin: string;
  serve(handler: Handler): void;
  close(): Promise<void>;
}

/**
 * Starts the server.
 * @throws {LocalEntraError} `port_taken`
 */
export async function listen(port: number, tls: TlsFiles | undefined): Promise<LoopbackServer> {
  let handler: Handler | undefined;
  const listener: RequestListener = (incoming, outgoing) => {
    if (handler === undefined) outgoing.destroy();
    else void answer(handler, origin, incoming, outgoing);
  };
  const server: Server =
    tls === undefined ? createServer(listener) : createTlsServer({ key: tls.key, cert: tls.cert }, listener);
  await bound(server, port);
  const { port: actual } = server.address() as AddressInfo;
  const origin = `${tls === undefined ? 'http' : 'https'}://localhost:${actual}`;
  return {
    origin,
    serve: (given) => {
      handler = given;
    },
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bound(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new LocalEntraError(
              'port_taken',
              `Port ${port} is taken by another process. Choose another one, or 0 for any free one.`,
            )
          : error,
      );
    });
    server.listen(port, loopback, () => resolve());
  });
}

async function answer(handler: Handler, origin: string, incoming: IncomingMessage, outgoing: ServerResponse) {
  const aborted = new AbortController();
  outgoing.once('close', () => aborted.abort());
  try {
    const url = requestedUrl(origin, incoming.url ?? '/', incoming.headers.host);
    if (url === undefined) {
      outgoing
        .writeHead(421, { 'content-type': 'text/plain' })
        .end(`This server answers only as ${new URL(origin).host}.\n`);
      return;
    }
    const response = await handler(await requestOf(incoming, url, aborted.signal));
    outgoing.writeHead(response.status, headersOf(response));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) {
      outgoing.destroy();
      return;
    }
    // What is left of the body is read and dropped, so that the client gets to read the answer.
    incoming.resume();
    outgoing.writeHead(413, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
  }
}

/** Thrown for a body that is too large to keep. */
class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Lists the headers of a response. Each cookie keeps a header of its own: joined, they would be one cookie (RFC 6265, section 3). */
function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) };
}

async function requestOf(incoming: IncomingMessage, url: string, signal: AbortSignal): Promise<Request> {
  const method = incoming.method ?? 'GET';
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  const body = method === 'GET' || method === 'HEAD' ? null : await bodyOf(incoming);
  return new Request(url, { method, headers, body, signal });
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new BodyTooLarge('The body is larger than 1 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
