import { type EntraGuardError, TokenError } from '../base/errors.js';

/** An error's explanation for events, without what an unverified token said of itself: anyone can write anything there. */
export function eventExplanation(error: EntraGuardError): string {
  if (!TokenError.is(error) || error.verified || error.found === undefined) return error.explanation;
  return `Token refused (${error.code}): expected ${error.expected}.`;
}
