import { dressError } from '../answer/dress-error.js';
import { EntraGuardError, PermissionError } from '../base/errors.js';
import type { AuthContext } from '../caller/auth-context.js';
import { type AuthorizeOptions, authorize as decide } from '../requirements/authorize.js';
import type { Requirement } from '../requirements/requirement.js';

/**
 * Lets pass or throws; for handlers and services that decide later than the guard, as where it depends on what the request asks
 * for. What it throws reaches the client through the error handlers of Express and Fastify with its status, its headers
 * (`WWW-Authenticate` among them) and the words that are for callers.
 *
 * @throws PermissionError, StepUpError; CheckFailedError when a check throws; ConfigurationError for a narrowing alone, and
 * for what is not the very context that a guard gave, such as a copy of one
 */
export async function authorize(
  requirement: Requirement,
  auth: AuthContext,
  options: AuthorizeOptions = {},
): Promise<void> {
  try {
    await decide(requirement, auth, options);
  } catch (error) {
    if (!EntraGuardError.is(error)) throw error;
    // The caller of this function is the handler that refuses: the one place that a stack should name.
    if (PermissionError.is(error)) Error.captureStackTrace(error, authorize);
    throw dressError(error);
  }
}
