import type { ErrorCode } from './code-status.js';
import { ownMember } from './own-member.js';

/** What an {@link EntraGuardError} is made of. Only own members are read. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  /** One sentence: what was found and what was expected. Never holds a token. */
  readonly message: string;
  /** What to change, and where. Goes to logs; to callers only with `explain: true`. */
  readonly hint: string;
  readonly cause?: unknown;
}

/**
 * Sets how many stack frames an error collects, unless `Error` is frozen. Refusals collect none: that takes longer than
 * all checks of a token, and the frames show only the guard and the framework.
 */
function limitStack(limit: number): void {
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // `Error` is frozen: frames are collected.
  }
}

/** By a written name, because minifiers change `Function.name`. */
const brands = new WeakMap<object, symbol>();

/**
 * The base class of all errors. Recognise one with `EntraGuardError.is(error)`, not with `instanceof`: a process may
 * load an ESM and a CommonJS copy of the package.
 */
export abstract class EntraGuardError extends Error {
  /** The stable code for what went wrong. */
  readonly code: ErrorCode;
  /** The HTTP status of the answer. */
  abstract readonly status: number;
  /** What to change, and where. */
  readonly hint: string;

  /** @param traced whether the stack has frames; `false` for answers to requests */
  protected constructor(facts: ErrorFacts, traced = true) {
    const limit = Error.stackTraceLimit;
    if (!traced) limitStack(0);
    super(facts.message, ownMember(facts, 'cause') === undefined ? undefined : { cause: facts.cause });
    if (!traced) limitStack(limit);
    this.code = facts.code;
    this.hint = facts.hint;
  }

  /** {@link message}, complete even if that is concealed. For logs and audit events; for callers with `explain: true`. */
  get explanation(): string {
    return this.message;
  }

  /** Tells whether `value` is an error of this class or a subclass, from any copy of the package. */
  static is<C extends { readonly prototype: unknown }>(this: C, value: unknown): value is C['prototype'] {
    const brand = brands.get(this);
    if (brand === undefined) return value instanceof (this as unknown as typeof Error);
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  }
}

/** Gives an error class its name and its brand, by which errors of all copies of the package are recognised. */
export function brand(
  name: string,
  errorClass: typeof EntraGuardError | (abstract new (...facts: never[]) => EntraGuardError),
): void {
  const mark = Symbol.for(`entra-guard/${name}`);
  brands.set(errorClass, mark);
  Object.defineProperty(errorClass.prototype, mark, { value: true });
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

brand('EntraGuardError', EntraGuardError);
