import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, decodeBase64urlText } from '../../src/token/signature/base64url.js';

function decoded(part: string): readonly number[] | undefined {
  const target = Buffer.alloc(part.length);
  const length = decodeBase64url(Buffer.from(part, 'latin1'), 0, part.length, target);
  return length < 0 ? undefined : [...target.subarray(0, length)];
}

describe('what is canonical', () => {
  const anyCharacter = fc.constantFrom(...'AQgwEZaz09-_+/= \n.\u00e9');

  it('is what comes out when the bytes are encoded again', () => {
    fc.assert(
      fc.property(fc.array(anyCharacter, { maxLength: 9 }), (characters) => {
        const text = characters.join('');
        const bytes = Buffer.from(text, 'base64url');
        const canonical = text !== '' && bytes.toString('base64url') === text;
        expect(decoded(text)).toEqual(canonical ? [...bytes] : undefined);
        const part = decodeBase64urlText(Buffer.from(text, 'latin1'), 0, text.length);
        expect(part !== undefined).toBe(canonical);
      }),
      { seed: 20_261_127, numRuns: 5000 },
    );
  });

  it('are all bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        expect(decoded(Buffer.from(bytes).toString('base64url'))).toEqual([...bytes]);
      }),
      { seed: 20_261_127 },
    );
  });
});
