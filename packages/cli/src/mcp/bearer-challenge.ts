/** A `Bearer` challenge of a 401. */
export interface BearerChallenge {
  /** As the server wrote it: `Bearer`, or in other letters. */
  readonly scheme: string;
  /** `resource_metadata` (RFC 9728, section 5.1). */
  readonly resourceMetadata: string | undefined;
  /** `scope` (RFC 6750, section 3), split. `undefined`: the challenge has none. */
  readonly scopes: readonly string[] | undefined;
}

/** Longest header that is read, in characters. */
const LONGEST = 16_384;

/**
 * Reads the first `Bearer` challenge of a `WWW-Authenticate` header, which may hold several challenges (RFC 9110, section 11.6.1):
 * a word without a value begins one, a parameter belongs to the last.
 *
 * @returns `undefined` if there is none
 */
export function bearerChallengeIn(header: string | null): BearerChallenge | undefined {
  let scheme: string | undefined;
  const parameters = new Map<string, string>();
  const parts = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
  for (const [, name = '', quoted, token] of (header ?? '').slice(0, LONGEST).matchAll(parts)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value === undefined) {
      if (scheme !== undefined) break;
      if (name.toLowerCase() === 'bearer') scheme = name;
    } else if (scheme !== undefined && !parameters.has(name.toLowerCase())) {
      parameters.set(name.toLowerCase(), value);
    }
  }
  if (scheme === undefined) return undefined;
  return {
    scheme,
    resourceMetadata: parameters.get('resource_metadata'),
    scopes: parameters
      .get('scope')
      ?.split(' ')
      .filter((one) => one !== ''),
  };
}
