import { describe, expect, it } from 'vitest';
import { type Json, signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();
const good = signed(userClaims());
const withHeader = (changes: Json): string => signed(userClaims(), changes);

describe('algorithm (RFC 8725 section 3.1)', () => {
  it.each([
    ['none', signed(userClaims(), {}, { by: 'none' })],
    ['None', signed(userClaims(), { alg: 'None' }, { by: 'none' })],
    ['HS256 with the public key as the secret', signed(userClaims(), {}, { by: 'HS256' })],
    ['PS256, which is not allowed by default', signed(userClaims(), {}, { by: 'PS256' })],
    ['rs256 in lower case', withHeader({ alg: 'rs256' })],
    ['RS384', withHeader({ alg: 'RS384' })],
    ['RS512', withHeader({ alg: 'RS512' })],
    ['ES256', withHeader({ alg: 'ES256' })],
    ['EdDSA', withHeader({ alg: 'EdDSA' })],
    ['no alg', withHeader({ alg: undefined })],
    ['a number', withHeader({ alg: 256 })],
    ['a list', withHeader({ alg: ['RS256'] })],
    ['null', withHeader({ alg: null })],
  ])('refuses %s', async (_, token) => {
    expect(await outcomeOf(validator, token)).toBe('algorithm_not_allowed');
  });

  it('takes RS256, with which Entra signs', async () => {
    expect(await outcomeOf(validator, good)).toBe('accepted');
  });

  it('takes PS256 only where it is allowed, and verifies it as PS256', async () => {
    const both = singleTenant({ algorithms: ['RS256', 'PS256'] });
    expect(await outcomeOf(both, signed(userClaims(), {}, { by: 'PS256' }))).toBe('accepted');
    expect(await outcomeOf(both, good)).toBe('accepted');
    expect(await outcomeOf(both, signed(userClaims(), { alg: 'PS256' }))).toBe('signature_invalid');
    expect(await outcomeOf(both, signed(userClaims(), { alg: 'RS256' }, { by: 'PS256' }))).toBe(
      'signature_invalid',
    );
  });

  it('refuses RS256 where only PS256 is allowed', async () => {
    expect(await outcomeOf(singleTenant({ algorithms: ['PS256'] }), good)).toBe('algorithm_not_allowed');
  });

  it.each([
    ['alg none', signed(userClaims(), {}, { by: 'none' }), /never issues/, /algorithms option/],
    ['alg HS256', signed(userClaims(), {}, { by: 'HS256' }), /never issues/, /algorithms option/],
    ['alg RS512', signed(userClaims(), { alg: 'RS512' }), /algorithms option/, /never issues/],
  ])('gives the hint that fits, and not another one: %s', async (_, token, says, saysNot) => {
    const { hint } = await refusalOf(validator, token);
    expect(hint).toMatch(says);
    expect(hint).not.toMatch(saysNot);
  });
});
