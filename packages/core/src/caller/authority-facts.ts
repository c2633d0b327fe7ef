import type { AuthContext } from './auth-context.js';

/** What a challenge needs to know of the authority that a caller's token was accepted for. */
export interface AuthorityFacts {
  /** Qualifies scope names: `api://…`. */
  readonly applicationIdUri: string;
  /** Where a client sends its user. */
  readonly authorizationUri: string;
  /** The tenant, or `''` where the authorization URI is the common endpoint (Entra: claims challenge). */
  readonly realm: string;
}

/** Registered: a guard may be handed a validator that another copy of the package made. */
export const AUTHORITY_FACTS: unique symbol = Symbol.for('entra-guard/authority-facts') as never;

/** The authority of a context that a validator made; `undefined` for one made otherwise, as in unit tests. */
export function authorityOf(auth: AuthContext): AuthorityFacts | undefined {
  return (auth as { readonly [AUTHORITY_FACTS]?: AuthorityFacts | undefined })[AUTHORITY_FACTS];
}
