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

/** Of the process and not of this copy: a guard may be handed a validator that another copy of the package made. */
const registry = globalThis as { [key: symbol]: WeakMap<AuthContext, AuthorityFacts> | undefined };
const key = Symbol.for('entra-guard/authority-facts');
registry[key] ??= new WeakMap();
const facts: WeakMap<AuthContext, AuthorityFacts> = registry[key];

/** Remembers the authority beside the context, not in it: a handler has no use for it. */
export function rememberAuthority(auth: AuthContext, authority: AuthorityFacts): void {
  facts.set(auth, authority);
}

/** The authority of a context that a validator made; `undefined` for one made otherwise, as in unit tests. */
export function authorityOf(auth: AuthContext): AuthorityFacts | undefined {
  return facts.get(auth);
}
