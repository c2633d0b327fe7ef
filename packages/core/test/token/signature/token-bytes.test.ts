import { afterEach, describe, expect, it } from 'vitest';
import {
  heldSignature,
  heldSignedPart,
  heldText,
  holdsToken,
  holdToken,
  MAX_TOKEN_LENGTH,
  releaseToken,
} from '../../../src/token/signature/token-bytes.js';

const part = (text: string): string => Buffer.from(text).toString('base64url');
const HEADER = part('header');
const SIGNED = `${HEADER}.${part('claims')}`;
const hold = (signature: string, signed = SIGNED): boolean =>
  holdToken(`${signed}.${signature}`, signed.length);

afterEach(() => {
  releaseToken();
});

describe('the token at hand', () => {
  it('is there in bytes, its signature decoded', () => {
    expect(hold(part('signature'))).toBe(true);
    expect(holdsToken()).toBe(true);
    expect(heldSignedPart().toString()).toBe(SIGNED);
    expect(heldSignature().toString()).toBe('signature');
    expect(heldText(0, HEADER.length)).toBe('header');
    expect(heldText(HEADER.length + 1, SIGNED.length)).toBe('claims');
  });

  it.each([255, 256, 257, 384, 512])('a signature of %i bytes is all of it', (length) => {
    const bytes = Buffer.alloc(length, 0xa5);
    expect(hold(bytes.toString('base64url'))).toBe(true);
    expect(heldSignature()).toEqual(bytes);
  });

  it('may have no signature', () => {
    expect(hold('')).toBe(true);
    expect(heldSignature()).toHaveLength(0);
  });

  it.each([
    ['padding', `${part('signature!')}==`],
    ['one character too many', 'YWJjZ'],
    ['bits that are not used', 'YR'],
    ['the alphabet of base64', '-_8+'],
  ])('a signature with %s is refused', (_, signature) => {
    expect(hold(signature)).toBe(false);
    expect(heldSignature()).toHaveLength(0);
  });

  it.each([
    ['looks like one of it', 'YWJ\u016a'],
    ['looks like one of it, at the start', '\u0159WJj'],
    ['is one byte', 'YWJ\u00ea'],
    ['is half a character', 'YWJ\ud800'],
  ])('a character beyond ASCII that %s is refused, wherever it is', (_, text) => {
    expect(hold(text)).toBe(false);
    expect(hold(part('signature'), `${HEADER}.${text}`)).toBe(false);
    expect(hold(part('signature'), `${text}.${part('claims')}`)).toBe(false);
    expect(holdsToken()).toBe(false);
    expect(heldSignedPart().every((byte) => byte === 0)).toBe(true);
  });

  it.each(['\u00ea', '\u016a', '\u212a', '\ud800', '\ud83d\ude00'])(
    'a character beyond ASCII shows in the longest token as well, where the buffer is full: %j',
    (text) => {
      for (const length of [MAX_TOKEN_LENGTH - 2, MAX_TOKEN_LENGTH - 1, MAX_TOKEN_LENGTH]) {
        const filler = 'A'.repeat(length - text.length - SIGNED.length - 1);
        for (const signature of [`${filler}${text}`, `${text}${filler}`]) expect(hold(signature)).toBe(false);
        const claims = `${text}${'A'.repeat(length - text.length - HEADER.length - 6)}`;
        const held = hold('YWJj', `${HEADER}.${claims}`);
        expect(held && heldText(HEADER.length + 1, HEADER.length + 1 + claims.length)).toBeFalsy();
      }
    },
  );

  it('makes way for another one, of which nothing else is left', () => {
    hold(Buffer.alloc(512, 0xa5).toString('base64url'), `${SIGNED}${'x'.repeat(400)}`);
    expect(hold(part('short'))).toBe(true);
    expect(heldSignedPart().toString()).toBe(SIGNED);
    expect(heldSignature().toString()).toBe('short');
  });

  it('is the same token when it is taken again, and not one that ends elsewhere', () => {
    const token = `${SIGNED}.${part('signature')}`;
    holdToken(token, SIGNED.length);
    const before = heldSignedPart();
    expect(holdToken(token, SIGNED.length)).toBe(true);
    expect(heldSignedPart()).toEqual(before);
    expect(holdToken(token, HEADER.length)).toBe(false);
  });

  it('leaves nothing when it is released', () => {
    hold(Buffer.alloc(300, 0xa5).toString('base64url'));
    const views = [heldSignedPart(), heldSignature()];
    releaseToken();
    expect(holdsToken()).toBe(false);
    for (const view of views) expect(view.every((byte) => byte === 0)).toBe(true);
  });
});
