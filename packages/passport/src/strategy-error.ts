import type { EntraGuardError, HttpAnswer, Problem } from '@entra-guard/core';

/**
 * What goes to the application's error handler: dressed as Express and NestJS expect it, and fit to be shown to callers.
 * What operators should know is in `cause`.
 */
export class StrategyError extends Error {
  override readonly name = 'StrategyError';
  declare readonly cause: EntraGuardError;
  /** As in the answer: where several tenants are accepted, `token_not_accepted`. */
  readonly code: Problem['code'];
  readonly status: number;
  readonly statusCode: number;
  /** The message is fit for callers: with it this looks like an error of the package http-errors, which NestJS 12 asks for. */
  readonly expose = true;
  /** For the answer: `Retry-After`, `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(cause: EntraGuardError, answer: HttpAnswer) {
    // Native, and so not among the members that are serialised.
    super(answer.body.detail, { cause });
    const { 'Content-Type': _, ...headers } = answer.headers;
    this.code = answer.body.code;
    this.status = answer.status;
    this.statusCode = answer.status;
    this.headers = headers;
  }
}

/** Express takes a falsy error for none, and the words 'route' and 'router' for leave to skip what comes next. */
export function asError(error: unknown): unknown {
  if (error && error !== 'route' && error !== 'router') return error;
  return new Error('The verify callback failed without an error.', { cause: error });
}
