import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { errorLike, thrownLine } from '../../src/base/thrown.js';

const hostile = {
  get message(): string {
    throw new Error('not for you');
  },
};

it.each<[string, unknown, string]>([
  ['an error', new TypeError('no'), 'TypeError: no'],
  ['an error of another realm', runInNewContext("new RangeError('far')"), 'RangeError: far'],
  ['what has a message', { message: 'plain' }, 'plain'],
  ['text', 'oops', 'oops'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object', {}, 'an object'],
  ['an object whose message throws', hostile, 'an object'],
  ['an error that forges a line', new Error('a\r\nb'), 'Error: a\\u000d\\u000ab'],
])('what was thrown is written in one line: %s', (_, thrown, line) => {
  expect(thrownLine(thrown)).toBe(line);
});

it('an error is known by its message, whatever its class', () => {
  expect(errorLike(new Error('a', { cause: 'b' }))).toEqual({ name: 'Error', message: 'a', cause: 'b' });
  expect(errorLike({ message: 5 })).toBeUndefined();
});
