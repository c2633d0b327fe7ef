import { describe, expect, it } from 'vitest';
import {
  CONSUMERS,
  type Documents,
  documents,
  KEY,
  LOGIN,
  OTHER_TENANT,
  STRANGER,
  sharedPages,
  signed,
  TENANT,
  tenantPages,
  tokenOf,
  userClaims,
  v1Claims,
  v1Issuer,
  v1TokenOf,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { acceptingTenants, outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

describe('keys that name an issuer (SECURITY.md 3)', () => {
  const withIssuer = (issuer: string | undefined): Documents => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [{ ...KEY.jwk, issuer }] });
    return docs;
  };

  it.each([
    ['the template', `${LOGIN}/{tenantid}/v2.0`, 'accepted'],
    ['the template in other letters', `${LOGIN}/{TenantId}/v2.0`, 'accepted'],
    ['this very issuer', v2Issuer(TENANT), 'accepted'],
    ['no issuer, in metadata of this tenant alone', undefined, 'accepted'],
    ['another tenant', v2Issuer(OTHER_TENANT), 'signing_key_not_found'],
    ['the consumer tenant', v2Issuer(CONSUMERS), 'signing_key_not_found'],
    ['another host', `https://evil.example/{tenantid}/v2.0`, 'signing_key_not_found'],
    ['the v1 issuer for a v2 token', 'https://sts.windows.net/{tenantid}/', 'signing_key_not_found'],
    ['an empty text', '', 'signing_key_not_found'],
  ])('a v2 token by a key that names %s', async (_, issuer, expected) => {
    expect(await outcomeOf(singleTenant({}, withIssuer(issuer)), signed(userClaims()))).toBe(expected);
  });

  it.each([
    ['the v2 issuer of the same tenant', `${LOGIN}/{tenantid}/v2.0`, 'accepted'],
    ['the v1 issuer itself', v1Issuer(TENANT), 'accepted'],
    ['the v2 issuer of another tenant', v2Issuer(OTHER_TENANT), 'signing_key_not_found'],
  ])('a v1 token by a key that names %s', async (_, issuer, expected) => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/common/discovery/keys`, { keys: [{ ...KEY.jwk, issuer }] });
    expect(await outcomeOf(singleTenant({}, docs), signed(v1Claims()))).toBe(expected);
  });

  it.each([
    ['holds another key of that ID', [{ ...STRANGER.jwk, kid: KEY.kid, issuer: `${LOGIN}/{tenantid}/v2.0` }]],
    ['holds the key for another tenant', [{ ...KEY.jwk, issuer: v2Issuer(CONSUMERS) }]],
    ['holds the key without an issuer', [KEY.jwk]],
    ['does not hold the key', [STRANGER.jwk]],
  ])('a v1 token by a shared key is refused when the v2 set %s', async (_, keys) => {
    const docs = documents(sharedPages());
    docs.pages.set(`${LOGIN}/organizations/discovery/v2.0/keys`, { keys });
    docs.pages.set(`${LOGIN}/common/discovery/v2.0/keys`, { keys });
    expect(await outcomeOf(acceptingTenants('any-organization', docs), v1TokenOf(TENANT))).toBe(
      'signing_key_not_found',
    );
  });

  it('a shared v2 key without an issuer is refused', async () => {
    const docs = documents(sharedPages());
    docs.pages.set(`${LOGIN}/organizations/discovery/v2.0/keys`, { keys: [KEY.jwk] });
    expect(await outcomeOf(acceptingTenants('any-organization', docs), tokenOf(TENANT))).toBe(
      'signing_key_not_found',
    );
  });

  it('of two keys of one ID the one that serves the issuer is used', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, {
      keys: [
        { ...STRANGER.jwk, kid: KEY.kid, issuer: v2Issuer(CONSUMERS) },
        { ...KEY.jwk, issuer: v2Issuer(TENANT) },
      ],
    });
    expect(await outcomeOf(singleTenant({}, docs), signed(userClaims()))).toBe('accepted');
    expect(
      await outcomeOf(singleTenant({}, docs), signed(userClaims(), { kid: KEY.kid }, { key: STRANGER })),
    ).toBe('signature_invalid');
  });
});
