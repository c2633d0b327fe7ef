import { OAuthError } from './oauth-error.js';

/** Characters; a token that is longer passes no validator. Some of these texts are kept with what was granted. */
const longest = 16 * 1024;

/**
 * No parameter may be named twice (RFC 6749, section 3.1): two readers could each take another one for the value.
 *
 * @throws {OAuthError} AADSTS9000411 for that, AADSTS90023 for one that is too long
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
