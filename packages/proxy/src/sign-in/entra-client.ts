import { ConfigurationError, type Guard, type LogSink, UnavailableError } from '@entra-guard/core';
import { middleTierOf, type TokenAuthority } from '@entra-guard/core/downstream';
import { guardAccessOf } from '@entra-guard/core/mcp';
import type { Credential } from '@entra-guard/downstream/sign-in';
import type * as OpenIdClient from 'openid-client';
import type { Asked, AttemptRecord } from './records.js';

/** What a token endpoint has given. Times are milliseconds since the epoch. */
export interface SignedIn {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly refreshToken?: string;
  readonly sid?: string;
  readonly loginHint?: string;
}

/** Entra has refused, and would again: the person has to sign in again, or the operator has to change something. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  /** OAuth 2.0's error code: `access_denied`, `invalid_grant`. */
  readonly error: string;
  /** `AADSTS65004`, as Entra numbers its reasons; absent where it names none. */
  readonly aadsts: string | undefined;

  constructor(error: string, description: string | undefined) {
    super(`Entra refused the sign-in: ${error}.`);
    this.error = error;
    this.aadsts = aadstsIn(description);
  }
}

/** What a sign-in begins with. */
export interface Beginning extends Pick<AttemptRecord, 'verifier' | 'nonce'> {
  readonly state: string;
  readonly redirectUri: string;
  readonly asked: Asked | undefined;
  readonly loginHint: string | undefined;
}

/** Tolerated difference between the clocks of Entra and this machine, in seconds. */
const CLOCK_TOLERANCE = 60;
/** How long metadata is used. */
const METADATA_MS = 24 * 3_600_000;
/** How long after a failure it is not asked for again. */
const COOL_DOWN_MS = 5_000;
/** For how long access tokens are valid at least, in seconds, unless a policy says otherwise (Entra: access token lifetime). */
const STANDARD_SECONDS = 3_600;
/** What a token endpoint answers that is not the session's fault. */
const TRANSIENT = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

/** What a refresh token is refused with for good (OpenID Connect Core section 3.1.2.6; Entra: refresh tokens). */
const ENDS_SESSION = new Set(['invalid_grant', 'interaction_required', 'consent_required', 'login_required']);

/** Signs people in to one application by the authorization code flow with PKCE (OpenID Connect Core section 3.1, RFC 7636). */
export class EntraClient {
  readonly #authority: TokenAuthority;
  readonly #issuer: URL;
  readonly #scope: string;
  readonly #credential: Credential;
  readonly #log: LogSink;
  #library: Promise<typeof OpenIdClient> | undefined;
  #metadata: { readonly value: OpenIdClient.ServerMetadata; readonly until: number } | undefined;
  #reading: Promise<OpenIdClient.ServerMetadata> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param scopes default: those of the application itself, in the form that Entra needs where an application asks for itself (AADSTS90009)
   * @throws ConfigurationError for a guard with several authorities, several tenants, or Azure AD B2C
   */
  constructor(
    guard: Guard,
    credential: Credential,
    scopes: readonly string[] | undefined,
    log: LogSink | false,
  ) {
    const { authorities } = middleTierOf(guard);
    const [served] = guardAccessOf(guard).authorities;
    const [authority] = authorities;
    if (
      authorities.length !== 1 ||
      authority === undefined ||
      served?.authority === undefined ||
      served.isB2c
    ) {
      throw new ConfigurationError(
        'signIn needs one authority of one tenant, and the policy names another one.',
        'Give entra one tenantId, and no further authorities. For several tenants, have callers bring tokens.',
      );
    }
    this.#authority = authority;
    this.#issuer = new URL(served.authority);
    this.#credential = credential;
    this.#log = log || (() => {});
    const { clientId } = authority;
    this.#scope = (scopes ?? ['openid', 'profile', 'offline_access', `${clientId}/.default`]).join(' ');
  }

  get now(): () => number {
    return this.#authority.now;
  }

  /** Reads the metadata, so that later answers need not wait. @throws UnavailableError */
  async authorizationUrl(beginning: Beginning): Promise<string> {
    const { verifier, nonce, state, redirectUri, asked, loginHint } = beginning;
    const library = await this.#load();
    const url = library.buildAuthorizationUrl(await this.#configuration(), {
      redirect_uri: redirectUri,
      scope: this.#scope,
      // A form post would come from another site, and without the cookie (Entra: SameSite cookies).
      response_mode: 'query',
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...(asked?.kind === 'claims' ? { claims: asked.claims } : {}),
      ...(asked?.kind === 'fresh' ? { prompt: 'login' } : {}),
      ...(loginHint === undefined ? {} : { login_hint: loginHint }),
    });
    return url.href;
  }

  /**
   * Exchanges the code of a callback.
   *
   * @param url of the callback, as the browser sees it
   * @throws SignInRefused, UnavailableError
   */
  async signedIn(
    url: URL,
    state: string,
    { verifier, nonce }: Pick<AttemptRecord, 'verifier' | 'nonce'>,
  ): Promise<SignedIn> {
    return this.#granted(async (library, configuration) =>
      library.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }),
    );
  }

  /** @throws SignInRefused if the person has to sign in again; UnavailableError for all that is not the session's fault */
  async refreshed(refreshToken: string): Promise<SignedIn> {
    try {
      return await this.#granted(async (library, configuration) =>
        library.refreshTokenGrant(configuration, refreshToken, { scope: this.#scope }),
      );
    } catch (error) {
      throw error instanceof SignInRefused && !ENDS_SESSION.has(error.error) ? unavailable(error) : error;
    }
  }

  /** Where a browser signs out of Entra; `undefined` where the metadata names no such place. @throws UnavailableError */
  async signOutUrl(returnTo: string, loginHint: string | undefined): Promise<string | undefined> {
    const library = await this.#load();
    const configuration = await this.#configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
    return library.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: returnTo,
      ...(loginHint === undefined ? {} : { logout_hint: loginHint }),
    }).href;
  }

  /** The origin that a form of signing out leads to. Until the metadata was read, that of the authority: no page waits for it. */
  get signOutOrigin(): string {
    const end = this.#metadata?.value.end_session_endpoint;
    return end === undefined ? this.#issuer.origin : new URL(end).origin;
  }

  async #granted(
    ask: (
      library: typeof OpenIdClient,
      configuration: OpenIdClient.Configuration,
    ) => Promise<OpenIdClient.TokenEndpointResponse & OpenIdClient.TokenEndpointResponseHelpers>,
  ): Promise<SignedIn> {
    const library = await this.#load();
    const configuration = await this.#configuration(await this.#proof(await this.#metadataNow()));
    const askedAt = this.now();
    try {
      const answer = await ask(library, configuration);
      const claims = answer.claims() ?? {};
      const [sid, loginHint] = [textOf(claims, 'sid'), textOf(claims, 'login_hint')];
      return {
        accessToken: answer.access_token,
        expiresAt: askedAt + (answer.expires_in ?? STANDARD_SECONDS) * 1_000,
        ...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token }),
        ...(sid === undefined ? {} : { sid }),
        ...(loginHint === undefined ? {} : { loginHint }),
      };
    } catch (error) {
      throw this.#told(library, error);
    }
  }

  /** Takes the answers of Entra apart, and keeps what is secret in them from what is thrown. */
  #told(library: typeof OpenIdClient, error: unknown): Error {
    if (error instanceof library.AuthorizationResponseError) {
      return new SignInRefused(error.error, error.error_description);
    }
    if (!(error instanceof library.ResponseBodyError)) {
      // What the library finds wrong with an answer, as with a nonce, has a code of its own.
      const { code = '' } = error as { readonly code?: string };
      return /^OAUTH_(INVALID_RESPONSE|JWT|KEY)/.test(code)
        ? new SignInRefused('invalid_response', undefined)
        : unavailable(error);
    }
    const { error: found, error_description: description, status } = error;
    if (status >= 500 || TRANSIENT.has(found)) return unavailable(error);
    if (found === 'invalid_client') this.#refusedCredential(description);
    return new SignInRefused(found, description);
  }

  #refusedCredential(description: string | undefined): void {
    this.#credential.refused();
    const number = aadstsIn(description);
    this.#log({
      level: 'error',
      event: 'configuration',
      message: `Entra does not accept the credential of signIn${number === undefined ? '' : ` (${number})`}.`,
      hint: "Has it ended? See signIn.credential of the policy, and the application's registration under Certificates & secrets.",
    });
  }

  /** @param proof of who this application is; without it, only URLs can be made */
  async #configuration(proof?: OpenIdClient.ClientAuth): Promise<OpenIdClient.Configuration> {
    const library = await this.#load();
    const { clientId, fetch } = this.#authority;
    const metadata = await this.#metadataNow();
    // By the clock of the guard, which judges what comes of it.
    const skew = Math.round((this.now() - Date.now()) / 1_000);
    const client = { [library.clockSkew]: skew, [library.clockTolerance]: CLOCK_TOLERANCE };
    const configuration = new library.Configuration(metadata, clientId, client, proof ?? library.None());
    configuration[library.customFetch] = fetch as OpenIdClient.CustomFetch;
    if (this.#issuer.protocol === 'http:') library.allowInsecureRequests(configuration);
    return configuration;
  }

  async #proof({
    token_endpoint: tokenUrl = '',
  }: OpenIdClient.ServerMetadata): Promise<OpenIdClient.ClientAuth> {
    const { clientId, cloud, now } = this.#authority;
    const proof = await this.#credential.proofFor({ clientId, cloud, now, tokenUrl, log: this.#log });
    return (_server, _client, body) => {
      body.set('client_id', clientId);
      if ('client_assertion' in proof) {
        // RFC 7523 section 2.2
        body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      }
      for (const [name, value] of Object.entries(proof)) body.set(name, value);
    };
  }

  async #metadataNow(): Promise<OpenIdClient.ServerMetadata> {
    const at = this.now();
    if (this.#metadata !== undefined && at < this.#metadata.until) return this.#metadata.value;
    if (this.#metadata === undefined && at < this.#failedAt + COOL_DOWN_MS) throw unavailable(undefined);
    this.#reading ??= this.#discover().finally(() => {
      this.#reading = undefined;
    });
    try {
      const value = await this.#reading;
      this.#metadata = { value, until: at + METADATA_MS };
      return value;
    } catch (error) {
      this.#failedAt = at;
      // What was read before is better than no sign-in.
      if (this.#metadata !== undefined) return this.#metadata.value;
      throw unavailable(error);
    }
  }

  async #discover(): Promise<OpenIdClient.ServerMetadata> {
    const library = await this.#load();
    const { clientId, fetch } = this.#authority;
    const found = await library.discovery(this.#issuer, clientId, undefined, library.None(), {
      [library.customFetch]: fetch as OpenIdClient.CustomFetch,
      ...(this.#issuer.protocol === 'http:' ? { execute: [library.allowInsecureRequests] } : {}),
    });
    return found.serverMetadata();
  }

  /** The library is ESM only, and this package is built for CommonJS, too. */
  #load(): Promise<typeof OpenIdClient> {
    this.#library ??= import('openid-client');
    return this.#library;
  }
}

function aadstsIn(description = ''): string | undefined {
  return /\bAADSTS[0-9]{4,7}\b/.exec(description)?.[0];
}

function textOf(claims: object, name: string): string | undefined {
  const value = (claims as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' && value.length <= 1_000 ? value : undefined;
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError({
    part: 'sessions',
    message: 'Entra does not answer while a browser signs in, or while its session needs a new token.',
    hint: 'Look at the network of the proxy, and at the health of Entra. Sessions go on until their tokens expire.',
    retryAfter: 5,
    cause,
  });
}
