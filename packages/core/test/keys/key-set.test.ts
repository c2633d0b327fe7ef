import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { parseKeySet } from '../../src/keys/key-set.js';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const createPublicKey = (input: { key: { n: string } }): unknown => {
    // Node.js 20 makes a key of any text; other releases throw.
    if (input.key.n === 'broken') throw new TypeError('Invalid JWK data');
    return crypto.createPublicKey(input as never);
  };
  return { ...crypto, default: crypto, createPublicKey };
});

it('a key that this Node.js can not read is passed over, and so the authority is not down for the others', () => {
  const good = { kty: 'RSA', kid: 'good', e: 'AQAB', n: 'x'.repeat(342) };
  const { kids, skipped } = parseKeySet({ keys: [{ ...good, kid: 'bad', n: 'broken' }, good] });
  expect(kids).toEqual(['good']);
  expect(skipped).toEqual(['key 1: modulus or exponent that make no key']);
});

const rsa = (modulusLength: number, publicExponent = 65_537): Record<string, unknown> => ({
  ...generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' }),
  kid: 'good',
});
const good = rsa(2048);
/** Why a key is passed over, next to one that is good; `undefined` where it is not. */
function complaint(jwk: unknown): string | undefined {
  return parseKeySet({ keys: [jwk, { ...good, kid: 'other' }] }).skipped[0];
}

describe('a key is passed over, with the reason', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a good one', good, undefined],
    ['for PS256', { ...good, alg: 'PS256' }, undefined],
    ['for verifying among other things', { ...good, key_ops: ['encrypt', 'verify'] }, undefined],
    ['one that names its issuer', { ...good, issuer: 'https://login.microsoftonline.com/x/v2.0' }, undefined],
    ['null', null, 'key 1: not an object'],
    ['a list', [good], 'key 1: not an object'],
    ['no type', { ...good, kty: undefined }, 'key 1: type undefined instead of RSA'],
    [
      'a type that goes on and on',
      { ...good, kty: 'x'.repeat(100) },
      `key 1: type ${'x'.repeat(20)} instead of RSA`,
    ],
    ['an empty ID', { ...good, kid: '' }, 'key 1: no kid'],
    ['an ID that is a number', { ...good, kid: 1 }, 'key 1: no kid'],
    ['for encryption', { ...good, use: 'enc' }, 'key 1: not for signatures (use)'],
    ['operations in a string', { ...good, key_ops: 'verify' }, 'key 1: not for verifying (key_ops)'],
    ['for another algorithm', { ...good, alg: 'RS384' }, 'key 1: for algorithm RS384'],
    ['an algorithm that goes on', { ...good, alg: 'x'.repeat(99) }, `key 1: for algorithm ${'x'.repeat(20)}`],
    ['an issuer that is a list', { ...good, issuer: [] }, 'key 1: an issuer that is not a string'],
    ['a modulus that is a number', { ...good, n: 5 }, 'key 1: no modulus or exponent'],
    ['an exponent that is a number', { ...good, e: 3 }, 'key 1: no modulus or exponent'],
    ['a long modulus', { ...good, n: 'A'.repeat(2732) }, 'key 1: a modulus or exponent that is too long'],
    ['a long exponent', { ...good, e: 'A'.repeat(12) }, 'key 1: a modulus or exponent that is too long'],
    ['an exponent of 0', { ...good, e: 'AA' }, 'key 1: an exponent that is not odd and at least 3'],
    ['an exponent of 1', { ...good, e: 'AQ' }, 'key 1: an exponent that is not odd and at least 3'],
    ['an exponent of 4', { ...good, e: 'BA' }, 'key 1: an exponent that is not odd and at least 3'],
    ['an exponent of 3', { ...good, e: 'Aw' }, undefined],
    ['an exponent of 64 bits', { ...good, e: 'gAAAAAAAAAE' }, undefined],
    ['a modulus of 1024 bits', rsa(1024), 'key 1: 1024 bits instead of at least 2048'],
    ['a modulus of 16,384 bits', { ...good, n: 'x'.repeat(2731) }, undefined],
  ])('%s', (_, jwk, reason) => {
    expect(complaint(jwk)).toBe(reason);
  });
});

describe('a set', () => {
  it('of a thousand keys is read, one of more is not', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => ({ ...good, kid: `key-${index}` }));
    expect(parseKeySet({ keys }).kids).toHaveLength(1000);
    expect(() => parseKeySet({ keys: [...keys, good] })).toThrow(
      'the key set holds 1001 keys, more than 1000',
    );
  });

  it.each([[{}], [{ keys: null }], [{ keys: {} }]])('is a list: %j', (json) => {
    expect(() => parseKeySet(json)).toThrow('the key set has no list of keys');
  });

  it('without a usable key is none, and says why', () => {
    expect(() => parseKeySet({ keys: [] })).toThrow('the key set holds no usable key (it is empty)');
    expect(() => parseKeySet({ keys: [null, { ...good, kid: '' }] })).toThrow(
      'the key set holds no usable key (key 1: not an object; key 2: no kid)',
    );
  });

  it('may hold several keys of one ID', () => {
    const another = { ...good, n: 'x'.repeat(342) };
    const set = parseKeySet({ keys: [good, another, { ...good, kid: 'other' }] });
    expect(set.kids).toEqual(['good', 'other']);
    expect(set.find('good')).toHaveLength(2);
    expect(set.find('toString')).toEqual([]);
  });
});

it('keys that many tenants publish are made once, and not kept for ever', () => {
  const { n, e } = good;
  const first = parseKeySet({ keys: [good] }).keys[0]?.key;
  expect(parseKeySet({ keys: [{ kty: 'RSA', kid: 'another', n, e }] }).keys[0]?.key).toBe(first);
  const others = Array.from({ length: 300 }, (_, index) => {
    const modulus = randomBytes(256);
    modulus[0] = 0xff;
    modulus[255] = 0x01;
    return { kty: 'RSA', kid: `other-${index}`, e, n: modulus.toString('base64url') };
  });
  expect(parseKeySet({ keys: others }).keys).toHaveLength(300);
  expect(parseKeySet({ keys: [good] }).keys[0]?.key).not.toBe(first);
});
