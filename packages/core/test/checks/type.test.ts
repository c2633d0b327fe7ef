import { describe, expect, it } from 'vitest';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('type of a token (RFC 7515 section 4.1.9, RFC 9068 section 2.1)', () => {
  it.each([
    ['no typ', { typ: undefined }],
    ['typ dpop+jwt', { typ: 'dpop+jwt' }],
    ['typ logout+jwt', { typ: 'logout+jwt' }],
    ['typ pop', { typ: 'pop' }],
    ['typ as a list', { typ: ['JWT'] }],
    ['an empty typ', { typ: '' }],
  ])('refuses %s', async (_, changes) => {
    expect(await outcomeOf(validator, signed(userClaims(), changes))).toBe('token_malformed');
  });

  it.each([
    ['typ JWT', { typ: 'JWT' }],
    ['typ jwt', { typ: 'jwt' }],
    ['typ at+jwt (RFC 9068)', { typ: 'at+jwt' }],
    ['typ application/at+jwt (RFC 9068)', { typ: 'application/at+jwt' }],
  ])('takes %s', async (_, changes) => {
    expect(await outcomeOf(validator, signed(userClaims(), changes))).toBe('accepted');
  });
});
