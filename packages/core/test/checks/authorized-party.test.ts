import { describe, expect, it } from 'vitest';
import { b2cClaims, b2cValidator } from '../../../../test/support/b2c.js';
import {
  appClaims,
  DAEMON,
  type Json,
  SPA,
  signed,
  userClaims,
  v1Claims,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('authorized party (azp, appid)', () => {
  const idToken: Json = {
    ...userClaims({ nonce: 'n-0S6', azp: undefined, azpacr: undefined, scp: undefined }),
    name: 'Ada',
  };

  it.each([
    ['a delegated token', userClaims(), 'accepted'],
    ['an app-only token', appClaims(), 'accepted'],
    ['a v1 delegated token', v1Claims(), 'accepted'],
    ['an ID token of the same app', idToken, 'not_an_access_token'],
    ['an ID token with roles', { ...idToken, roles: ['Orders.Admin'] }, 'not_an_access_token'],
    ['no authorized party', userClaims({ azp: undefined }), 'not_an_access_token'],
    ['an empty authorized party', userClaims({ azp: '' }), 'not_an_access_token'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(validator, signed(claims))).toBe(expected);
  });

  it.each([
    ['a token of a user flow', b2cClaims(), 'accepted'],
    ['an ID token', b2cClaims({ azp: undefined, scp: undefined }), 'not_an_access_token'],
  ])('Azure AD B2C: %s', async (_, claims, expected) => {
    expect(await outcomeOf(b2cValidator(), signed(claims))).toBe(expected);
  });

  it('the client of a v1 token is its appid, of a v2 token its azp', async () => {
    const both = { azp: SPA, appid: DAEMON };
    expect((await validator.validate(signed(userClaims(both)))).clientId).toBe(SPA);
    expect((await validator.validate(signed(v1Claims(both)))).clientId).toBe(DAEMON);
  });

  it.each([['an ID token', signed({ ...userClaims({ azp: undefined }), nonce: 'x' }), 'ID token']])(
    'hints at the cause: %s',
    async (_, token, words) => {
      expect((await refusalOf(validator, token)).hint).toContain(words);
    },
  );
});
