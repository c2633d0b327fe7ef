import type { LocalEntra } from '@entra-guard/testing';

/** The tokens that an editor keeps. */
interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
}

/** What an editor keeps and does for its user, as clients of both lines of the SDK ask. It is registered in Entra. */
export class Editor {
  readonly redirectUrl = 'http://localhost:33418/callback';
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  /** Where the user was sent to sign in. */
  readonly asked: URL[] = [];
  kept: Tokens | undefined;
  readonly #entra: LocalEntra;
  readonly #clientId: string;
  #verifier = '';
  #discovered: unknown;

  constructor(entra: LocalEntra) {
    this.#entra = entra;
    this.#clientId = entra.clientIdOf('editor');
  }

  clientInformation() {
    return { client_id: this.#clientId };
  }
  tokens() {
    return this.kept;
  }
  saveTokens(tokens: Tokens) {
    this.kept = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.asked.push(url);
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }

  /** Keeps which authorization server the user was sent to, which clients of the second line check (SEP-2352). */
  saveDiscoveryState(state: unknown) {
    this.#discovered = state;
  }
  discoveryState() {
    return this.#discovered as undefined;
  }

  /**
   * Lets the user sign in where the client has sent it last, and gives the code.
   *
   * @param offline asks for a refresh token as well
   */
  async signIn({ offline = false }: { readonly offline?: boolean } = {}): Promise<string> {
    const url = new URL(this.asked.at(-1) ?? '');
    if (offline) url.searchParams.set('scope', `${url.searchParams.get('scope')} offline_access`);
    const answer = await this.#entra.fetch(url, { redirect: 'manual' });
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code');
    if (code === null) throw new Error(`No code: ${answer.headers.get('location')}`);
    return code;
  }
}
