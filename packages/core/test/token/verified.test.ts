import { expect, it } from 'vitest';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

it('a refusal after the signature says so, one before it does not', async () => {
  const revoking = singleTenant({ isRevoked: () => true });
  expect(await refusalOf(revoking, signed(userClaims()))).toMatchObject({
    code: 'token_revoked',
    verified: true,
  });
  expect(
    await refusalOf(validator, signed(userClaims({ exp: 1, iat: undefined, nbf: undefined }))),
  ).toMatchObject({ verified: false });
});
