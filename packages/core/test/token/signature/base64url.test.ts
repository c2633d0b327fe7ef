import { describe, expect, it } from 'vitest';
import { decodeBase64url, decodeBase64urlText } from '../../../src/token/signature/base64url.js';

const encoded = (bytes: string | readonly number[]): string =>
  Buffer.from(bytes as string).toString('base64url');

/** What a part of these characters, with something before and behind it, is decoded to. */
function decoded(part: string): Buffer | undefined {
  const source = Buffer.from(`AA.${part}.AA`, 'latin1');
  const target = Buffer.alloc(part.length);
  const length = decodeBase64url(source, 3, 3 + part.length, target);
  return length < 0 ? undefined : target.subarray(0, length);
}

function decodedText(part: string): string | undefined {
  return decodeBase64urlText(Buffer.from(`AA.${part}.AA`, 'latin1'), 3, 3 + part.length);
}

describe('base64url in its one canonical form', () => {
  it.each([
    ['nothing', ''],
    ['padding', 'YQ=='],
    ['the alphabet of base64', '-_8+'],
    ['the alphabet of base64, its other sign', '_-8/'],
    ['a space', 'YW Jj'],
    ['a line break', 'YWJj\n'],
    ['padding inside', 'Y=Jj'],
    ['a dot, which ends a part', 'YW.Jj'],
    ['bits that are not used', 'YR'],
    ['bits that are not used, of three characters', 'YWJ'],
    ['one character too many', 'YWJjZ'],
    ['a character beyond ASCII of one byte', 'YWJ\u00ea'],
    ['a strange character alone at the start', '!WJj'],
    ['a strange character where one quarter is missing', 'YWJjY!'],
    ['a strange character where two quarters are missing', 'YWJjYW='],
  ])('%s is refused', (_, text) => {
    expect(decoded(text)).toBeUndefined();
    expect(decodedText(text)).toBeUndefined();
  });

  it('each byte is what the standard says, in each place of four', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let byte = 0; byte < 256; byte++) {
      const value = alphabet.indexOf(String.fromCharCode(byte));
      for (const place of [0, 1, 2, 3]) {
        const part = Buffer.from('AAAA');
        part[place] = byte;
        const target = Buffer.alloc(3);
        const length = decodeBase64url(part, 0, 4, target);
        expect(length).toBe(value < 0 ? -1 : 3);
        if (value >= 0) expect(target.readUIntBE(0, 3)).toBe(value << (6 * (3 - place)));
      }
    }
  });

  it.each([
    ['ASCII', 'abc'],
    ['other scripts', 'Ελένη 李 😀'],
    ['a byte order mark', '\ufeff{}'],
    ['the sign that stands for broken text, written as itself', 'a\ufffdb'],
    ['as much as a token can hold', 'x'.repeat(12_288)],
  ])('%s comes back as it was', (_, text) => {
    expect(decodedText(encoded(text))).toBe(text);
    expect(decoded(encoded(text))?.toString()).toBe(text);
  });

  it.each([
    ['a byte that begins nothing', [0x61, 0xff, 0x62]],
    ['a surrogate in three bytes', [0xed, 0xa0, 0x80]],
    ['a character that is cut off', [0x61, 0xe2, 0x82]],
    ['a spelling that is too long', [0xc0, 0xaf]],
  ])('%s is broken text', (_, bytes) => {
    expect(decodedText(encoded(bytes))).toBe('');
  });

  it('a short text after a long one has nothing of it', () => {
    decodedText(encoded('x'.repeat(1000)));
    expect(decodedText(encoded('short'))).toBe('short');
  });
});
