import {
  AuthorityServer,
  type ConnectionFault,
  type DocumentFault,
  Faulty,
  MOVED,
} from '../support/authority-server.js';
import { API, KEY, STRANGER, signed, TENANT, type TestKey, userClaims } from '../support/forger.js';
import type { Clock } from './clock.js';

export type Fault = ConnectionFault | DocumentFault;

/** A tenant on loopback: metadata and keys over real HTTP or HTTPS, with faults on demand, and tokens. */
export class LoopbackTenant {
  readonly #server: AuthorityServer;
  readonly #clock: Clock;
  #published: readonly TestKey[] = [KEY];
  #fault: DocumentFault | undefined;
  #faulty: 'keys' | 'metadata' = 'keys';

  static async start(clock: Clock, secure: boolean): Promise<LoopbackTenant> {
    return new LoopbackTenant(await AuthorityServer.start(secure), clock);
  }

  private constructor(server: AuthorityServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    this.#publish();
  }

  get origin(): string {
    return this.#server.origin;
  }

  get issuer(): string {
    return `${this.origin}/${TENANT}/v2.0`;
  }

  get keysUrl(): string {
    return `${this.origin}/${TENANT}/discovery/v2.0/keys`;
  }

  /** Number of requests and failed connections. */
  get requests(): number {
    return this.#server.requests;
  }

  set requests(count: number) {
    this.#server.requests = count;
  }

  /** Sets the keys of the key set. */
  set published(keys: readonly TestKey[]) {
    this.#published = keys;
    this.#publish();
  }

  /** Starts a fault, in one of the two documents or for every connection. `undefined` ends it. */
  break(fault: Fault | undefined, faulty: 'keys' | 'metadata' = 'keys'): void {
    const connections = fault === 'down' || fault === 'wrong certificate';
    this.#server.breakConnections(connections ? fault : undefined);
    this.#fault = connections ? undefined : fault;
    this.#faulty = faulty;
    this.#publish();
  }

  /** Makes a token that was issued five minutes ago, because Entra back-dates tokens, and expires in an hour. */
  token(key: TestKey = KEY, header: Record<string, unknown> = {}): string {
    const iat = Math.floor(this.#clock.now() / 1000) - 300;
    const claims = userClaims({ iss: this.issuer, aud: API, iat, nbf: iat, exp: iat + 3900 });
    return signed(claims, header, { key });
  }

  /** Waits until the client has closed the connections of abandoned requests. */
  hungUp(): Promise<void> {
    return this.#server.hungUp();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #publish(): void {
    const documents = {
      metadata: { issuer: this.issuer, jwks_uri: this.keysUrl },
      keys: { keys: this.#published.map(({ jwk }) => jwk) },
    };
    const page = (name: 'keys' | 'metadata'): unknown =>
      this.#fault !== undefined && this.#faulty === name
        ? new Faulty(this.#fault, documents[name])
        : documents[name];
    this.#server.publish({
      [`${this.issuer}/.well-known/openid-configuration`]: page('metadata'),
      [this.keysUrl]: page('keys'),
      // The target of the redirect has keys of another authority.
      [`${this.origin}${MOVED}`]: { keys: [STRANGER.jwk] },
    });
  }
}
