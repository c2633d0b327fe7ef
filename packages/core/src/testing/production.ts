import { ConfigurationError } from '../base/errors.js';

/**
 * Throws if `NODE_ENV` is `production`, where callers are real.
 *
 * @throws ConfigurationError
 */
export function refuseProduction(what: string): void {
  if (process.env.NODE_ENV !== 'production') return;
  throw new ConfigurationError(
    `${what} was called, and NODE_ENV is "production". It lets in callers that were not authenticated.`,
    'It is for tests: import it in test files only, and unset NODE_ENV where they run.',
  );
}
