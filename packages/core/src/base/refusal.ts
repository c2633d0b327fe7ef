import { type ErrorCode, TokenError } from './errors.js';
import { printable } from './printable.js';

/** Why a check refuses a token. Every check of `token/` returns one, or `undefined` when it is content. */
export interface Refusal {
  readonly code: ErrorCode;
  /** The name of what was checked: a claim, a header parameter, "signature". */
  readonly subject: string;
  /** What the token held; absent where there is nothing fit to show. */
  readonly found?: string;
  readonly expected: string;
  /** The likely cause and what to change. */
  readonly hint: string;
}

/** Whether a check has refused. By a member of its own: `in` would find what stands on `Object.prototype`. */
export function isRefusal<T extends object>(outcome: T | Refusal): outcome is Refusal {
  return Object.hasOwn(outcome, 'code');
}

/** Writes a claim's value for people: bounded, escaped; `nothing` where it is absent. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? `"${printable(value)}"` : printable(value);
}

/** The error that tells of a refusal. */
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
