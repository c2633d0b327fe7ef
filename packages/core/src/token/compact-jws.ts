import { decodeBase64url, decodeBase64urlText } from './base64url.js';
import { isSurelyFit, type JsonObject, parseJsonText } from './json-object.js';
import type { KnownHeaders } from './known-headers.js';
import { type Refusal, tokenError } from './refusal.js';

/** Largest accepted token in characters. Entra's tokens are 1 to 4 kB; Node takes 16 KiB of headers by default. */
export const MAX_TOKEN_LENGTH = 16_384;

/** A signed token, taken apart and not yet trusted. */
export interface CompactJws {
  /** The header as it was sent. */
  readonly headerPart: string;
  readonly header: JsonObject;
  /** Whether a token with the same header was verified before. */
  readonly headerIsKnown: boolean;
  readonly payload: JsonObject;
  /** Whether the payload can be handed to an application, as far as a glance at it can tell. */
  readonly surelyFit: boolean;
  /** The bytes that are signed: header and payload as they were sent. */
  readonly signedText: string;
  readonly signature: Buffer;
}

const malformed = (found: string, hint: string): Refusal => ({
  code: 'token_malformed',
  subject: 'form',
  found,
  expected: 'three base64url parts, the first two of them JSON objects',
  hint,
});

/**
 * Takes a compact JWS (RFC 7515 section 7.1) apart, strictly.
 *
 * @param headers those that need not be parsed again
 * @throws TokenError `token_malformed` or `token_too_large`
 */
export function parseCompactJws(token: string, headers?: KnownHeaders): CompactJws {
  const jws = takeApart(token, headers);
  if ('code' in jws) throw tokenError(jws);
  return jws;
}

/** The same, where a refusal is a finding and not an error. */
export function takeApart(token: string, headers?: KnownHeaders): CompactJws | Refusal {
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
  const headerPart = token.slice(0, firstDot);
  const signaturePart = token.slice(secondDot + 1);
  const known = headers?.find(token, firstDot);
  const headerText = known ? '' : decodeBase64urlText(headerPart);
  const payloadText = decodeBase64urlText(token.slice(firstDot + 1, secondDot));
  // An unsigned token has an empty third part; its `alg` says so better than its form does.
  const signature = signaturePart === '' ? Buffer.alloc(0) : decodeBase64url(signaturePart);
  if (headerText === undefined || payloadText === undefined || !signature) {
    return malformed(
      'a part that is not canonical base64url',
      'The token was cut, padded or altered on its way. Send it exactly as Entra issued it.',
    );
  }
  const header = known ?? parseJsonText(headerText);
  const payload = parseJsonText(payloadText);
  if (!header || !payload) {
    return malformed('a part that is not a JSON object', 'Send the access token exactly as Entra issued it.');
  }
  return {
    headerPart,
    header,
    headerIsKnown: known !== undefined,
    payload,
    surelyFit: isSurelyFit(payloadText),
    signedText: token.slice(0, secondDot),
    signature,
  };
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
  const { header, payload } = parseCompactJws(token);
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
