import { describe, expect, it } from 'vitest';
import { mayBeSecret, printable } from '../../src/base/printable.js';

describe('what a token or client wrote fits on one line of a log', () => {
  it.each<[string, string, string]>([
    ['plain text', 'Orders.Read', 'Orders.Read'],
    ['letters of any language', 'Größe 大きさ 🎉', 'Größe 大きさ 🎉'],
    ['a line break', 'a\r\nb', 'a\\u000d\\u000ab'],
    ['a terminal escape', '\u001b[2J', '\\u001b[2J'],
    ['a null', '\0', '\\u0000'],
    ['delete', '\u007f', '\\u007f'],
    ['next line', '\u0085', '\\u0085'],
    ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['text that runs backwards', '\u202enimda', '\\u202enimda'],
    ['an isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['nothing to see', '\u200b\ufeff', '\\u200b\\ufeff'],
    ['tags beyond the first plane', '\u{e0041}', '\\u{e0041}'],
    ['half a character', '\ud83d', '\\ud83d'],
  ])('%s', (_, value, expected) => {
    expect(printable(value)).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    ['a number', 7, '7'],
    ['a boolean', false, 'false'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a bigint', 7n, '7'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['a list', [1, [2]], 'an array of 2'],
    ['an object', { toString: () => 'forged' }, 'an object'],
    ['a function', () => 'forged', 'a function'],
  ])('%s by what it is', (_, value, expected) => {
    expect(printable(value)).toBe(expected);
  });

  it('and not more than 200 characters, or as many as there is room for', () => {
    expect(printable('x'.repeat(200))).toBe('x'.repeat(200));
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`);
    expect(printable('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(10)}…`);
    expect(printable('12345🎉', 6)).toBe('12345\\ud83c…');
  });
});

describe('what stands in an option’s place, and may be a secret', () => {
  it.each<[string, string, boolean]>([
    ['a client secret', 'Abc8Q~FAKE_fake.FAKE-fake', true],
    ['a text that is just long enough', `Ab1${'x'.repeat(21)}`, true],
    ['one character less', `Ab1${'x'.repeat(20)}`, false],
    ['a GUID in capitals', 'AAAABBBB-0000-CCCC-1111-DDDD2222EEEE', false],
    ['a URL', 'https://login.contoso.example/Tenant1', false],
    ['words in capitals', 'THE-CLIENT-ID-OF-THE-ORDERS-API', false],
    ['small letters and numbers', 'the-client-id-of-the-orders-api-2', false],
    ['numbers and punctuation', '0000_1111_2222_3333_4444_5555', false],
  ])('%s: %s', (_, text, expected) => {
    expect(mayBeSecret(text)).toBe(expected);
  });
});
