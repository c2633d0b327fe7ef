import { TokenError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  DAEMON,
  documents,
  KEY,
  NOW,
  OTHER_TENANT,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  tokenOf,
  userClaims,
} from '../../../../test/support/forger.js';
import { acceptingTenants, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

describe('what callers may learn where several tenants are accepted', () => {
  const docs = documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) });
  const validator = acceptingTenants([TENANT, OTHER_TENANT], docs);

  it.each([
    ['an unknown tenant', tokenOf('cccccccc-0000-0000-0000-000000000000')],
    ['a known tenant, a forged signature', signed(userClaims(), { kid: KEY.kid }, { key: STRANGER })],
    ['a known tenant, another audience', tokenOf(TENANT, { aud: DAEMON })],
    ['an expired token', tokenOf(TENANT, { exp: NOW / 1000 - 600, iat: undefined, nbf: undefined })],
  ])('refusals before the signature all look alike: %s', async (_, token) => {
    const error = await refusalOf(validator, token);
    expect(TokenError.is(error) && error.concealed && !error.verified).toBe(true);
  });

  it('with one tenant the refusal says what is wrong', async () => {
    const error = await refusalOf(singleTenant(), tokenOf(OTHER_TENANT));
    expect(TokenError.is(error) && error.concealed).toBe(false);
  });
});
