import { expect, it, vi } from 'vitest';
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
