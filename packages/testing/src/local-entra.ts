import type { ValidatorOptions } from '@entra-guard/core';
import type { Fault, FaultOptions, FaultTarget } from './endpoints/faults.js';
import type { RequestRecord } from './requests.js';
import type { AgentClaims, AppClaims, IssuedToken, TokenPayload, UserClaims } from './tokens/claims.js';
import type { TokenHeader } from './tokens/jwt.js';
import type { WrongTokens } from './tokens/wrong-tokens.js';
import type { MsalConfiguration } from './transport/msal.js';
import type { InProcessOptions, LoopbackOptions, MultiTenantInProcessOptions } from './validator-options.js';

/**
 * A Microsoft Entra ID of your own: in this process, or on a port of this machine. Its tokens have the claims that
 * Entra's have and real signatures, and a validator with its {@link options} accepts them for no other reason.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference,
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export interface LocalEntra<Options extends ValidatorOptions = InProcessOptions | LoopbackOptions> {
  /** The first tenant's GUID. */
  readonly tenantId: string;
  /** `https://login.microsoftonline.com` in process, else where it listens, such as `http://localhost:8080`. */
  readonly origin: string;
  /** `{origin}/{tenantId}/v2.0`: what clients and validators call the authority. */
  readonly authority: string;
  /** Reaches this local Entra and rejects any other host. Over plain http it is the global one. */
  readonly fetch: typeof globalThis.fetch;
  /** Over TLS: the certificate it shows, PEM. */
  readonly certificate: string | undefined;
  /** IDs of the published signing keys, newest first. */
  readonly keys: readonly string[];
  /** What it was asked, oldest first, the latest 10 000. Empty it with `requests.length = 0`. */
  readonly requests: RequestRecord[];
  /** Tokens with one fault each. */
  readonly wrong: WrongTokens;

  /**
   * Options of a validator or guard that trust this local Entra.
   * @param app the API; may be left out when there is only one
   * @throws {LocalEntraError} `api_ambiguous`, `api_unknown`
   */
  options(app?: string): Options;

  /**
   * A delegated token: an app acting for a signed-in user. Any name is a user, with the same object ID everywhere.
   *
   * ```ts
   * entra.user('ada', { scp: 'Orders.Read', roles: ['Orders.Approver'] })
   * ```
   * @throws {LocalEntraError} for a scope or role that Entra would not give, if the API's permissions are known
   */
  user(name: string, claims?: UserClaims): IssuedToken;

  /**
   * An app-only token, as the client credentials grant gives it.
   *
   * ```ts
   * entra.app('nightly-job', { roles: ['Orders.Read.All'] })
   * ```
   * @throws {LocalEntraError} for a role that Entra would not give, if the API's permissions are known
   */
  app(name: string, claims?: AppClaims): IssuedToken;

  /**
   * An app-only token of a managed identity: valid for a day.
   * @param name default `managed-identity`
   * @throws {LocalEntraError} as {@link app}
   */
  managedIdentity(name?: string, claims?: AppClaims): IssuedToken;

  /**
   * A token of an agent identity: as itself, on behalf of a human, or through its own user account.
   *
   * ```ts
   * entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Read' })
   * ```
   * @param name default `agent`
   * @throws {LocalEntraError} as {@link user} and {@link app}
   */
  agent(name?: string, claims?: AgentClaims): IssuedToken;

  /**
   * Signs claims exactly as given, nothing added, under Entra's header with the given members on top.
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
   * Makes requests fail: for keys, for metadata, or to the token endpoint.
   *
   * ```ts
   * const restore = entra.fail('keys', 503, { times: 2 });
   * ```
   * @returns ends the fault
   * @throws {LocalEntraError} `option_invalid`
   */
  fail(what: FaultTarget, how: Fault, options?: FaultOptions): () => void;

  /**
   * Configuration of a client for `new ConfidentialClientApplication(…)` of `@azure/msal-node`.
   * @param app name or client ID of the client
   * @param options.tenant name, domain or GUID. Default the first tenant
   * @throws {LocalEntraError} `tenant_unknown`
   */
  msal(app: string, options?: { readonly tenant?: string }): MsalConfiguration;

  /** The GUID of a tenant's name. */
  tenantIdOf(name: string): string;
  /** The client ID of an app's name. */
  clientIdOf(name: string): string;
  /** The object ID of a user's name. */
  objectIdOf(name: string): string;

  /** Stops answering. Requests that hang are ended. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A {@link LocalEntra} without a port: answers production addresses through the `fetch` of its options. */
export interface InProcessEntra extends LocalEntra<InProcessOptions> {
  options(app?: string): InProcessOptions;
  /** Options of a multi-tenant API. Tenants by name or GUID. */
  options(
    app: string | undefined,
    accept: { readonly tenants: readonly string[] | 'any-organization' },
  ): MultiTenantInProcessOptions;
}

/** A {@link LocalEntra} on a port of this machine. */
export type LoopbackEntra = LocalEntra<LoopbackOptions>;
