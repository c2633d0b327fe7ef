import type { EntraGuardError, HttpAnswer, Problem } from '@entra-guard/core';

interface Branded {
  readonly [BRAND]?: unknown;
}

/** What a refusal has beside its message. */
type Facts = Pick<StrategyError, 'status' | 'cause' | 'code' | 'headers'>;

/** On all of them, whatever their class and whichever copy of this package made them. */
const BRAND = Symbol.for('entra-guard/StrategyError');

/**
 * What goes to the application's error handler: dressed as Express and NestJS expect it, and fit to be shown to callers.
 * What operators should know is in `cause`. In NestJS it is an `HttpException` as well.
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

  /** For `instanceof`, and so for `@Catch(StrategyError)`. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass inherits this method, and has no brand of its own.
    if (this !== StrategyError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && (value as Branded)[BRAND] === true;
  }
}

Object.defineProperty(StrategyError.prototype, BRAND, { value: true });

/** Makes one of an error of another class. */
export function dressed(error: Error, { status, cause, code, headers }: Facts): StrategyError {
  const own = { name: 'StrategyError', status, statusCode: status, cause, code, headers, expose: true };
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(error, name, { value, configurable: true, enumerable: true, writable: true });
  }
  Object.defineProperty(error, BRAND, { value: true });
  return error as StrategyError;
}

/** Express takes a falsy error for none, and the words 'route' and 'router' for leave to skip what comes next. */
export function asError(error: unknown): unknown {
  if (error && error !== 'route' && error !== 'router') return error;
  return new Error('The verify callback failed without an error.', { cause: error });
}
