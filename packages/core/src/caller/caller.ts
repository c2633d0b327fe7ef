import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { AuthContext } from './auth-context.js';

/**
 * Fails for whatever is not a caller: a decision about anything else is a decision about what anybody could have written.
 *
 * @param what the name of the function that was given it, for errors: `authorize(...)`
 * @throws ConfigurationError
 */
export function assertCaller(what: string, value: unknown): asserts value is AuthContext {
  if (!AuthContext.is(value)) throw notACaller(what, value);
}

function notACaller(what: string, value: unknown): ConfigurationError {
  if (value === undefined || value === null) {
    return new ConfigurationError(
      `${what} was given ${value} instead of a caller.`,
      'There is no caller there: no guard has authenticated one. Require something of callers before, or refuse them without asking.',
    );
  }
  if (typeof value === 'object' && isCopy(value)) {
    return new ConfigurationError(
      `${what} was given a copy of a caller, and anything could have written a copy.`,
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

/** Whether it looks like one that was cloned, spread, read from JSON, or that inherits from one. For words alone. */
function isCopy(value: object): boolean {
  return value instanceof AuthContext || typeof (value as { subjectKey?: unknown }).subjectKey === 'string';
}
