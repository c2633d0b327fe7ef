import type { EntraGuardError, HttpAnswer, Problem } from '@entra-guard/core';

interface Branded {
  readonly [BRAND]?: unknown;
}

/** The members of a refusal in addition to its message. */
type Facts = Pick<StrategyError, 'status' | 'cause' | 'code' | 'headers'>;

/** Marks every `StrategyError`, of any class and made by any copy of this package. */
const BRAND = Symbol.for('entra-guard/StrategyError');

/**
 * The error that the application's error handler gets. It has the members that Express and NestJS expect, and may be
 * shown to callers. Details for operators are in `cause`. In NestJS it is also an `HttpException`.
 */
export class StrategyError extends Error {
  override readonly name = 'StrategyError';
  declare readonly cause: EntraGuardError;
  /** The code that the caller sees. If several tenants are accepted, it may be `token_not_accepted`. */
  readonly code: Problem['code'];
  readonly status: number;
  readonly statusCode: number;
  /** The message may be shown to callers. NestJS 12 expects it, as in errors of the package http-errors. */
  readonly expose = true;
  /** Headers of the response: `Retry-After`, `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(cause: EntraGuardError, answer: HttpAnswer) {
    // Set by Error's constructor, so that it is not enumerable and not serialised.
    super(answer.body.detail, { cause });
    const { 'Content-Type': _, ...headers } = answer.headers;
    this.code = answer.body.code;
    this.status = answer.status;
    this.statusCode = answer.status;
    this.headers = headers;
  }

  /** Used by `instanceof` and by `@Catch(StrategyError)`. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass inherits this method but has no brand.
    if (this !== StrategyError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && (value as Branded)[BRAND] === true;
  }
}

Object.defineProperty(StrategyError.prototype, BRAND, { value: true });

/** Makes a `StrategyError` of an error of another class. */
export function dressed(error: Error, { status, cause, code, headers }: Facts): StrategyError {
  const own = { name: 'StrategyError', status, statusCode: status, cause, code, headers, expose: true };
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(error, name, { value, configurable: true, enumerable: true, writable: true });
  }
  Object.defineProperty(error, BRAND, { value: true });
  return error as StrategyError;
}

/** Makes an error of what `verify` gave. Express ignores a falsy error, and 'route' and 'router' skip handlers. */
export function asError(error: unknown): unknown {
  if (error && error !== 'route' && error !== 'router') return error;
  return new Error('The verify callback failed without an error.', { cause: error });
}
