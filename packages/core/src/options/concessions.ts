/**
 * What an API may keep from its former validator during a migration. Options of guards and validators always give
 * {@link NO_CONCESSIONS}; only `@entra-guard/core/migration` makes others.
 */
export interface Concessions {
  /** The accepted audiences, normalized. Replaces the default ones. */
  readonly audiences: ReadonlySet<string> | undefined;
  /** The accepted issuers, of those that the authority has. */
  readonly issuers: ReadonlySet<string> | undefined;
  /** The accepted version of tokens. */
  readonly version: 'v1' | 'v2' | undefined;
  /** Whether ID tokens (without an authorized party) are accepted as their user's. */
  readonly idTokens: boolean;
  /** Whether B2C tokens of any policy of the tenant are accepted, and not only of the configured ones. */
  readonly otherPolicies: boolean;
}

export const NO_CONCESSIONS: Concessions = Object.freeze({
  audiences: undefined,
  issuers: undefined,
  version: undefined,
  idTokens: false,
  otherPolicies: false,
});
