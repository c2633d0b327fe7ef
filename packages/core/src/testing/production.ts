import { ConfigurationError } from '../base/errors.js';

/**
 * Refuses to be of use where callers are real. Like the local Entra it goes by `NODE_ENV`.
 *
 * @throws ConfigurationError
 */
export function refuseProduction(what: string): void {
  if (process.env.NODE_ENV !== 'production') return;
  throw new ConfigurationError(
    `${what} was called, and NODE_ENV is "production". It lets callers in whom nobody has authenticated.`,
    'It is for tests: import it in test files only, and unset NODE_ENV where they run.',
  );
}
