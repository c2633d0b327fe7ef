import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { localhostCertificate } from '../../packages/testing/src/transport/localhost-certificate.js';
import { API, KEY, STRANGER, signed, TENANT, type TestKey, userClaims } from '../support/forger.js';
import type { Clock } from './clock.js';
import { untrustedCertificate } from './untrusted-certificate.js';

const METADATA = `/${TENANT}/v2.0/.well-known/openid-configuration`;
const KEYS = `/${TENANT}/discovery/v2.0/keys`;
const MOVED = '/moved';

/** Between two bytes of an answer that dribbles in: a fifth of the clients' time limit, as one second is of five. */
const DRIBBLE = 30;

export type Fault =
  | 'down'
  | 'wrong certificate'
  | 'hangs before headers'
  | 'hangs in mid-body'
  | 'dribbles'
  | 'cut in mid-body'
  | 'HTML'
  | 'empty'
  | 'wrong JSON'
  | 'no usable key'
  | '10 MB'
  | '302'
  | '404'
  | '429'
  | '500';

/**
 * An authority on loopback that speaks real HTTP or HTTPS and misbehaves as it is told. It answers one request on each
 * connection, and counts attempts that don't come as far as a request by their connections.
 */
export class LoopbackAuthority {
  readonly #server: Server | TlsServer;
  readonly #clock: Clock;
  readonly #secure: boolean;
  #fault: Fault | undefined;
  #faulty: 'keys' | 'metadata' = 'keys';
  /** What the key set holds. */
  published: readonly TestKey[] = [KEY];
  /** How many requests have reached the authority. */
  requests = 0;
  /** Answers that have not come to their end. */
  readonly #open = new Set<ServerResponse>();

  static async start(clock: Clock, secure: boolean): Promise<LoopbackAuthority> {
    const authority = new LoopbackAuthority(clock, secure);
    await new Promise<void>((resolve) => authority.#server.listen(0, '127.0.0.1', resolve));
    return authority;
  }

  private constructor(clock: Clock, secure: boolean) {
    this.#clock = clock;
    this.#secure = secure;
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response);
    this.#server = secure ? createTlsServer(localhostCertificate, listener) : createServer(listener);
    this.#server.on('connection', (socket) => {
      // Clients hang up in the middle of things here; that is no news.
      socket.on('error', () => {});
      if (this.#failsToConnect) this.requests++;
      if (this.#fault === 'down') socket.destroy();
    });
    this.#server.on('tlsClientError', () => {});
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  get issuer(): string {
    return `${this.origin}/${TENANT}/v2.0`;
  }

  get keysUrl(): string {
    return `${this.origin}${KEYS}`;
  }

  /** Begins to misbehave, in one of the two documents or as a whole; `undefined` ends it. */
  break(fault: Fault | undefined, faulty: 'keys' | 'metadata' = 'keys'): void {
    this.#fault = fault;
    this.#faulty = faulty;
    if (this.#failsToConnect) this.#server.closeAllConnections();
    if (this.#secure) {
      const certificate = fault === 'wrong certificate' ? untrustedCertificate : localhostCertificate;
      (this.#server as TlsServer).setSecureContext(certificate);
    }
  }

  /** A token that the authority issued five minutes ago, as Entra back-dates them, and that lasts for an hour. */
  token(key: TestKey = KEY, header: Record<string, unknown> = {}): string {
    const iat = Math.floor(this.#clock.now() / 1000) - 300;
    const claims = userClaims({ iss: this.issuer, aud: API, iat, nbf: iat, exp: iat + 3900 });
    return signed(claims, header, { key });
  }

  /** Waits until the client has hung up on every answer that it does not wait for any more. */
  async hungUp(): Promise<void> {
    await Promise.all([...this.#open].map((response) => once(response, 'close')));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  get #failsToConnect(): boolean {
    return this.#fault === 'down' || this.#fault === 'wrong certificate';
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    this.requests++;
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
    response.setHeader('connection', 'close');
    const document = url === METADATA ? 'metadata' : 'keys';
    if (this.#fault !== undefined && url !== MOVED && document === this.#faulty) {
      misbehave(this.#fault, response, this.#keySet());
    } else if (url === METADATA) {
      json(response, { issuer: this.issuer, jwks_uri: this.keysUrl });
    } else if (url === KEYS) {
      json(response, this.#keySet());
    } else if (url === MOVED) {
      // Where a redirect leads, there are keys of somebody else.
      json(response, { keys: [STRANGER.jwk] });
    } else {
      response.writeHead(404).end();
    }
  }

  #keySet(): { readonly keys: readonly unknown[] } {
    return { keys: this.published.map(({ jwk }) => jwk) };
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

function misbehave(
  fault: Fault,
  response: ServerResponse,
  keySet: { readonly keys: readonly unknown[] },
): void {
  const good = JSON.stringify(keySet);
  const asJson = (): ServerResponse => response.setHeader('content-type', 'application/json');
  switch (fault) {
    case 'down':
    case 'wrong certificate':
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
      asJson().setHeader('content-length', good.length);
      response.write(good.slice(0, 40), () => response.destroy());
      return;
    case 'HTML':
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>Sign in to the Wi-Fi</title>');
      return;
    case 'empty':
      asJson().end();
      return;
    case 'wrong JSON':
      asJson().end('{"error":"temporarily_unavailable"}');
      return;
    case 'no usable key':
      asJson().end('{"keys":[]}');
      return;
    case '10 MB':
      // The right keys are in it, too.
      asJson().end(JSON.stringify({ ...keySet, padding: 'x'.repeat(10_000_000) }));
      return;
    case '302':
      response.writeHead(302, { location: MOVED }).end();
      return;
    case '404':
    case '500':
      response.writeHead(Number(fault), { 'content-type': 'text/plain' }).end('no');
      return;
    case '429':
      response.writeHead(429, { 'content-type': 'text/plain', 'retry-after': '120' }).end('slow down');
      return;
  }
}
