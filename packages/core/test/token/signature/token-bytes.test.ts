import { describe, expect, it } from 'vitest';
import { MAX_TOKEN_LENGTH, TokenBytes } from '../../../src/token/signature/token-bytes.js';

const part = (text: string): string => Buffer.from(text).toString('base64url');
const HEADER = part('header');
const SIGNED = `${HEADER}.${part('claims')}`;

const bytes = new TokenBytes();
const partsOf = (signature: string, signed = SIGNED, headerIsKnown = false) =>
  bytes.parts(`${signed}.${signature}`, signed.indexOf('.'), signed.length, headerIsKnown);
const signatureOf = (signature: string, signed = SIGNED): Buffer =>
  bytes.withSignature({ token: `${signed}.${signature}`, signedEnd: signed.length }, (_, found) =>
    Buffer.from(found),
  );

/** The buffers themselves, beyond what was written to them. */
const buffers = bytes.withSignature({ token: 'a.b.YWJj', signedEnd: 3 }, (...views) =>
  views.map((view) => new Uint8Array(view.buffer, view.byteOffset, MAX_TOKEN_LENGTH)),
);
const areEmpty = (): boolean => buffers.every((buffer) => buffer.every((byte) => byte === 0));

describe('the bytes of a token', () => {
  it('are read as the texts of its header and payload', () => {
    expect(partsOf(part('signature'))).toEqual({ header: 'header', payload: 'claims' });
    expect(partsOf(part('signature'), SIGNED, true)).toEqual({ header: '', payload: 'claims' });
  });

  it('are handed over as what was signed, and its signature', () => {
    const token = { token: `${SIGNED}.${part('signature')}`, signedEnd: SIGNED.length };
    const found = bytes.withSignature(token, (signed, signature) => [String(signed), String(signature)]);
    expect(found).toEqual([SIGNED, 'signature']);
  });

  it.each([255, 256, 257, 384, 512])('a signature of %i bytes is all of it', (length) => {
    const signature = Buffer.alloc(length, 0xa5);
    expect(signatureOf(signature.toString('base64url'))).toEqual(signature);
  });

  it('may have no signature', () => {
    expect(partsOf('')).toEqual({ header: 'header', payload: 'claims' });
    expect(signatureOf('')).toHaveLength(0);
  });

  it.each([
    ['padding', `${part('signature!')}==`],
    ['one character too many', 'YWJjZ'],
    ['bits that are not used', 'YR'],
    ['the alphabet of base64', '-_8+'],
  ])('a signature with %s is refused', (_, signature) => {
    expect(partsOf(signature)).toBeUndefined();
    expect(signatureOf(signature)).toHaveLength(0);
  });

  it.each([
    ['looks like one of it', 'YWJ\u016a'],
    ['looks like one of it, at the start', '\u0159WJj'],
    ['is one byte', 'YWJ\u00ea'],
    ['is half a character', 'YWJ\ud800'],
  ])('a character beyond ASCII that %s is refused, wherever it is', (_, text) => {
    expect(partsOf(text)).toBeUndefined();
    expect(partsOf(part('signature'), `${HEADER}.${text}`)).toBeUndefined();
    expect(partsOf(part('signature'), `${text}.${part('claims')}`)).toBeUndefined();
    expect(areEmpty()).toBe(true);
  });

  it.each(['\u00ea', '\u016a', '\u212a', '\ud800', '\ud83d\ude00'])(
    'a character beyond ASCII shows in the longest token as well, where the buffer is full: %j',
    (text) => {
      for (const length of [MAX_TOKEN_LENGTH - 2, MAX_TOKEN_LENGTH - 1, MAX_TOKEN_LENGTH]) {
        const filler = 'A'.repeat(length - text.length - SIGNED.length - 1);
        for (const signature of [`${filler}${text}`, `${text}${filler}`]) {
          expect(partsOf(signature)).toBeUndefined();
        }
        const claims = `${text}${'A'.repeat(length - text.length - HEADER.length - 6)}`;
        expect(partsOf('YWJj', `${HEADER}.${claims}`)).toBeUndefined();
      }
    },
  );
});

describe('of no token', () => {
  const long = Buffer.alloc(512, 0xa5).toString('base64url');

  it.each([
    ['that was taken apart', () => void partsOf(long)],
    ['that was refused', () => void partsOf(`${long}=`)],
    ['whose signature was handed over', () => void signatureOf(long)],
    [
      'that a verification failed on',
      () =>
        expect(() =>
          bytes.withSignature({ token: `${SIGNED}.${long}`, signedEnd: SIGNED.length }, () => {
            throw new Error('engine');
          }),
        ).toThrow('engine'),
    ],
    ['that was summed up', () => bytes.sumUp(`${SIGNED}.${long}`, [3, 5, 7, 9], [0, 0, 0, 0])],
    ['that is too long', () => bytes.sumUp('x'.repeat(20_000), [3, 5, 7, 9], [0, 0, 0, 0])],
  ])('%s anything is left', (_, use) => {
    use();
    expect(areEmpty()).toBe(true);
  });

  it('anything reaches the next one', () => {
    signatureOf(long, `${SIGNED}${'x'.repeat(400)}`);
    expect(signatureOf(part('short')).toString()).toBe('short');
    expect(partsOf(part('short'))).toEqual({ header: 'header', payload: 'claims' });
  });
});
