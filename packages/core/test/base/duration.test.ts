import { describe, expect, it } from 'vitest';
import { printDuration, secondsOf } from '../../src/base/duration.js';
import { configurationSentence } from '../refusals.js';

describe('a duration is a number of seconds, or text with a unit', () => {
  it.each([
    [90, 90],
    ['90s', 90],
    ['15m', 900],
    ['8h', 28_800],
    ['7d', 604_800],
  ])('%j is %d seconds', (value, seconds) => {
    expect(secondsOf('validFor', value)).toBe(seconds);
  });

  it('and the default where nothing was given', () => {
    expect(secondsOf('validFor', undefined, { standard: '5m' })).toBe(300);
  });

  it('and may be 0 or have a fraction where the option says so', () => {
    expect(secondsOf('hardAge', '0s', { standard: '1d', least: 0 })).toBe(0);
    expect(secondsOf('timeout', 0.5, { standard: '5s', least: 0.01, fractions: true })).toBe(0.5);
  });
});

describe('anything else is refused with the option, what was found, and the fix', () => {
  it.each([
    ['nothing, without a default', undefined],
    ['null', null],
    ['a number as text', '90'],
    ['an unknown unit', '90x'],
    ['milliseconds as text', '90ms'],
    ['a blank', '15 m'],
    ['an empty text', ''],
    ['a leading zero', '015m'],
    ['a sign', '-5m'],
    ['a negative number', -5],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a fraction', 1.5],
    ['a Date', new Date(0)],
  ])('%s', (_, value) => {
    const sentence = configurationSentence(() => secondsOf('validFor', value));
    expect(sentence).toMatch(/^validFor is .*, which is not a duration\. Write a whole number of seconds/);
  });

  it.each([
    ['0, by default', 0, {}, "which is too short. At least '1s' is allowed."],
    ['less than the least', '4m', { least: '5m' }, "At least '5m' is allowed."],
    ['more than the most', '8d', { most: '7d' }, "which is too long. At most '7d' is allowed."],
    [
      'with the default',
      '8d',
      { standard: '1h', most: '7d' },
      "At most '7d' is allowed; the default is '1h'.",
    ],
    ['with the default 0', '8d', { standard: 0, most: '7d' } as const, 'the default is 0.'],
  ])('out of range: %s', (_, value, range, words) => {
    expect(configurationSentence(() => secondsOf('validFor', value, range as never))).toContain(words);
  });

  it('a number more than thirty times the default, which can only be milliseconds', () => {
    const read = (value: unknown) => secondsOf('timeout', value, { standard: '5s' });
    expect(read(150)).toBe(150);
    expect(configurationSentence(() => read(151))).toBe(
      "timeout is 151, and a number is in seconds. Did you mean 0.151? To set as many seconds, write '151s'.",
    );
    expect(configurationSentence(() => read(5000))).toContain("Did you mean '5s'?");
    expect(read('151s')).toBe(151);
  });
});

it.each([
  [0, '0s'],
  [1, '1s'],
  [90, '90s'],
  [900, '15m'],
  [28_800, '8h'],
  [604_800, '7d'],
])('%d seconds are printed as %s', (seconds, text) => {
  expect(printDuration(seconds)).toBe(text);
});
