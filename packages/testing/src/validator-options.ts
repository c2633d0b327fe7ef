/** The options that a validator for any local Entra has. */
export interface TrustOptions {
  /** Client ID of the API. */
  readonly clientId: string;
  /** Application ID URI of the API, if its registration has one. */
  readonly applicationIdUri?: string;
  /** The clock of the local Entra, so that `entra.advance` moves both. */
  readonly now: () => number;
}

/** `ValidatorOptions` that trust an in-process local Entra. Its `fetch` answers the production addresses. */
export interface InProcessOptions extends TrustOptions {
  readonly tenantId: string;
  readonly fetch: typeof globalThis.fetch;
}

/** Like {@link InProcessOptions}, but tokens of several tenants are accepted. */
export interface MultiTenantInProcessOptions extends TrustOptions {
  readonly tenants: readonly string[] | 'any-organization';
  readonly fetch: typeof globalThis.fetch;
}

/** `ValidatorOptions` that trust a local Entra on a port. */
export interface LoopbackOptions extends TrustOptions {
  readonly authority: string;
  /** Over TLS only: a `fetch` that trusts the certificate of the local Entra. */
  readonly fetch?: typeof globalThis.fetch;
}
