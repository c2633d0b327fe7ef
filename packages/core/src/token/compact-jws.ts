import { isSurelyFit, type JsonObject, parseJsonText } from '../base/json-object.js';
import { isRefusal, type Refusal, tokenError } from '../base/refusal.js';
import type { KnownHeaders } from './memory/known-headers.js';
import { heldText, holdToken, MAX_TOKEN_LENGTH, releaseToken } from './signature/token-bytes.js';

/** A signed token, taken apart and not yet trusted. */
export interface CompactJws {
  /** As it was sent: three parts in base64url, in its canonical form. */
  readonly token: string;
  /** Where the first part ends, which is the header. */
  readonly headerEnd: number;
  /** Where the second part ends, and with it what is signed. */
  readonly signedEnd: number;
  readonly header: JsonObject;
  /** Whether a token with the same header was verified before. */
  readonly headerIsKnown: boolean;
  readonly payload: JsonObject;
  /** Whether the payload can be handed to an application, as far as a glance at it can tell. */
  readonly surelyFit: boolean;
}

const malformed = (found: string, hint: string): Refusal => ({
  code: 'token_malformed',
  subject: 'form',
  found,
  expected: 'three base64url parts, the first two of them JSON objects',
  hint,
});

/** Takes a compact JWS (RFC 7515 section 7.1) apart, strictly. */
export function takeApart(token: string): CompactJws | Refusal {
  try {
    return takeAtHand(token);
  } finally {
    releaseToken();
  }
}

/**
 * The same, for somebody who goes on to verify the token: the token is held, and they release it.
 *
 * @param headers those that need not be parsed again
 */
export function takeAtHand(token: string, headers?: KnownHeaders): CompactJws | Refusal {
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
  const known = headers?.find(token, firstDot);
  const texts = partsOf(token, firstDot, secondDot, known !== undefined);
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
    headerIsKnown: known !== undefined,
    payload,
    surelyFit: isSurelyFit(texts.payload),
  };
}

/** The first two parts, decoded, if all three are base64url. A header that is known is left out. */
function partsOf(
  token: string,
  headerEnd: number,
  signedEnd: number,
  headerIsKnown: boolean,
): { readonly header: string; readonly payload: string } | undefined {
  if (!holdToken(token, signedEnd)) return undefined;
  const header = headerIsKnown ? '' : heldText(0, headerEnd);
  const payload = heldText(headerEnd + 1, signedEnd);
  return header === undefined || payload === undefined ? undefined : { header, payload };
}

/**
 * Header and payload of a token that nobody has verified: for diagnosis only, never for decisions.
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
    return `The client sent the text "${token}": a variable of its own was empty. Look where it puts the header together.`;
  }
  if (count === 5) {
    return "Five parts are an encrypted token (JWE). Remove tokenEncryptionKeyId from the API's app registration: the API can't read encrypted access tokens.";
  }
  return 'This is no JWT. Personal-account and Microsoft Graph tokens may be opaque: the client has to ask for a scope of this API (api://…/…).';
}
