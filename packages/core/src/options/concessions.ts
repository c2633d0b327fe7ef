/**
 * What an API may keep from its former validator for the time of a migration. No option of a guard or validator leads
 * here: only `@entra-guard/core/migration` makes other ones than {@link NO_CONCESSIONS}.
 */
export interface Concessions {
  /** Exactly these audiences, normalized, instead of the API's own. Narrows, or replaces what would be accepted. */
  readonly audiences: ReadonlySet<string> | undefined;
  /** Only these of the issuers that the authority has. Narrows. */
  readonly issuers: ReadonlySet<string> | undefined;
  /** Only tokens of this version. Narrows. */
  readonly version: 'v1' | 'v2' | undefined;
  /** Tokens without an authorized party pass as their user's. */
  readonly idTokens: boolean;
  /** B2C tokens of any policy of the tenant pass, not only of the configured ones. */
  readonly otherPolicies: boolean;
}

export const NO_CONCESSIONS: Concessions = Object.freeze({
  audiences: undefined,
  issuers: undefined,
  version: undefined,
  idTokens: false,
  otherPolicies: false,
});
