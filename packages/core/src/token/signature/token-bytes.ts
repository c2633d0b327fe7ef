import { decodeBase64url, decodeBase64urlText } from './base64url.js';
import { wipe } from './wipe.js';

// The bytes of one token, from when it is taken apart until its signature was verified: to make them twice would take longer
// than all checks of its claims. One is enough, since nothing waits in between. Whoever takes a token here releases it.

/** Largest accepted token in characters. Entra's tokens are 1 to 4 kB; Node takes 16 KiB of headers by default. */
export const MAX_TOKEN_LENGTH = 16_384;

const bytes = Buffer.alloc(MAX_TOKEN_LENGTH);
/** Holds four at a time. */
const words = new Int32Array(bytes.buffer, bytes.byteOffset, MAX_TOKEN_LENGTH / 4);
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

/** Four numbers of 32 bits. */
export type Sums = readonly [number, number, number, number];

/**
 * Sums up a text, the bytes of a token: four polynomials over every fourth word of it.
 *
 * @param text no longer than {@link MAX_TOKEN_LENGTH}; what is longer counts as far as that
 * @param to written to
 */
export function sumUp(text: string, [a, b, c, d]: Sums, to: [number, number, number, number]): void {
  const taken = held !== text;
  if (taken) {
    releaseToken();
    heldLength = bytes.write(text, 'utf8');
  }
  let [first, second, third, fourth] = [1, 1, 1, 1];
  // Behind its end there are zeros.
  for (let at = 0; at << 2 < heldLength; at += 4) {
    first = (Math.imul(first, a) + (words[at] as number)) | 0;
    second = (Math.imul(second, b) + (words[at + 1] as number)) | 0;
    third = (Math.imul(third, c) + (words[at + 2] as number)) | 0;
    fourth = (Math.imul(fourth, d) + (words[at + 3] as number)) | 0;
  }
  to[0] = first;
  to[1] = second;
  to[2] = third;
  to[3] = fourth;
  if (taken) wipe(bytes, heldLength);
}

/** Leaves nothing of the token. */
export function releaseToken(): void {
  if (held === undefined) return;
  wipe(bytes, heldLength);
  wipe(signature, held.length - heldEnd);
  held = undefined;
}
