import { describe, expect, it } from 'vitest';
import { B2C_STRONG_ISSUER, b2cClaims, b2cMetadata, b2cValidator } from '../../../../test/support/b2c.js';
import { STRANGER, signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

describe('policy of Azure AD B2C', () => {
  it.each([
    ['a user flow', b2cClaims(), 'accepted'],
    ['the policy in capitals', b2cClaims({ tfp: 'B2C_1_SIGNIN' }), 'accepted'],
    [
      'the policy in acr, as old tokens have it',
      b2cClaims({ tfp: undefined, acr: 'b2c_1_signin' }),
      'accepted',
    ],
    ['another policy of the same tenant', b2cClaims({ tfp: 'B2C_1_profile' }), 'policy_not_accepted'],
    [
      'another policy in tfp, ours in acr',
      b2cClaims({ tfp: 'B2C_1_profile', acr: 'B2C_1_signin' }),
      'policy_not_accepted',
    ],
    ['no policy', b2cClaims({ tfp: undefined }), 'policy_not_accepted'],
  ])('%s', async (_, payload, expected) => {
    expect(await outcomeOf(b2cValidator(), signed(payload))).toBe(expected);
  });

  it('each accepted policy has its own metadata, issuer and keys', async () => {
    const both = b2cValidator({ policies: ['B2C_1_signin', 'B2C_1A_strong'] });
    const strong = b2cClaims({ iss: B2C_STRONG_ISSUER, tfp: 'B2C_1A_strong' });
    expect(await outcomeOf(both, signed(b2cClaims()))).toBe('accepted');
    expect(await outcomeOf(both, signed(strong, {}, { key: STRANGER }))).toBe('accepted');
    expect(await outcomeOf(both, signed(b2cClaims(), { kid: STRANGER.kid }, { key: STRANGER }))).toBe(
      'signing_key_not_found',
    );
    expect(await outcomeOf(both, signed({ ...strong, tfp: 'B2C_1_signin' }))).toBe('issuer_not_accepted');
  });

  it('a policy whose metadata is unavailable is undecided (503)', async () => {
    const policies = ['B2C_1_signin', 'B2C_1_gone'];
    const token = signed(b2cClaims({ tfp: 'B2C_1_gone' }));
    expect(await outcomeOf(b2cValidator({ policies }), token)).toBe('keys_unavailable');
  });

  it('takes the whole metadata URL with its query', async () => {
    const validator = b2cValidator({ authority: b2cMetadata() });
    expect(await outcomeOf(validator, signed(b2cClaims()))).toBe('accepted');
  });

  it('is not asked for outside Azure AD B2C', async () => {
    expect(await outcomeOf(singleTenant(), signed(userClaims({ tfp: 'B2C_1_profile' })))).toBe('accepted');
  });
});
