import { describe, expect, it } from 'vitest';
import { documents, KEY, signed, TENANT, tenantPages, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('key ID (RFC 7515 section 4.1.4)', () => {
  it.each([
    ['no kid', { kid: undefined }],
    ['an empty kid', { kid: '' }],
    ['a kid that is a number', { kid: 1 }],
    ['a kid that is a list', { kid: [KEY.kid] }],
    ['a kid of 257 characters', { kid: 'k'.repeat(257) }],
  ])('refuses %s', async (_, changes) => {
    expect(await outcomeOf(validator, signed(userClaims(), changes))).toBe('token_malformed');
  });

  it.each([
    ['the ID of a published key', { kid: KEY.kid }],
    ['x5t, as v1 tokens have it', { x5t: KEY.kid }],
  ])('takes %s', async (_, changes) => {
    expect(await outcomeOf(validator, signed(userClaims(), changes))).toBe('accepted');
  });

  it('takes the ID of a published key that has 256 characters', async () => {
    const long = { ...KEY.jwk, kid: 'k'.repeat(256) };
    const docs = documents(tenantPages(TENANT, [{ ...KEY, jwk: long }]));
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims(), { kid: long.kid }))).toBe('accepted');
  });

  it('looks for a key whose ID has 256 characters', async () => {
    const token = signed(userClaims(), { kid: 'k'.repeat(256) });
    expect(await outcomeOf(singleTenant(), token)).toBe('signing_key_not_found');
  });
});
