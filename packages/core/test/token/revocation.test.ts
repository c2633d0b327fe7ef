import { describe, expect, it } from 'vitest';
import {
  appClaims,
  documents,
  KEY,
  STRANGER,
  signed,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

describe('revocation', () => {
  const docs = documents(tenantPages());
  const thenable = (value: unknown) => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library.
    then: (resolve: (value: unknown) => void) => resolve(value),
  });
  const asking = (isRevoked: () => unknown) => singleTenant({ isRevoked: isRevoked as () => boolean }, docs);

  it.each([
    ['false goes on', () => false, 'accepted'],
    ['a promise of false goes on', async () => false, 'accepted'],
    ['true refuses', () => true, 'token_revoked'],
    ['a thenable of true refuses', () => thenable(true), 'token_revoked'],
    ['a thenable of false goes on', () => thenable(false), 'accepted'],
    ['nothing decides nothing (503)', () => undefined, 'hook_failed'],
    ['null decides nothing', () => null, 'hook_failed'],
    ['0 decides nothing', () => 0, 'hook_failed'],
    ['an empty string decides nothing', () => '', 'hook_failed'],
    ['a string decides nothing', () => 'false', 'hook_failed'],
    ['an object decides nothing', async () => ({ revoked: false }), 'hook_failed'],
    ['a thenable of nothing decides nothing', () => thenable(undefined), 'hook_failed'],
    [
      'a throw decides nothing (503)',
      () => {
        throw new Error('redis down');
      },
      'hook_failed',
    ],
  ])('%s', async (_, isRevoked, expected) => {
    expect(await outcomeOf(asking(isRevoked), signed(userClaims()))).toBe(expected);
  });

  it('is asked each time, after the signature, and told who calls', async () => {
    const seen: string[] = [];
    const validator = singleTenant({ isRevoked: (auth) => seen.push(auth.tokenId ?? '') < 0 }, docs);
    await outcomeOf(validator, signed(userClaims(), { kid: KEY.kid }, { key: STRANGER }));
    expect(seen).toEqual([]);
    await outcomeOf(validator, signed(userClaims()));
    await outcomeOf(validator, signed(appClaims()));
    await outcomeOf(validator, signed(userClaims()));
    expect(seen).toHaveLength(3);
  });
});
