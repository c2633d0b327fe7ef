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

/** Which authority an API trusts in place of Entra: a policy of Azure AD B2C, or External ID. */
export type OtherAuthority = { readonly policy: string } | { readonly external: true };

/** `ValidatorOptions` that trust a local Entra on a port, or by the address of Azure AD B2C or External ID. */
export interface LoopbackOptions extends TrustOptions {
  readonly authority: string;
  /** In process, or over TLS: a `fetch` that reaches the local Entra, and trusts its certificate. */
  readonly fetch?: typeof globalThis.fetch;
}
