import type { AuthContext, EntraGuardError } from '@entra-guard/core';
import type { StrategyError } from './strategy-error.js';

/** What a strategy has to tell passport. */
export type Outcome =
  | { readonly kind: 'success'; readonly user: unknown; readonly info: unknown }
  | { readonly kind: 'fail'; readonly challenge: unknown; readonly status: number | undefined }
  | { readonly kind: 'error'; readonly error: unknown };

/** Our own, with what it was about. */
export type OwnOutcome = Outcome & {
  /** Why not; absent where the request was accepted. */
  readonly reason?: EntraGuardError;
  /** For hosts that take errors only: the refusal as one. Absent where it has to look as it did in former times. */
  readonly refusal?: StrategyError;
  /** Whose token it was, where its signature held. */
  readonly auth?: AuthContext | undefined;
};
