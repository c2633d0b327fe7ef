import type { Duration, EntraOptions } from '@entra-guard/core';
import type { LocalApi, LocalApiOptions } from './api/local-api.js';
import type { ConditionalAccessOptions } from './directory/conditional-access.js';
import type { Fault, FaultOptions, FaultTarget } from './endpoints/faults.js';
import type { NotificationHandler } from './notifications.js';
import type { RequestRecord } from './requests.js';
import type { AgentClaims, AppClaims, IssuedToken, TokenPayload, UserClaims } from './tokens/claims.js';
import type { TokenHeader } from './tokens/jwt.js';
import type { WrongTokens } from './tokens/wrong-tokens.js';
import type { MsalConfiguration } from './transport/msal.js';
import type {
  InProcessOptions,
  LoopbackOptions,
  MultiTenantInProcessOptions,
  OtherAuthority,
} from './validator-options.js';

/**
 * A local Microsoft Entra ID: in this process, or on a port of this machine. Its tokens have the claims of Entra's
 * tokens and real signatures. A validator with its {@link options} verifies them like any others.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference,
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export interface LocalEntra<Options extends EntraOptions = InProcessOptions | LoopbackOptions> {
  /** The first tenant's GUID. */
  readonly tenantId: string;
  /** `https://login.microsoftonline.com` in process, otherwise its address, such as `http://localhost:8080`. */
  readonly origin: string;
  /** `{origin}/{tenantId}/v2.0`: the authority that clients and validators are configured with. */
  readonly authority: string;
  /**
   * Base URL of the local Microsoft Graph: `https://graph.microsoft.com/v1.0` in process, `{origin}/v1.0` on a port. Requests go through
   * {@link fetch}, with tokens for the API `graph`.
   */
  readonly graph: string;
  /** A `fetch` that reaches this local Entra and rejects any other host. Over plain http it is the global `fetch`. */
  readonly fetch: typeof globalThis.fetch;
  /** Over TLS: the server's certificate, PEM. */
  readonly certificate: string | undefined;
  /** IDs of the published signing keys, newest first. */
  readonly keys: readonly string[];
  /** The latest 10 000 requests, oldest first. Empty it with `requests.length = 0`. */
  readonly requests: RequestRecord[];
  /** Tokens with one fault each. */
  readonly wrong: WrongTokens;

  /**
   * Returns options for a validator or guard that trusts this local Entra.
   * @param app the API. Default: the only one there is
   * @throws {LocalEntraError} `api_ambiguous`, `api_unknown`
   */
  options(app?: string): Options;
  /**
   * Returns options for an API whose users come from Azure AD B2C or External ID. To accept more than one policy, add
   * `policies`.
   *
   * ```ts
   * createGuard(entra.options('orders', { policy: 'B2C_1_signin' }))
   * ```
   * @throws {LocalEntraError} `policy_unknown`, `api_ambiguous`, `api_unknown`
   */
  options(app: string | undefined, from: OtherAuthority): LoopbackOptions;

  /**
   * Makes a delegated token: an app acts for a signed-in user. Any name is a user. The object ID depends on the name
   * alone.
   *
   * ```ts
   * entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Approver'] })
   * ```
   * @throws {LocalEntraError} for a scope or role that Entra would not give, if the API's permissions are declared
   */
  user(name: string, claims?: UserClaims): IssuedToken;

  /**
   * Makes an app-only token, as the client credentials grant gives it.
   *
   * ```ts
   * entra.app('nightly-job', { roles: ['Orders.Read.All'] })
   * ```
   * @throws {LocalEntraError} for a role that Entra would not give, if the API's permissions are declared
   */
  app(name: string, claims?: AppClaims): IssuedToken;

  /**
   * Makes an app-only token of a managed identity, valid for a day.
   * @param name default `managed-identity`
   * @throws {LocalEntraError} for a role that Entra would not give, if the API's permissions are declared
   */
  managedIdentity(name?: string, claims?: AppClaims): IssuedToken;

  /**
   * Makes a token of an agent identity that acts as itself, on behalf of a user, or through its own user account.
   *
   * ```ts
   * entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Read' })
   * ```
   * @param name default `agent`
   * @throws {LocalEntraError} for a scope or role that Entra would not give, if the API's permissions are declared
   */
  agent(name?: string, claims?: AgentClaims): IssuedToken;

  /**
   * Signs claims exactly as given. The token's header is Entra's, overridden by the members of `header`.
   *
   * ```ts
   * entra.sign({ ...entra.user('ada').claims, exp: 'tomorrow' }).token
   * ```
   */
  sign(payload: TokenPayload, header?: TokenHeader): IssuedToken;

  /**
   * Signs with a new key from now on.
   * @param options.keep how many earlier keys stay published. Default 1
   * @throws {LocalEntraError} `option_invalid`
   */
  rotateKeys(options?: { readonly keep?: number }): Promise<void>;

  /**
   * Makes requests fail: those for keys, for metadata, to the token endpoint, or to Microsoft Graph.
   *
   * ```ts
   * const restore = entra.fail('keys', 503, { times: 2 });
   * ```
   * @returns a function that ends the fault
   * @throws {LocalEntraError} `option_invalid`
   */
  fail(what: FaultTarget, how: Fault, options?: FaultOptions): () => void;

  /**
   * Returns a client's configuration for `new ConfidentialClientApplication(…)` of `@azure/msal-node`.
   * @param app name or client ID of the client
   * @param options.tenant name, domain or GUID. Default the first tenant
   * @throws {LocalEntraError} `tenant_unknown`
   */
  msal(app: string, options?: { readonly tenant?: string }): MsalConfiguration;

  /**
   * Disables a user's account: sign-ins, and tokens by earlier ones, are refused (AADSTS50057). Access tokens that were
   * issued before stay valid until they expire, as Entra's do.
   *
   * @returns a function that enables it again
   */
  disable(user: string): () => void;
  /** Enables a user's account. @returns a function that disables it again */
  enable(user: string): () => void;
  /** Removes a user's account (AADSTS50034). @returns a function that restores it */
  remove(user: string): () => void;
  /** Ends all sign-ins of a user up to now, as `revokeSignInSessions` of Microsoft Graph does (AADSTS50173). */
  revokeSessions(user: string): void;
  /**
   * Demands something of a user, or of an app that acts for users, before there are tokens for an API. Applies to
   * authorization codes, refresh tokens and on-behalf-of, until it is lifted or a token request carries what it demands
   * (AADSTS50076 with `claims`). Without `claims` access is blocked (53003). App-only tokens are untouched.
   *
   * ```ts
   * const lift = entra.conditionalAccess('ada', 'stock', {
   *   claims: { access_token: { acrs: { essential: true, value: 'c1' } } },
   * });
   * ```
   * @param subject name of a user, or of a declared app
   * @param api default: every API
   * @returns a function that lifts it
   * @throws {LocalEntraError} `api_unknown`; ConfigurationError for invalid options
   */
  conditionalAccess(subject: string, api?: string, options?: ConditionalAccessOptions): () => void;

  /**
   * Answers notifications of Microsoft Graph in this process, handshakes included, whatever address a subscription names. Without a
   * handler notifications go to addresses of this machine only.
   *
   * ```ts
   * entra.receiveNotifications((request) => leavers.handle(request));
   * ```
   * @returns a function that brings the former handler back
   */
  receiveNotifications(handler: NotificationHandler): () => void;

  /**
   * Starts another API, which yours calls: it accepts tokens that this local Entra gave for it, and answers as the test says. In process
   * it is reached through {@link fetch}. It ends with this local Entra.
   *
   * ```ts
   * const stock = await entra.downstream({ api: 'stock' });
   * stock.answer('/items', [{ name: 'book', left: 3 }]);
   * const { apis } = createDownstream({ guard, credential, apis: { stock: stock.options } });
   * ```
   * @throws {LocalEntraError} `option_invalid`, `api_ambiguous`, `api_unknown`, `port_taken` (as rejections)
   */
  downstream(options?: LocalApiOptions): Promise<LocalApi>;

  /** The clock of this local Entra: milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Moves the clock forward, for this local Entra and all validators with its {@link options}.
   *
   * @param duration seconds, or text such as `'61m'`
   * @throws ConfigurationError for anything but a duration
   */
  advance(duration: Duration): void;

  /** Returns the GUID of a tenant, given its name. */
  tenantIdOf(name: string): string;
  /** Returns the client ID of an app, given its name. */
  clientIdOf(name: string): string;
  /** Returns the object ID of a user, given the name. */
  objectIdOf(name: string): string;

  /** Stops answering, and ends requests that hang. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A {@link LocalEntra} without a port. It answers production addresses through the `fetch` of its options. */
export interface InProcessEntra extends LocalEntra<InProcessOptions> {
  options(app?: string): InProcessOptions;
  options(app: string | undefined, from: OtherAuthority): LoopbackOptions;
  /** Returns options for a multi-tenant API. Tenants are given by name or GUID. */
  options(
    app: string | undefined,
    accept: { readonly tenants: readonly string[] | 'any-organization' },
  ): MultiTenantInProcessOptions;
}

/** A {@link LocalEntra} on a port of this machine. */
export type LoopbackEntra = LocalEntra<LoopbackOptions>;
