import { describe, expect, it } from 'vitest';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('critical header parameters (RFC 7515 section 4.1.11)', () => {
  it.each([
    ['crit with an unknown name', { crit: ['exp'], exp: 1 }],
    ['crit with b64', { crit: ['b64'], b64: false }],
    ['an empty crit', { crit: [] }],
    ['crit null', { crit: null }],
  ])('refuses %s', async (_, changes) => {
    expect(await outcomeOf(validator, signed(userClaims(), changes))).toBe('token_malformed');
  });

  it.each([
    ['exp in the header, without crit', { exp: 1 }],
    ['a member that is not known', { future: { deep: [1] } }],
    ['a member called __proto__', JSON.parse('{"__proto__":{"alg":"none"}}') as Record<string, unknown>],
  ])('takes %s', async (_, changes) => {
    expect(await outcomeOf(validator, signed(userClaims(), changes))).toBe('accepted');
  });
});
