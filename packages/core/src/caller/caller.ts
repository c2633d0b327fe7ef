import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { AuthContext } from './auth-context.js';

/**
 * Throws if `value` is not a caller. Anyone could have written anything else, so no decision may rely on it.
 *
 * @param what the name of the calling function in errors, such as `authorize(...)`
 * @throws ConfigurationError
 */
export function assertCaller(what: string, value: unknown): asserts value is AuthContext {
  if (!AuthContext.is(value)) throw notACaller(what, value);
}

function notACaller(what: string, value: unknown): ConfigurationError {
  if (value === undefined || value === null) {
    return new ConfigurationError(
      `${what} was given ${value} instead of a caller.`,
      'No guard has authenticated a caller here. Put a guard before this code, or refuse the request.',
    );
  }
  if (typeof value === 'object' && isCopy(value)) {
    return new ConfigurationError(
      `${what} was given a copy of a caller, which any code could have written.`,
      "Pass the very AuthContext that the guard gave: req.auth, @Auth(). For jobs and queues: sealCaller(auth, ring, { validFor: '15m' }), and openCaller(text, ring) where the job runs.",
    );
  }
  if (typeof (value as { readonly then?: unknown }).then === 'function') {
    return new ConfigurationError(
      `${what} was given a promise instead of a caller.`,
      'Wait for it: await validator.validate(token).',
    );
  }
  return new ConfigurationError(
    `${what} was given ${typeof value === 'string' ? 'a string' : printable(value)} instead of a caller.`,
    'Pass the AuthContext that the guard gave: req.auth, @Auth(). In tests, one that testAuth(...) makes.',
  );
}

/**
 * Tells whether a value looks like a context that was cloned, spread, read from JSON or inherited from. Only decides
 * which error is shown.
 */
function isCopy(value: object): boolean {
  return value instanceof AuthContext || typeof (value as { subjectKey?: unknown }).subjectKey === 'string';
}
