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

/** A tenant on loopback: its metadata and keys over real HTTP or HTTPS, failing as it is told, and tokens it issues. */
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

  /** How many requests, and connections that failed, have reached the tenant. */
  get requests(): number {
    return this.#server.requests;
  }

  set requests(count: number) {
    this.#server.requests = count;
  }

  /** What the key set holds. */
  set published(keys: readonly TestKey[]) {
    this.#published = keys;
    this.#publish();
  }

  /** Begins to misbehave, in one of the two documents or as a whole; `undefined` ends it. */
  break(fault: Fault | undefined, faulty: 'keys' | 'metadata' = 'keys'): void {
    const connections = fault === 'down' || fault === 'wrong certificate';
    this.#server.breakConnections(connections ? fault : undefined);
    this.#fault = connections ? undefined : fault;
    this.#faulty = faulty;
    this.#publish();
  }

  /** A token that was issued five minutes ago, as Entra back-dates them, and that lasts for an hour. */
  token(key: TestKey = KEY, header: Record<string, unknown> = {}): string {
    const iat = Math.floor(this.#clock.now() / 1000) - 300;
    const claims = userClaims({ iss: this.issuer, aud: API, iat, nbf: iat, exp: iat + 3900 });
    return signed(claims, header, { key });
  }

  /** Waits until the client has hung up on every answer that it no longer waits for. */
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
      // A redirect leads to keys of another authority.
      [`${this.origin}${MOVED}`]: { keys: [STRANGER.jwk] },
    });
  }
}
