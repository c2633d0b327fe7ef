import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type KeyRing, type KeyRingEntry, keyRing, openCaller, sealCaller } from '../../src/index.js';
import { user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const secret = randomBytes(32);
const ada = user();
const opens = (one: KeyRing, other: KeyRing) =>
  openCaller(sealCaller(ada, one, { validFor: '1m' }), other).subjectKey === ada.subjectKey;

describe('a key ring takes a secret', () => {
  const bytes = keyRing([{ id: 'k1', secret }]);

  it.each<[string, string | Uint8Array]>([
    ['as a Buffer', secret],
    ['as a Uint8Array', new Uint8Array(secret)],
    ['as part of a larger buffer', new Uint8Array([1, 2, ...secret, 3]).subarray(2, 34)],
    ['in base64', secret.toString('base64')],
    ['in base64 without padding', secret.toString('base64').replace(/=+$/, '')],
    ['in base64url', secret.toString('base64url')],
  ])('%s', (_, given) => {
    const ring = keyRing([{ id: 'k1', secret: given }]);
    expect([opens(bytes, ring), opens(ring, bytes)]).toEqual([true, true]);
  });

  it('of more bytes, too', () => {
    const ring = keyRing([{ id: 'k1', secret: randomBytes(64).toString('base64') }]);
    expect(opens(ring, ring)).toBe(true);
  });

  it('as it was: what changes afterwards is not its own', () => {
    const own = Buffer.from(secret);
    const entry = { id: 'k1', secret: own };
    const entries = [entry];
    const ring = keyRing(entries);
    own.fill(0);
    entry.id = 'k2';
    entries.pop();
    expect(ring.ids).toEqual(['k1']);
    expect(opens(bytes, ring)).toBe(true);
  });
});

describe('a key ring', () => {
  const ring = keyRing([
    { id: '2026-11', secret },
    { id: 'Old_1.b', secret: randomBytes(32) },
  ]);

  it('names its keys, the one that seals first, and can’t be changed', () => {
    expect(ring.ids).toEqual(['2026-11', 'Old_1.b']);
    expect(sealCaller(ada, ring, { validFor: 60 })).toMatch(/^entra-guard-caller\.v1\.2026-11\./);
    expect(() => Object.assign(ring, { ids: [] })).toThrow(TypeError);
    expect(() => (ring.ids as string[]).push('k3')).toThrow(TypeError);
  });

  it('does not tell its secrets', () => {
    const told = [
      inspect(ring, { depth: 9, showHidden: true }),
      JSON.stringify(ring),
      String(ring),
      inspect({ ...ring }),
    ];
    for (const text of told) {
      for (const form of ['base64', 'base64url', 'hex'] as const) {
        expect(text).not.toContain(secret.toString(form).replace(/=+$/, ''));
      }
    }
    expect(JSON.stringify(ring)).toBe('{"ids":["2026-11","Old_1.b"]}');
  });

  it.each<[string, unknown]>([
    ['a spread', { ...ring }],
    ['what inherits from one', Object.create(ring)],
    ['JSON', JSON.parse(JSON.stringify(ring))],
    ['the list of keys', [{ id: 'k1', secret }]],
    ['a secret', secret.toString('base64')],
    ['nothing', undefined],
    ['null', null],
  ])('is none where %s stands', (_, instead) => {
    const sealed = configurationSentence(() => sealCaller(ada, instead as KeyRing, { validFor: 60 }));
    expect(sealed).toMatch(/^sealCaller\(\.\.\.\) was given .* instead of a key ring\. Pass what keyRing/);
    const opened = configurationSentence(() => openCaller('', instead as KeyRing));
    expect(opened).toMatch(/^openCaller\(\.\.\.\) was given .* instead of a key ring\./);
    expect(sealed).not.toContain(secret.toString('base64'));
  });
});

describe('a key ring is not made of', () => {
  const good = secret.toString('base64');
  const one = (entry: unknown) => [entry as KeyRingEntry];

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /was given undefined\. Pass a list/],
    ['one key', { id: 'k1', secret: good }, /was given an object\. Pass a list/],
    ['a secret', good, /was given a string\. Pass a list/],
    ['no keys', [], /was given no keys/],
    ['secrets alone', one(good), /was given a string for a key\. Give each key a name/],
    ['null', one(null), /was given null for a key/],
    ['a number', one(4711), /was given a number for a key/],
    ['a key of three members', one({ id: 'k1', secret: good, kid: 'k1' }), /no member of a key called 'kid'/],
    ['a key without an id', one({ secret: good }), /an id that is undefined/],
    ['an empty id', one({ id: '', secret: good }), /an id that is text of 0 characters/],
    ['an id with a blank', one({ id: 'k 1', secret: good }), /an id that is text of 3 characters/],
    ['an id of 65 characters', one({ id: 'k'.repeat(65), secret: good }), /text of 65 characters/],
    ['the secret for an id', one({ id: `${good}=`, secret: 'k1' }), /text of 45 characters/],
    ['a number for an id', one({ id: 4711, secret: good }), /an id that is a number/],
    ['a list for an id', one({ id: ['k1'], secret: good }), /an id that is a list/],
    [
      'a key without a secret',
      one({ id: 'k1' }),
      /the secret of the key 'k1' is undefined\. Is an environment/,
    ],
    ['an empty secret', one({ id: 'k1', secret: '' }), /the secret of the key 'k1' is empty/],
    ['a number for a secret', one({ id: 'k1', secret: 4711 }), /the secret of the key 'k1' is a number/],
    ['bytes of 16', one({ id: 'k1', secret: secret.subarray(16) }), /has 16 bytes, and at least 32/],
    ['base64 of 31 bytes', one({ id: 'k1', secret: randomBytes(31).toString('base64') }), /has 31 bytes/],
    [
      'a password',
      one({ id: 'k1', secret: 'correct horse battery staple, and more' }),
      /text of 38 .* not base64/,
    ],
    [
      'base64 with a line break',
      one({ id: 'k1', secret: `${good}\n` }),
      /text of 45 characters that is not base64/,
    ],
    [
      'one id twice',
      [
        { id: 'k1', secret: good },
        { id: 'k1', secret: randomBytes(32) },
      ],
      /two keys called 'k1'/,
    ],
  ])('%s', (_, keys, words) => {
    const sentence = configurationSentence(() => keyRing(keys as KeyRingEntry[]));
    expect(sentence).toMatch(words);
    for (const part of [good.slice(0, 12), '4711', 'correct horse']) expect(sentence).not.toContain(part);
  });

  it('what is on the prototype of all objects', () => {
    Object.defineProperty(Object.prototype, 'secret', { value: good, configurable: true });
    try {
      expect(configurationSentence(() => keyRing([{ id: 'k1' } as KeyRingEntry]))).toMatch(/is undefined/);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'secret');
    }
  });
});
