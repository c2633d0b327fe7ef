import type { RequestHandler } from 'express';
import type { Authority } from '../engine/authority.js';

/** One way to verify access tokens, at its own documented best configuration. */
export interface Contender {
  /** How it is set up, in words; printed under the table. */
  readonly setup: string;
  /** Without HTTP. A fresh one remembers nothing of what another has seen. */
  verifier(authority: Authority): Promise<Verifier>;
  /** In front of an Express route that asks for the scope `Orders.Read`. */
  handlers(authority: Authority): Promise<readonly RequestHandler[]>;
}

/** Throws or rejects for a token that it does not accept. */
export interface Verifier<Prepared = unknown> {
  /** Done ahead of the measurement; all but the floors take the token as it is. */
  prepare(token: string): Prepared;
  /** A promise is awaited before the next token. */
  verify(prepared: Prepared): unknown;
  /** What is done with what came of it, outside of any promise; throws for a caller that may not. */
  judge(verified: unknown): void;
  /** Lets go of keys and timers. */
  close?(): void;
}

/** The permission that every contender asks for. */
export const SCOPE = 'Orders.Read';

/** A verifier that takes tokens as they are. */
export function verifier(verify: (token: string) => unknown): Verifier {
  return { prepare: (token) => token, verify: (token) => verify(token as string), judge: () => {} };
}

/** What every peer without a notion of `scp` gets. */
export function grantsScope(claims: { readonly [name: string]: unknown } | undefined): boolean {
  return typeof claims?.scp === 'string' && claims.scp.split(' ').includes(SCOPE);
}
