import { decodeBase64url, decodeBase64urlText } from './base64url.js';
import { wipe } from './wipe.js';

// The bytes of one token, from when it is taken apart until its signature was verified: to make them twice would take longer
// than all checks of its claims. One is enough, since nothing waits in between. Whoever takes a token here releases it.

/** Largest accepted token in characters. Entra's tokens are 1 to 4 kB; Node takes 16 KiB of headers by default. */
export const MAX_TOKEN_LENGTH = 16_384;

const bytes = Buffer.alloc(MAX_TOKEN_LENGTH);
const signature = Buffer.alloc(MAX_TOKEN_LENGTH);
/** What a key of 2048 bits makes: a part that has to be cut out for nearly no token. */
const usualSignature = signature.subarray(0, 256);

let held: string | undefined;
let heldEnd = 0;
/** In bytes. */
let heldLength = 0;
let signatureLength = 0;

/** Whether a token was taken and not released. */
export function holdsToken(): boolean {
  return held !== undefined;
}

/**
 * Takes a token, if it is ASCII and its signature is canonical base64url or nothing.
 *
 * @param token no longer than {@link MAX_TOKEN_LENGTH}
 * @param signedEnd where its second part ends
 */
export function holdToken(token: string, signedEnd: number): boolean {
  if (held === token && heldEnd === signedEnd) return true;
  releaseToken();
  held = token;
  heldEnd = signedEnd;
  heldLength = bytes.write(token, 'utf8');
  // Beyond ASCII a character takes several bytes, of which none stands for anything in base64url: what does not show here,
  // since the buffer is full, shows when its part is decoded.
  if (heldLength !== token.length) {
    releaseToken();
    return false;
  }
  // An unsigned token has an empty third part; its `alg` says so better than its form does.
  const unsigned = signedEnd + 1 === token.length;
  const length = unsigned ? 0 : decodeBase64url(bytes, signedEnd + 1, token.length, signature);
  signatureLength = Math.max(0, length);
  return length >= 0;
}

/**
 * Decodes the text of a part of the token.
 *
 * @returns `undefined` for what is not canonical base64url; '' for broken UTF-8
 */
export function heldText(start: number, end: number): string | undefined {
  return decodeBase64urlText(bytes, start, end);
}

/** What is signed: header and payload as they were sent. */
export function heldSignedPart(): Buffer {
  return bytes.subarray(0, heldEnd);
}

export function heldSignature(): Buffer {
  return signatureLength === usualSignature.length ? usualSignature : signature.subarray(0, signatureLength);
}

/** Leaves nothing of the token. */
export function releaseToken(): void {
  if (held === undefined) return;
  wipe(bytes, heldLength);
  wipe(signature, held.length - heldEnd);
  held = undefined;
}
