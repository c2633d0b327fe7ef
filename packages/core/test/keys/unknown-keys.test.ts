import { describe, expect, it } from 'vitest';
import {
  Answer,
  documents,
  LOGIN,
  NOW,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;

describe('unknown keys', () => {
  it('a token that looks like an ID token is named so in the hint', async () => {
    const error = await refusalOf(singleTenant(), signed(userClaims({ nonce: 'n' }), {}, { key: STRANGER }));
    expect(error).toMatchObject({ code: 'signing_key_not_found' });
    expect(error.hint).toContain('looks like an ID token');
  });

  it('a token older than the keys is refused even where they run out while it waits', async () => {
    let now = NOW;
    const docs = documents(tenantPages());
    const validator = singleTenant({ now: () => now }, docs);
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    docs.pages.set(
      KEYS,
      new Answer(() => {
        now += 90_000_000;
        return new Response('', { status: 503 });
      }),
    );
    const iat = NOW / 1000 - 3600;
    const old = signed(userClaims({ iat: Math.floor(iat), nbf: undefined }), {}, { key: STRANGER });
    expect(await outcomeOf(validator, old)).toBe('signing_key_not_found');
  });
});
