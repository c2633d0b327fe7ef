import { describe, expect, it } from 'vitest';
import { parseJsonObject } from '../../src/token/json-object.js';
import { KnownHeaders } from '../../src/token/known-headers.js';

describe('headers of verified tokens', () => {
  it('are known by their exact text', () => {
    const headers = new KnownHeaders();
    const header = { alg: 'RS256' };
    headers.keep('eyJhbGciOiJSUzI1NiJ9', header);
    headers.keep('eyJhbGciOiJSUzI1NiJ9', { alg: 'RS256' });
    expect(headers.find('eyJhbGciOiJSUzI1NiJ9')).toBe(header);
    expect(headers.find('eyJhbGciOiJSUzI1NiJ8')).toBeUndefined();
  });

  it('are at most a thousand: memory is bounded', () => {
    const headers = new KnownHeaders();
    for (let index = 0; index < 1000; index++) headers.keep(`header-${index}`, {});
    expect(headers.find('header-0')).toBeDefined();
    headers.keep('header-1000', {});
    expect(headers.find('header-0')).toBeUndefined();
    expect(headers.find('header-1000')).toBeDefined();
  });
});

it.each([
  ['an object', Buffer.from('{"a":1}'), { a: 1 }],
  ['a list', Buffer.from('[1]'), undefined],
  ['text that is no JSON', Buffer.from('{'), undefined],
  ['a byte order mark', Buffer.from('\ufeff{}'), undefined],
  ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), undefined],
])('bytes of a document: %s', (_, bytes, value) => {
  const parsed = parseJsonObject(bytes);
  expect(parsed === undefined ? undefined : { ...parsed }).toEqual(value);
});
