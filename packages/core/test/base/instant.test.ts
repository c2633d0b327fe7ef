import { expect, it } from 'vitest';
import { millisecondsFromText, millisecondsOf } from '../../src/base/instant.js';
import { configurationSentence } from '../refusals.js';

const TIME = Date.UTC(2030, 0, 31);

it('an instant is a Date, or milliseconds since the epoch', () => {
  expect(millisecondsOf('until', new Date(TIME))).toBe(TIME);
  expect(millisecondsOf('until', TIME)).toBe(TIME);
  expect(millisecondsOf('until', new Date(0))).toBe(0);
});

it.each([
  ['an invalid Date', new Date('soon'), 'until is an invalid Date. Pass a Date'],
  ['text', '2030-01-31', 'until is 2030-01-31. Pass a Date'],
  ['NaN', Number.NaN, 'until is NaN'],
  ['a time that no Date holds', 8.64e15 + 1, 'until is 8640000000000001'],
  ['nothing', undefined, 'until is undefined'],
  ['seconds', TIME / 1000, `until is ${TIME / 1000}, which is in 1970.`],
  ['seconds, with the fix', TIME / 1000, `Did you mean ${TIME}?`],
])('anything else is refused: %s', (_, value, words) => {
  expect(configurationSentence(() => millisecondsOf('until', value))).toContain(words);
});

it.each([
  ['2030-01-31T00:00:00.000Z', TIME],
  ['2030-01-31T00:00:00Z', TIME],
  ['2030-01-31T00:00Z', TIME],
  ['2030-01-31T02:00:00+02:00', TIME],
  ['2030-01-30T16:00:00.5-08:00', TIME + 500],
  ['2030-01-31', TIME],
  ['1970-01-01', 0],
  ['+275760-09-13T00:00:00.000Z', 8.64e15],
])('text holds an instant in ISO 8601: %s', (text, expected) => {
  expect(millisecondsFromText('until', text)).toBe(expected);
});

it.each([
  ['no text', TIME],
  ['nothing', undefined],
  ['an empty text', ''],
  ['words', 'soon'],
  ['a time without its zone', '2030-01-31T00:00:00'],
  ['a month that does not exist', '2030-13-01'],
  ['a day that does not exist', '2030-02-30T00:00:00Z'],
  ['an hour that does not exist', '2030-01-31T25:00:00Z'],
  ['a year without its zeros', '+30-01-31'],
  ['a negative zero', '-000000-01-01'],
  ['another way to write a date', 'Thu, 31 Jan 2030 00:00:00 GMT'],
  ['more after it', '2030-01-31T00:00:00Z or so'],
  ['a line break after it', '2030-01-31\n'],
])('and nothing else: %s', (_, value) => {
  expect(configurationSentence(() => millisecondsFromText('until', value))).toMatch(
    /^until is .*, which is not a time in ISO 8601\. Write a date/,
  );
});
