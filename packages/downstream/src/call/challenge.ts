import { readClaims } from '../exchange/claims.js';

/**
 * Reads the claims challenge of a 401 (Entra: claims challenges).
 *
 * @param header `WWW-Authenticate`, of one or several challenges
 * @returns the claims request, minified; `undefined` for any other answer
 */
export function challengeIn(header: string | null): string | undefined {
  for (const { scheme, parameters } of challengesIn(header ?? '')) {
    if (scheme !== 'bearer' || parameters.get('error') !== 'insufficient_claims') continue;
    const encoded = parameters.get('claims');
    // Base64 of both alphabets (RFC 4648), padded or not.
    if (encoded === undefined || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) continue;
    const claims = readClaims(Buffer.from(encoded, 'base64').toString('utf8'));
    if (claims !== undefined) return claims;
  }
  return undefined;
}

interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longest header that is read, in characters. */
const LONGEST = 16_384;

/** Reads challenges (RFC 9110 section 11.6.1): a scheme begins one, a parameter belongs to the last scheme. */
function challengesIn(header: string): readonly Challenge[] {
  const found: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  const parts = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
  for (const [, name = '', quoted, token] of header.slice(0, LONGEST).matchAll(parts)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else found.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return found;
}
