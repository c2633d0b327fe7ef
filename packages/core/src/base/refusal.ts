import type { ErrorCode } from './code-status.js';
import { TokenError } from './errors.js';
import { printable } from './printable.js';

/** Why a check refuses a token. Each check in `token/` returns one, or `undefined` if it has no complaint. */
export interface Refusal {
  readonly code: ErrorCode;
  /** The name of what was checked: a claim, a header parameter, "signature". */
  readonly subject: string;
  /** What the token held; absent if there is nothing suitable to show. */
  readonly found?: string;
  readonly expected: string;
  /** The likely cause and what to change. */
  readonly hint: string;
}

/**
 * Tells whether an outcome is a refusal. Looks at own members, because `in` would also find members of
 * `Object.prototype`.
 */
export function isRefusal<T extends object>(outcome: T | Refusal): outcome is Refusal {
  return Object.hasOwn(outcome, 'code');
}

/** Writes a claim's value for people: bounded and escaped; `nothing` if it is absent. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? `"${printable(value)}"` : printable(value);
}

/** Returns the error for a refusal. */
export function tokenError(
  refusal: Refusal,
  stage: { readonly verified?: boolean; readonly concealed?: boolean } = {},
): TokenError {
  const found = refusal.found === undefined ? '' : ` found ${refusal.found},`;
  return new TokenError({
    code: refusal.code,
    message: `Token refused by its ${refusal.subject}:${found} expected ${refusal.expected}.`,
    hint: refusal.hint,
    found: refusal.found,
    expected: refusal.expected,
    ...stage,
  });
}
