import type { AuthContext, EntraGuardError } from '@entra-guard/core';
import type { StrategyError } from './strategy-error.js';

/** The decision that a strategy reports to passport. */
export type Outcome =
  | { readonly kind: 'success'; readonly user: unknown; readonly info: unknown }
  | { readonly kind: 'fail'; readonly challenge: unknown; readonly status: number | undefined }
  | { readonly kind: 'error'; readonly error: unknown };

/** The decision of this strategy, with its reason and the caller. */
export type OwnOutcome = Outcome & {
  /** Why the request was refused. Absent if it was accepted. */
  readonly reason?: EntraGuardError;
  /** The refusal as an error, for NestJS. Absent with `legacyResponses`. */
  readonly refusal?: StrategyError;
  /** The caller, if the token's signature is valid. */
  readonly auth?: AuthContext | undefined;
};
