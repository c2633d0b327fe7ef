import type { ErrorCode } from '../../base/code-status.js';
import type { Enough } from '../../base/errors.js';
import type { ApprovalNode } from './approval.js';
import type { CheckNode } from './check.js';
import type { LimitNode } from './limit.js';

/** Why a caller may not, and what would have been enough. */
export interface Denial {
  readonly granted: false;
  readonly code: ErrorCode;
  /** What the caller lacks, in words, one entry each. */
  readonly missing: readonly string[];
  /** The smallest set of permissions that would have been enough; short names. Empty where no permission is lacking. */
  readonly enough: Enough;
  /** The optional claim without which it can't be judged, where that is the reason. */
  readonly claim?: string;
  /** What to change, and where. */
  readonly hint: string;
  /** Set when nothing but a stronger or fresher sign-in is missing, and the client can be asked for one. */
  readonly stepUp?:
    | { readonly kind: 'claims'; readonly id: string }
    | { readonly kind: 'sign-in'; readonly maxAgeSeconds: number };
  /** Whether the refusal should look as if the thing did not exist. */
  readonly hidden: boolean;
}

/** What has to be run before it is decided. */
export type RunNode = CheckNode | LimitNode | ApprovalNode;

/** What has to be found out before it is decided. */
export type Step = RunNode | 'groups';

/**
 * How one node was judged. `needs` is the smallest set of permissions that satisfies it. It is worked out only on demand: most
 * of what is judged is granted, and then it is not needed.
 */
export type Outcome =
  | { readonly state: 'granted'; readonly needs: () => Enough }
  | { readonly state: 'pending'; readonly needs: () => Enough; readonly waitsFor: Step }
  | {
      readonly state: 'denied';
      readonly needs: () => Enough;
      readonly denial: Denial;
      readonly distance: number;
    };

const NOTHING: Enough = Object.freeze({});

export const nothing = (): Enough => NOTHING;

/** Granted, and no permission was needed for it. */
export const GRANTED_FREELY: Outcome = Object.freeze({ state: 'granted', needs: nothing });

/** How far a caller is from being let in: what callers can't change weighs most. */
export const DISTANCE = { otherKind: 1000, fixed: 100, permission: 1, stepUp: 0.01 } as const;

export function denied(
  needs: Enough,
  distance: number,
  facts: Pick<Denial, 'code' | 'missing' | 'hint'> & Partial<Pick<Denial, 'stepUp' | 'hidden' | 'claim'>>,
): Outcome {
  const denial: Denial = Object.freeze({ granted: false, hidden: false, enough: needs, ...facts });
  return { state: 'denied', needs: () => needs, distance, denial };
}

/** Refuses for what the caller can't change: no permission would help. */
export function refused(code: ErrorCode, missing: string, hint: string, claim?: string): Outcome {
  return denied({}, DISTANCE.fixed, {
    code,
    missing: Object.freeze([missing]),
    hint,
    ...(claim === undefined ? {} : { claim }),
  });
}

/** Refuses an app that acts as itself, where only a signed-in user can satisfy the requirement. */
export function notAUser(code: ErrorCode, requirement: string): Outcome {
  return denied({}, DISTANCE.otherKind, {
    code,
    missing: Object.freeze(['a signed-in user']),
    hint: `Only signed-in users can satisfy ${requirement}; an app without a user never can.`,
  });
}
