import { type EntraGuardError, TokenError } from '../base/errors.js';

/**
 * Returns an error's explanation for events, without anything from an unverified token: anyone can write anything into
 * one.
 */
export function eventExplanation(error: EntraGuardError): string {
  if (!TokenError.is(error) || error.verified || error.found === undefined) return error.explanation;
  return `Token refused (${error.code}): expected ${error.expected}.`;
}
