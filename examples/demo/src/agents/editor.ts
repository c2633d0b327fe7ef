import type { LoopbackEntra } from '@entra-guard/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token?: string | undefined;
}

/** An editor with an MCP client in it: the client of the SDK, and what an editor keeps and does for its user. */
export class Editor {
  readonly redirectUrl = 'http://localhost:33418/callback';
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  readonly #entra: LoopbackEntra;
  readonly #user: string;
  #asked: URL | undefined;
  #tokens: Tokens | undefined;
  #verifier = '';
  #discovered: unknown;

  constructor(entra: LoopbackEntra, user: string) {
    this.#entra = entra;
    this.#user = user;
  }

  clientInformation() {
    return { client_id: this.#entra.clientIdOf('editor') };
  }
  tokens() {
    return this.#tokens;
  }
  saveTokens(tokens: Tokens) {
    this.#tokens = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.#asked = url;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
  saveDiscoveryState(state: unknown) {
    this.#discovered = state;
  }
  discoveryState() {
    return this.#discovered as undefined;
  }

  /** The scopes that its user was asked for last, by their short names. */
  get askedFor(): string {
    const scopes = this.#asked?.searchParams.get('scope')?.split(' ') ?? [];
    return scopes.map((scope) => scope.slice(scope.lastIndexOf('/') + 1)).join(' and ');
  }

  /** Lets its user sign in where the client sent it, and gives the code. The local Entra trusts the login hint. */
  async signIn(): Promise<string> {
    const url = new URL(this.#asked ?? '');
    url.searchParams.set('login_hint', this.#user);
    const { headers } = await this.#entra.fetch(url, { redirect: 'manual' });
    const code = new URL(headers.get('location') ?? '').searchParams.get('code');
    if (code === null) throw new Error(`${this.#user} could not sign in: ${headers.get('location')}`);
    return code;
  }
}

/** A connection to the server, which asks its user to sign in when it has to. */
export interface Connection {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
}

/** Connects by the client's own means: it asks, its user signs in, and it asks again. */
export async function signInAndConnect(resource: URL, editor: Editor): Promise<Connection> {
  const first = connectionTo(resource, { authProvider: editor });
  await first.client.connect(first.transport).then(
    () => Promise.reject(new Error('The server let in a client without a token.')),
    () => {},
  );
  await first.transport.finishAuth(await editor.signIn());
  await first.client.close();
  const second = connectionTo(resource, { authProvider: editor });
  await second.client.connect(second.transport);
  return second;
}

/** Connects with a token that an agent has got for its user. */
export async function connectWith(resource: URL, token: string): Promise<Connection> {
  const headers = { authorization: `Bearer ${token}` };
  const connection = connectionTo(resource, { requestInit: { headers } });
  await connection.client.connect(connection.transport);
  return connection;
}

function connectionTo(
  resource: URL,
  options: ConstructorParameters<typeof StreamableHTTPClientTransport>[1],
): Connection {
  const client = new Client({ name: 'demo', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  return { client, transport: new StreamableHTTPClientTransport(resource, options) };
}
