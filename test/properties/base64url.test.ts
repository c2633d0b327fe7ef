import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, decodeBase64urlText } from '../../packages/core/src/token/base64url.js';

describe('what is canonical', () => {
  const anyCharacter = fc.constantFrom(...'AQgwEZaz09-_+/= \n.\u0141\u00e9\ud83d');

  it('is what comes out when the bytes are encoded again', () => {
    fc.assert(
      fc.property(fc.array(anyCharacter, { maxLength: 9 }), (characters) => {
        const text = characters.join('');
        const canonical = text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text;
        expect(decodeBase64url(text) !== undefined).toBe(canonical);
        expect(decodeBase64urlText(text) !== undefined).toBe(canonical);
      }),
      { seed: 20_261_127, numRuns: 5000 },
    );
  });

  it('are all bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        expect([...(decodeBase64url(Buffer.from(bytes).toString('base64url')) ?? [])]).toEqual([...bytes]);
      }),
      { seed: 20_261_127 },
    );
  });
});
