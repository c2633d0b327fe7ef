/** What every set of options for a validator has, wherever the local Entra answers. */
export interface TrustOptions {
  /** Client ID of the API. */
  readonly clientId: string;
  /** Given when the API was told to have one. */
  readonly applicationIdUri?: string;
  /** The clock of the local Entra, when it was given one. */
  readonly now?: () => number;
}

/** `ValidatorOptions` that trust an in-process local Entra: production addresses, answered by its `fetch`. */
export interface InProcessOptions extends TrustOptions {
  readonly tenantId: string;
  readonly fetch: typeof globalThis.fetch;
}

/** As {@link InProcessOptions}, but tokens of several tenants are accepted. */
export interface MultiTenantInProcessOptions extends TrustOptions {
  readonly tenants: readonly string[] | 'any-organization';
  readonly fetch: typeof globalThis.fetch;
}

/** `ValidatorOptions` that trust a local Entra on a port. */
export interface LoopbackOptions extends TrustOptions {
  readonly authority: string;
  /** Over TLS only: trusts the certificate of the local Entra. */
  readonly fetch?: typeof globalThis.fetch;
}
