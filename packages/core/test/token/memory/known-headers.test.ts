import { describe, expect, it } from 'vitest';
import { parseJsonObject } from '../../../src/base/json-object.js';
import { KnownHeaders } from '../../../src/token/memory/known-headers.js';

describe('headers of verified tokens', () => {
  const found = (headers: KnownHeaders, headerPart: string) =>
    headers.find(`${headerPart}.payload.signature`, headerPart.length);

  it('are known by their exact text', () => {
    const headers = new KnownHeaders();
    const header = { alg: 'RS256' };
    headers.keep('eyJhbGciOiJSUzI1NiJ9', header);
    headers.keep('eyJhbGciOiJSUzI1NiJ9', { alg: 'RS256' });
    expect(found(headers, 'eyJhbGciOiJSUzI1NiJ9')).toBe(header);
    for (const other of ['eyJhbGciOiJSUzI1NiJ8', 'eyJhbGciOiJSUzI1NiJ', 'eyJhbGciOiJSUzI1NiJ9A', '']) {
      expect(found(headers, other)).toBeUndefined();
    }
    expect(found(headers, 'eyJhbGciOiJSUzI1NiJ9')).toBe(header);
  });

  it('of several keys are told from each other, in whatever order they come', () => {
    const headers = new KnownHeaders();
    const [one, two] = [{ kid: 'one' }, { kid: 'two' }];
    headers.keep('header-one', one);
    headers.keep('header-two', two);
    for (const [headerPart, header] of [
      ['header-one', one],
      ['header-two', two],
      ['header-one', one],
    ] as const) {
      expect(found(headers, headerPart)).toBe(header);
    }
  });

  it('are at most a thousand: memory is bounded', () => {
    const headers = new KnownHeaders();
    for (let index = 0; index < 1000; index++) headers.keep(`header-${index}`, {});
    expect(found(headers, 'header-0')).toBeDefined();
    headers.keep('header-1000', {});
    expect(found(headers, 'header-0')).toBeUndefined();
    expect(found(headers, 'header-1000')).toBeDefined();
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
