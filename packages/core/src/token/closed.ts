import { KeysUnavailableError } from '../base/errors.js';

/** The error of a validator that was closed. */
export function closed(): KeysUnavailableError {
  return new KeysUnavailableError({
    message: 'The validator was closed.',
    hint: 'close() is for shutting down. Create another validator to continue.',
    retryAfter: 1,
  });
}
