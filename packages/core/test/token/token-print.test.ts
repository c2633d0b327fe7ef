import { describe, expect, it } from 'vitest';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { TokenPrint } from '../../src/token/token-print.js';

const token = signed(userClaims());
const withCharacter = (at: number, character: string): string =>
  `${token.slice(0, at)}${character}${token.slice(at + 1)}`;

describe('the print of a token', () => {
  it('is that of the token, each time', () => {
    const prints = [new TokenPrint(token), new TokenPrint(token)];
    expect(prints.map((print) => print.isOf(token))).toEqual([true, true]);
  });

  it('is of no text that differs anywhere', () => {
    const print = new TokenPrint(token);
    for (let at = 0; at < token.length; at++) {
      expect(print.isOf(withCharacter(at, token[at] === 'A' ? 'B' : 'A'))).toBe(false);
    }
  });

  it.each([
    ['one character less', token.slice(0, -1)],
    ['one more', `${token}A`],
    ['nothing', ''],
    ['two characters exchanged', `${token[1]}${token[0]}${token.slice(2)}`],
    ['two blocks exchanged', `${token.slice(16, 32)}${token.slice(0, 16)}${token.slice(32)}`],
    ['a character that ends in the same byte', withCharacter(40, '\u0141')],
    ['a lone surrogate', withCharacter(40, '\ud800')],
  ])('is not of %s', (_, text) => {
    expect(new TokenPrint(token).isOf(text)).toBe(false);
  });

  it('goes as far as a token may be long', () => {
    const long = 'x'.repeat(20_000);
    expect(new TokenPrint(long).isOf(long)).toBe(true);
    expect(new TokenPrint(long).isOf(`y${long.slice(1)}`)).toBe(false);
    expect(new TokenPrint('').isOf('')).toBe(true);
  });
});
