import { isFit, isSurelyFit, type JsonObject, parseJsonText } from '../base/json-object.js';
import { isRefusal, type Refusal, tokenError } from '../base/refusal.js';
import { MAX_TOKEN_LENGTH, type SignedToken, tokenBytes } from './signature/token-bytes.js';

/** A parsed signed token, not verified. */
export interface CompactJws extends SignedToken {
  /** Where the first part, the header, ends. */
  readonly headerEnd: number;
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** Whether the payload can be handed to an application: see {@link isFit}. */
  readonly payloadIsFit: boolean;
}

const malformed = (found: string, hint: string): Refusal => ({
  code: 'token_malformed',
  subject: 'form',
  found,
  expected: 'three base64url parts, the first two of them JSON objects',
  hint,
});

/**
 * Parses a compact JWS strictly (RFC 7515 section 7.1).
 *
 * @param knownHeader returns the parsed header of a token that begins like a verified one
 */
export function takeApart(
  token: string,
  knownHeader?: (token: string, headerEnd: number) => JsonObject | undefined,
): CompactJws | Refusal {
  if (typeof token !== 'string') {
    return malformed(`a ${typeof token}`, 'Pass the token as a string, without "Bearer".');
  }
  if (token.length > MAX_TOKEN_LENGTH) {
    return {
      code: 'token_too_large',
      subject: 'size',
      found: `${token.length} characters`,
      expected: `at most ${MAX_TOKEN_LENGTH}`,
      hint: 'Large tokens mostly carry many groups: emit only groups assigned to the application, or use app roles.',
    };
  }
  const firstDot = token.indexOf('.');
  const secondDot = token.indexOf('.', firstDot + 1);
  if (firstDot < 0 || secondDot <= firstDot || token.includes('.', secondDot + 1)) {
    const parts = token.split('.').length;
    return malformed(partsFound(parts), partsHint(token, parts));
  }
  const known = knownHeader?.(token, firstDot);
  const texts = tokenBytes.parts(token, firstDot, secondDot, known !== undefined);
  if (texts === undefined) {
    return malformed(
      'a part that is not canonical base64url',
      'The token was cut, padded or altered on its way. Send it exactly as Entra issued it.',
    );
  }
  const header = known ?? parseJsonText(texts.header);
  const payload = parseJsonText(texts.payload);
  if (!header || !payload) {
    return malformed('a part that is not a JSON object', 'Send the access token exactly as Entra issued it.');
  }
  return {
    token,
    headerEnd: firstDot,
    signedEnd: secondDot,
    header,
    payload,
    payloadIsFit: isSurelyFit(texts.payload) || isFit(payload),
  };
}

/**
 * Returns header and payload of an unverified token. For diagnosis only, never for decisions.
 *
 * @throws TokenError `token_malformed` or `token_too_large`
 */
export function decodeUnverified(token: string): {
  readonly header: JsonObject;
  readonly payload: JsonObject;
} {
  const jws = takeApart(token);
  if (isRefusal(jws)) throw tokenError(jws);
  const { header, payload } = jws;
  return { header, payload };
}

function partsFound(count: number): string {
  return count === 1 ? 'one part' : `${count} parts`;
}

function partsHint(token: string, count: number): string {
  if (token === 'undefined' || token === 'null' || token === '[object Object]') {
    return `The client sent the text "${token}": one of its variables was empty. Look at the code that builds the header.`;
  }
  if (count === 5) {
    return "Five parts are an encrypted token (JWE). Remove tokenEncryptionKeyId from the API's app registration: the API can't read encrypted access tokens.";
  }
  return 'This is not a JWT. Personal-account and Microsoft Graph tokens may be opaque: the client has to ask for a scope of this API (api://…/…).';
}
