import { describe, expect, it } from 'vitest';
import { rangeReply, readReply, scanReply, textReply } from '../../src/client/replies.js';

const entries = [['5-1', ['entry', 'text', 'until', '7']]];
const read = [
  {
    id: '5-1',
    fields: new Map([
      ['entry', 'text'],
      ['until', '7'],
    ]),
  },
];

describe('XREAD', () => {
  it.each<[string, unknown]>([
    ['RESP2', [['log', entries]]],
    ['RESP3 as an object', Object.assign(Object.create(null), { log: entries })],
    ['RESP3 as a Map', new Map([['log', entries]])],
    ['RESP3 in the form of ioredis 6', ['log', entries]],
    [
      'bytes',
      [
        [
          Buffer.from('log'),
          [[Buffer.from('5-1'), ['entry', 'text', 'until', '7'].map((one) => Buffer.from(one))]],
        ],
      ],
    ],
    ['fields as a map', [['log', [['5-1', { entry: 'text', until: '7' }]]]]],
  ])('is read from a reply in %s', (_, reply) => {
    expect(readReply(reply)).toEqual(read);
  });

  it.each([[null], [undefined], [[]], [{}]])('is empty for %o', (reply) => {
    expect(readReply(reply)).toEqual([]);
  });

  it.each([
    ['OK'],
    [7],
    [[['log', 'entries']]],
    [[['log', [['5-1']]]]],
    [['log', entries, 'other', entries]],
  ])('is refused for %o', (reply) => {
    expect(() => readReply(reply)).toThrow('The reply to XREAD has an unknown form');
  });
});

describe('XRANGE', () => {
  it('gives entries, and none of the fields of a deleted one', () => {
    expect(rangeReply(entries)).toEqual(read);
    expect(rangeReply([['5-1', null]])).toEqual([{ id: '5-1', fields: new Map() }]);
  });

  it.each([[null], ['OK'], [[['5-1', ['a'], 'more']]]])('is refused for %o', (reply) => {
    expect(() => rangeReply(reply)).toThrow('The reply to XRANGE has an unknown form');
  });
});

describe('ZSCAN', () => {
  it('gives members, scores and the cursor', () => {
    expect(scanReply(['12', ['a', '1790000000000', 'b', 'inf', 'c', 3.5]])).toEqual({
      cursor: '12',
      members: [
        { member: 'a', score: 1_790_000_000_000 },
        { member: 'b', score: Number.POSITIVE_INFINITY },
        { member: 'c', score: 3.5 },
      ],
    });
  });

  it.each([
    [null],
    [['0']],
    [['0', ['a']]],
    [['0', ['a', 'soon']]],
    [['0', ['a', '']]],
    [['0', [null, '1']]],
  ])('is refused for %o', (reply) => {
    expect(() => scanReply(reply)).toThrow('The reply to ZSCAN has an unknown form');
  });
});

describe('GET', () => {
  it('gives text, also where the client gives bytes, and undefined for a missing key', () => {
    expect([textReply('a'), textReply(Buffer.from('a')), textReply(null)]).toEqual(['a', 'a', undefined]);
  });
});
