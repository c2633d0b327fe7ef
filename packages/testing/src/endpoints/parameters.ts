import { OAuthError } from './oauth-error.js';

/** Maximum length in characters. Validators refuse longer tokens. Some parameters are kept until a code is redeemed. */
const longest = 16 * 1024;

/**
 * Refuses a parameter that occurs twice (RFC 6749, section 3.1), because two readers could each take a different value.
 *
 * @throws {OAuthError} AADSTS9000411 for a duplicate, AADSTS90023 for a value that is too long
 */
export function assertWellFormed(parameters: URLSearchParams): void {
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (seen.has(name)) {
      throw new OAuthError(
        'invalid_request',
        9000411,
        `The request is not properly formatted. The parameter '${name}' is duplicated.`,
      );
    }
    if (value.length > longest) {
      throw new OAuthError(
        'invalid_request',
        90023,
        `The parameter '${name}' has ${value.length} characters. The local Entra takes at most ${longest}.`,
      );
    }
    seen.add(name);
  }
}
