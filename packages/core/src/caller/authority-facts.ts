import type { AuthContext } from './auth-context.js';

/** What a challenge needs to know about the authority that accepted a caller's token. */
export interface AuthorityFacts {
  /** Qualifies scope names: `api://…`. */
  readonly applicationIdUri: string;
  /** Where a client sends its user to sign in. */
  readonly authorizationUri: string;
  /** The tenant, or `''` if the authorization URI is the common endpoint (Entra: claims challenge). */
  readonly realm: string;
}

/** A registered symbol, because a guard may use a validator from another copy of the package. */
export const AUTHORITY_FACTS: unique symbol = Symbol.for('entra-guard/authority-facts') as never;

/** Returns the authority of a context that a validator made; `undefined` for any other context, as in unit tests. */
export function authorityOf(auth: AuthContext): AuthorityFacts | undefined {
  return (auth as { readonly [AUTHORITY_FACTS]?: AuthorityFacts | undefined })[AUTHORITY_FACTS];
}
