import { describe, expect, it } from 'vitest';
import { decodeBase64url, decodeBase64urlText } from '../../src/token/base64url.js';

const encoded = (bytes: string | readonly number[]): string =>
  Buffer.from(bytes as string).toString('base64url');

describe('base64url in its one canonical form', () => {
  it.each([
    ['nothing', ''],
    ['padding', 'YQ=='],
    ['the alphabet of base64', '-_8+'],
    ['a space', 'YW Jj'],
    ['a line break', 'YWJj\n'],
    ['padding inside', 'Y=Jj'],
    ['the alphabet of base64, its other sign', '_-8/'],
    ['bits that are not used', 'YR'],
    ['bits that are not used, of three characters', 'YWJ'],
    ['one character too many', 'YWJjZ'],
    ['a character beyond ASCII that looks like one of it', 'YWJ\u016a'],
    ['the same at the start, with nothing else amiss', '\u0159WJj'],
    ['a character beyond ASCII of one byte', 'YWJ\u00ea'],
    ['half a character', 'YWJ\ud800'],
  ])('%s is refused', (_, text) => {
    expect(decodeBase64url(text)).toBeUndefined();
    expect(decodeBase64urlText(text)).toBeUndefined();
  });

  it.each([
    ['ASCII', 'abc'],
    ['other scripts', 'Ελένη 李 😀'],
    ['a byte order mark', '\ufeff{}'],
    ['the sign that stands for broken text, written as itself', 'a\ufffdb'],
    ['as much as a token can hold', 'x'.repeat(12_288)],
  ])('%s comes back as it was', (_, text) => {
    expect(decodeBase64urlText(encoded(text))).toBe(text);
    expect(decodeBase64url(encoded(text))?.toString()).toBe(text);
  });

  it.each([
    ['a byte that begins nothing', [0x61, 0xff, 0x62]],
    ['a surrogate in three bytes', [0xed, 0xa0, 0x80]],
    ['a character that is cut off', [0x61, 0xe2, 0x82]],
    ['a spelling that is too long', [0xc0, 0xaf]],
  ])('%s is broken text', (_, bytes) => {
    expect(decodeBase64urlText(encoded(bytes))).toBe('');
  });

  it('a short text after a long one has nothing of it', () => {
    decodeBase64urlText(encoded('x'.repeat(1000)));
    expect(decodeBase64urlText(encoded('short'))).toBe('short');
  });
});
