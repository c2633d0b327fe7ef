import { ConfidentialClientApplication, CryptoProvider, ManagedIdentityApplication } from '@azure/msal-node';
import type { LoopbackEntra } from '@entra-guard/testing';
import { registrations } from './registrations.js';

/** Gets access tokens with Microsoft's MSAL, which does not know that this Entra is local. */
export class SignIn {
  readonly #entra: LoopbackEntra;
  readonly #web: ConfidentialClientApplication;
  readonly #api: string;

  constructor(entra: LoopbackEntra) {
    this.#entra = entra;
    this.#web = new ConfidentialClientApplication(entra.msal('orders-web'));
    this.#api = `api://${entra.clientIdOf('orders')}`;
  }

  /**
   * Signs a user in to the web app, with the authorization code flow and PKCE.
   *
   * @param claims the claims of a claims challenge
   */
  async user(name: string, scopes: readonly string[], claims?: string): Promise<string> {
    const crypto = new CryptoProvider();
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const [redirectUri] = registrations['orders-web'].redirectUris;
    const state = crypto.createNewGuid();
    const request = {
      scopes: scopes.map((scope) => `${this.#api}/${scope}`),
      redirectUri,
      ...(claims === undefined ? {} : { claims }),
    };
    const url = await this.#web.getAuthCodeUrl({
      ...request,
      state,
      loginHint: name,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    });
    // Here a browser would show the sign-in page. The local Entra trusts the login hint and redirects at once.
    const { headers } = await this.#entra.fetch(url, { redirect: 'manual' });
    const answer = new URL(headers.get('location') ?? redirectUri).searchParams;
    const code = answer.get('code');
    if (code === null || answer.get('state') !== state) {
      throw new Error(
        `${name} could not sign in: ${answer.get('error_description') ?? 'the redirect has no code'}`,
      );
    }
    const result = await this.#web.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
    return result.accessToken;
  }

  /**
   * Gets a token for a daemon, which authenticates with its secret (client credentials).
   *
   * @param scope of the API that it is for. Default: the orders API
   */
  async daemon(name: string, scope = `${this.#api}/.default`): Promise<string> {
    const daemon = new ConfidentialClientApplication(this.#entra.msal(name));
    const result = await daemon.acquireTokenByClientCredential({ scopes: [scope] });
    if (result === null) throw new Error(`${name} got no token.`);
    return result.accessToken;
  }

  /** Gets a token for a managed identity of an App Service, whose endpoint the local Entra stands in for. */
  async managedIdentity(name: string): Promise<string> {
    process.env.IDENTITY_ENDPOINT = `${this.#entra.origin}/msi/token`;
    process.env.IDENTITY_HEADER = 'local';
    const identity = new ManagedIdentityApplication({
      managedIdentityIdParams: { userAssignedClientId: this.#entra.clientIdOf(name) },
    });
    const result = await identity.acquireToken({ resource: this.#api });
    return result.accessToken;
  }
}
