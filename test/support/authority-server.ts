import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { localhostCertificate } from '../../packages/testing/src/transport/localhost-certificate.js';
import { untrustedCertificate } from './untrusted-certificate.js';

/** How every connection fails. */
export type ConnectionFault = 'down' | 'wrong certificate';

/** How one document fails to come. */
export type DocumentFault =
  | 'down'
  | 'hangs before headers'
  | 'hangs in mid-body'
  | 'dribbles'
  | 'cut in mid-body'
  | 'HTML'
  | 'empty'
  | 'null'
  | 'wrong JSON'
  | 'no usable key'
  | '10 MB'
  | '302'
  | '404'
  | '429'
  | '429 with Retry-After'
  | '500'
  | '500 with JSON';

/** A document that fails to come. What a cut or padded answer holds of it is `document`. */
export class Faulty {
  constructor(
    readonly fault: DocumentFault,
    readonly document: unknown = {},
  ) {}
}

/** Documents by their addresses. */
export type Pages = Readonly<Record<string, unknown>>;

/** The path that a redirect leads to. */
export const MOVED = '/moved';

/** Milliseconds between two bytes of a slow answer: a fifth of the clients' time limit in these tests. */
const DRIBBLE = 30;

/**
 * A server on loopback, of HTTP or HTTPS, that stands for every host of Entra. It serves the documents that were
 * published under the address that the client asked for, and misbehaves where it is told to. It answers one request on
 * each connection.
 */
export class AuthorityServer {
  readonly #server: Server | TlsServer;
  readonly #secure: boolean;
  #pages: Pages = {};
  #connectionFault: ConnectionFault | undefined;
  /** Answers that have not ended. */
  readonly #open = new Set<ServerResponse>();
  /** Requests that were answered or left hanging, and connections that failed. */
  requests = 0;

  static async start(secure = true): Promise<AuthorityServer> {
    const server = new AuthorityServer(secure);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  private constructor(secure: boolean) {
    this.#secure = secure;
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response);
    this.#server = secure ? createTlsServer(localhostCertificate, listener) : createServer(listener);
    this.#server.on('connection', (socket) => {
      // Clients hang up in the middle of an exchange: that is expected.
      socket.on('error', () => {});
      if (this.#connectionFault !== undefined) this.requests++;
      if (this.#connectionFault === 'down') socket.destroy();
    });
    this.#server.on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** The certificate that clients have to trust, PEM. */
  get certificate(): string {
    return localhostCertificate.cert;
  }

  /** Publishes these documents and no others. */
  publish(pages: Pages): void {
    this.#pages = pages;
  }

  /** Makes every connection fail; `undefined` ends it. */
  breakConnections(fault: ConnectionFault | undefined): void {
    this.#connectionFault = fault;
    if (fault !== undefined) this.#server.closeAllConnections();
    if (this.#secure) {
      const certificate = fault === 'wrong certificate' ? untrustedCertificate : localhostCertificate;
      (this.#server as TlsServer).setSecureContext(certificate);
    }
  }

  /** Waits until the client has hung up on every answer that it no longer waits for. */
  async hungUp(): Promise<void> {
    await Promise.all([...this.#open].map((response) => once(response, 'close')));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  get #scheme(): string {
    return this.#secure ? 'https' : 'http';
  }

  #answer({ headers, url = '' }: IncomingMessage, response: ServerResponse): void {
    // A request on a connection that is as good as closed was counted with the connection.
    if (this.#connectionFault === undefined) this.requests++;
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
    response.setHeader('connection', 'close');
    const page = this.#pages[withoutClientNames(`${this.#scheme}://${headers.host}${url}`)];
    if (this.#connectionFault !== undefined) response.destroy();
    else if (page instanceof Faulty) misbehave(page, response);
    else if (page === undefined) misbehave(new Faulty('404'), response);
    else sendJson(response, JSON.stringify(page));
  }
}

/** passport-azure-ad names itself in the address of the metadata. */
function withoutClientNames(address: string): string {
  const url = new URL(address);
  url.searchParams.delete('x-client-SKU');
  url.searchParams.delete('x-client-Ver');
  return url.href;
}

function sendJson(response: ServerResponse, text: string): void {
  response.setHeader('content-type', 'application/json').end(text);
}

function misbehave({ fault, document }: Faulty, response: ServerResponse): void {
  const good = JSON.stringify(document);
  const asJson = (): ServerResponse => response.setHeader('content-type', 'application/json');
  switch (fault) {
    case 'down':
      response.destroy();
      return;
    case 'hangs before headers':
      return;
    case 'hangs in mid-body':
      asJson().write(good.slice(0, 40));
      return;
    case 'dribbles': {
      asJson().write(' ');
      const timer = setInterval(() => response.write(' '), DRIBBLE);
      response.once('close', () => clearInterval(timer));
      return;
    }
    case 'cut in mid-body':
      asJson().setHeader('content-length', 1000);
      response.write(good.slice(0, 10), () => response.destroy());
      return;
    case 'HTML':
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>Sign in to the Wi-Fi</title>');
      return;
    case 'empty':
      sendJson(response, '');
      return;
    case 'null':
      sendJson(response, 'null');
      return;
    case 'wrong JSON':
      sendJson(response, '{"error":"temporarily_unavailable"}');
      return;
    case 'no usable key':
      sendJson(response, '{"keys":[]}');
      return;
    case '10 MB':
      // The right keys are in it, too.
      sendJson(response, JSON.stringify({ ...(document as object), padding: 'x'.repeat(10_000_000) }));
      return;
    case '302':
      response.writeHead(302, { location: MOVED }).end();
      return;
    case '404':
    case '429':
    case '500':
      response.writeHead(Number(fault), { 'content-type': 'text/plain' }).end('no');
      return;
    case '429 with Retry-After':
      response.writeHead(429, { 'content-type': 'text/plain', 'retry-after': '120' }).end('slow down');
      return;
    case '500 with JSON':
      response.statusCode = 500;
      sendJson(response, '{"error":"temporarily_unavailable"}');
  }
}
