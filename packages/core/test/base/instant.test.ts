import { expect, it } from 'vitest';
import { millisecondsOf } from '../../src/base/instant.js';
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
  ['nothing', undefined, 'until is undefined'],
  ['seconds', TIME / 1000, `until is ${TIME / 1000}, which is in 1970.`],
  ['seconds, with the fix', TIME / 1000, `Did you mean ${TIME}?`],
])('anything else is refused: %s', (_, value, words) => {
  expect(configurationSentence(() => millisecondsOf('until', value))).toContain(words);
});
