import { ConfigurationError } from '../base/errors.js';
import { printableOptions } from '../base/printable.js';
import { AuthContext } from '../caller/auth-context.js';
import { assertOneToken, type ReadCredential } from '../credential/bearer.js';
import type { RequestLike } from '../credential/headers.js';
import { isUntouched, recall } from '../token/validator.js';
import type { Validator } from '../token/validator-contract.js';

/** How a guard finds out who calls. */
export interface Identification {
  /** What a request has in the place of its token. */
  readonly readCredential: ReadCredential;
  /** Whether each caller's context says which token it was made from. */
  readonly notesTokens: boolean;
  /** Whether callers come with tokens, whose lifetime counts. Stand-ins for tests do not. */
  readonly hasTokens: boolean;
  /**
   * The caller, where that is known at once, as for a token that was accepted before; else the credential, to be validated.
   *
   * @throws CredentialError; UnavailableError for a broken clock
   */
  read(request: RequestLike): AuthContext | string;
  /** @throws CredentialError, TokenError, UnavailableError (as rejections) */
  validate(credential: string): Promise<AuthContext>;
  /**
   * Looks at a request where no caller is needed. Absent where such a request needs nothing.
   *
   * @throws CredentialError, TokenError, UnavailableError (as rejections)
   */
  admit?(request: RequestLike): Promise<void>;
}

/** Identifies callers by their access tokens. */
export function byToken(validator: Validator, readCredential: ReadCredential): Identification {
  return {
    readCredential,
    hasTokens: true,
    get notesTokens() {
      return isUntouched(validator);
    },
    read(request) {
      const credential = readCredential(request);
      return recall(validator, credential) ?? credential;
    },
    async validate(credential) {
      assertOneToken(credential);
      return validateBy(validator, credential);
    },
  };
}

/**
 * Asks `validator.validate(accessToken)`. A validator of another maker may give anything.
 *
 * @throws ConfigurationError where it gives anything but an AuthContext; what it throws (as rejections)
 */
async function validateBy(validator: Validator, accessToken: string): Promise<AuthContext> {
  const given: unknown = await validator.validate(accessToken);
  if (AuthContext.is(given)) return given;
  throw new ConfigurationError(
    `validator.validate(...) gave ${given === '' ? 'an empty string' : printableOptions(given)} instead of an AuthContext.`,
    'No caller passes by it. Return what a validator of createValidator(...) gives, as it is and not as a copy, or reject.',
  );
}
