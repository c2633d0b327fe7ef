import type { ErrorCode } from '../base/code-status.js';
import type { Refusal } from '../base/refusal.js';
import type { CheckName } from '../token/check-name.js';

/** The result of one check. */
export interface Finding {
  readonly check: CheckName;
  /** Whether the check passed; `undefined` if it could not be made, see `hint`. */
  readonly ok: boolean | undefined;
  /** The code with which the validator would refuse the token. */
  readonly code?: ErrorCode;
  /** What the token holds. Bounded; never the token itself or a part of its text. */
  readonly found: string;
  readonly expected: string;
  /** If not ok: the likely cause and what to change. */
  readonly hint?: string;
}

/** Returns the finding of a check without a complaint. */
export function passed(check: CheckName, found: string, expected: string): Finding {
  return { check, ok: true, found, expected };
}

/** Returns the finding of a check that complains. */
export function failed(
  check: CheckName,
  { code, found = 'something else', expected, hint }: Refusal,
): Finding {
  return { check, ok: false, code, found, expected, hint };
}

/** Returns the finding of a check that could not be made, and why. */
export function open(check: CheckName, found: string, expected: string, hint: string): Finding {
  return { check, ok: undefined, found, expected, hint };
}
