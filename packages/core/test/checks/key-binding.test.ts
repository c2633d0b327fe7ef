import { describe, expect, it } from 'vitest';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('key binding (RFC 7800 section 3)', () => {
  it.each([
    ['bound to a key', userClaims({ cnf: { kid: 'thumbprint' } }), 'key_bound_token'],
    ['bound to a certificate', userClaims({ cnf: { 'x5t#S256': 'thumbprint' } }), 'key_bound_token'],
    ['cnf null', userClaims({ cnf: null }), 'key_bound_token'],
    ['not bound: the nearest token', userClaims(), 'accepted'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(validator, signed(claims))).toBe(expected);
  });

  it.each([['a key-bound token', signed(userClaims({ cnf: {} })), 'proof-of-possession']])(
    'hints at the cause: %s',
    async (_, token, words) => {
      expect((await refusalOf(validator, token)).hint).toContain(words);
    },
  );
});
