import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { canonicalDigest, canonicalJson, canonicalText } from '../../src/base/canonical-json.js';

const limits = { bytes: 16_384, depth: 32 };
const textOf = (value: unknown) => canonicalText(value, limits).text;
const problemOf = (value: unknown) => canonicalText(value, limits).problem;

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [null, 'null'],
    [true, 'true'],
    [-0, '0'],
    [1e21, '1e+21'],
    ['"\u2028é', '"\\"\u2028é"'],
    [[], '[]'],
    [[3, [1, 'a'], {}], '[3,[1,"a"],{}]'],
    [{ b: 1, a: { d: null, c: false } }, '{"a":{"c":false,"d":null},"b":1}'],
    // RFC 8785 section 3.2.3: by UTF-16 code units.
    [
      { '\ud83d\ude00': 1, '\ufb33': 2, '\u20ac': 3, '10': 4, '9': 5 },
      '{"10":4,"9":5,"€":3,"😀":1,"\ufb33":2}',
    ],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [JSON.parse('{"__proto__":{"admin":true}}'), '{"__proto__":{"admin":true}}'],
  ])('of %j is %s', (value, text) => {
    expect(textOf(value)).toBe(text);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
  });

  it('of an object of another realm is that of its members', () => {
    expect(textOf(runInContext('({ b: [1], a: {} })', createContext({})))).toBe('{"a":{},"b":[1]}');
  });

  it('does not depend on the order of the members, and does on every value', () => {
    const digest = (value: unknown) => canonicalDigest(value);
    expect(digest({ a: 1, b: [1, 2] })).toBe(digest({ b: [1, 2], a: 1 }));
    expect(digest({ a: 1 })).toBe('AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX-GI');
    for (const other of [{ a: '1' }, { a: 2 }, { A: 1 }, { a: 1, b: null }, [1]])
      expect(digest(other)).not.toBe(digest({ a: 1 }));
  });

  const cycle: { self?: object } = {};
  cycle.self = cycle;
  const deep = (levels: number) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = [value];
    return value;
  };
  const holed: unknown[] = [1, 2];
  delete holed[0];

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a member that is undefined', { a: undefined }],
    ['an entry that is undefined', [undefined]],
    ['a hole in an array', holed],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a member called by a symbol', { [Symbol('a')]: 1 }],
    ['a bigint', 1n],
    ['a number that is not finite', [Number.NaN]],
    ['infinity', Number.NEGATIVE_INFINITY],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', Buffer.from('a')],
    ['an object of a class', new (class Payment {})()],
    ['an array of a class', new (class extends Array {})()],
    ['a boxed string', Object('a')],
    ['a promise', Promise.resolve(1)],
    ['a getter', Object.defineProperty({}, 'a', { get: () => 1, enumerable: true })],
    ['a member that is not enumerable', Object.defineProperty({}, 'a', { value: 1 })],
    ['an array with a name of its own', Object.assign([1], { total: 2 })],
    ['a cycle', cycle],
    ['deep nesting', deep(33)],
    [
      'what throws when it is looked at',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('card 4111');
          },
        },
      ),
    ],
  ])('refuses %s, and does not show it', (_, value) => {
    expect(textOf(value)).toBeUndefined();
    expect(problemOf(value)).toMatch(/^[a-z ,]{5,60}$/);
  });

  it('takes what is nested 32 deep, and what is used twice', () => {
    expect(textOf(deep(32))).toHaveLength(65);
    const money = { amount: 1 };
    expect(textOf([money, money])).toBe('[{"amount":1},{"amount":1}]');
  });

  it('has no bound in bytes and one of 64 levels unless told', () => {
    expect(canonicalJson('x'.repeat(100_000))).toHaveLength(100_002);
    expect(canonicalJson(deep(64))).toBeDefined();
    expect(canonicalJson(deep(65))).toBeUndefined();
    expect(canonicalDigest(deep(65))).toBeUndefined();
  });

  it('is bounded in bytes, and stops there', () => {
    expect(textOf('é'.repeat(8191))).toHaveLength(8193);
    expect(problemOf('é'.repeat(8192))).toBe('too large');
    let looked = 0;
    const endless = new Proxy([], {
      get: (_, name) => (name === 'length' ? 1e9 : undefined),
      getOwnPropertyDescriptor: () => {
        looked++;
        return { value: 'x'.repeat(1000), enumerable: true, configurable: true };
      },
      getPrototypeOf: () => Array.prototype,
      ownKeys: () => ['length'],
    });
    expect(problemOf(endless)).toBeDefined();
    expect(looked).toBeLessThan(100);
    expect(problemOf({ ['k'.repeat(17_000)]: 1 })).toBe('too large');
  });

  it('reads nothing from Object.prototype', () => {
    const polluted = Object.prototype as { toJSON?: () => string };
    polluted.toJSON = () => 'forged';
    try {
      expect(textOf(Object.assign(Object.create(null), { a: ['b'] }))).toBe('{"a":["b"]}');
    } finally {
      delete polluted.toJSON;
    }
  });
});
