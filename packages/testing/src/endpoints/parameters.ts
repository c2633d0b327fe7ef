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

/** The content type that OAuth's endpoints take (RFC 6749, section 3.2). */
const FORM = 'application/x-www-form-urlencoded';

/** Largest body, in characters. */
const largest = 1024 * 1024;

/**
 * Reads the form in the body of a request. As with Entra, a body of another type has no parameters.
 *
 * @throws {OAuthError} AADSTS90023 for a body that is too large, 900144 for one of another type, and those of
 *   {@link assertWellFormed}
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const text = await request.text();
  if (text.length > largest) {
    throw new OAuthError(
      'invalid_request',
      90023,
      `The body has ${text.length} characters. The local Entra takes at most ${largest}.`,
      413,
    );
  }
  const type = request.headers.get('content-type');
  if (type !== null && type.split(';')[0]?.trim().toLowerCase() !== FORM) {
    throw new OAuthError(
      'invalid_request',
      900144,
      `The request body has no parameters: its content type is ${type}, and not ${FORM}.`,
    );
  }
  const form = new URLSearchParams(text);
  assertWellFormed(form);
  return form;
}
