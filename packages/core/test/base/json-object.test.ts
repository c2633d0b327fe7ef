import { expect, it } from 'vitest';
import { parseJsonObject } from '../../src/base/json-object.js';

it.each([
  ['an object', Buffer.from('{"a":1}'), { a: 1 }],
  ['a list', Buffer.from('[1]'), undefined],
  ['text that is not JSON', Buffer.from('{'), undefined],
  ['a byte order mark', Buffer.from('\ufeff{}'), undefined],
  ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), undefined],
])('bytes of a document: %s', (_, bytes, value) => {
  const parsed = parseJsonObject(bytes);
  expect(parsed === undefined ? undefined : { ...parsed }).toEqual(value);
});
