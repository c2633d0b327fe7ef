import { createValidator, type Validator, type ValidatorOptions } from '@entra-guard/core';
import { expect, it } from 'vitest';
import {
  API,
  documents,
  type Json,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  OTHER_TENANT,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../../test/support/forger.js';
import { outcomeOf } from '../../../../../test/support/outcome.js';

// Which keys serve which issuer is found out once: what a good token has shown must not help another token.

const NEXT = makeKey('next');
/** Other material under the ID of the published key. */
const REPLACED = { ...NEXT, kid: KEY.kid, jwk: { ...NEXT.jwk, kid: KEY.kid } };

function create(pages: Json, options: object): Validator {
  const { fetch } = documents(pages);
  return createValidator({
    clientId: API,
    fetch,
    now: () => NOW,
    log: false,
    ...options,
  } as ValidatorOptions);
}

it("a tenant's key does not serve another tenant whose key has the same ID", async () => {
  const pages = { ...tenantPages(TENANT, [KEY]), ...tenantPages(OTHER_TENANT, [REPLACED]) };
  const validator = create(pages, { tenants: [TENANT, OTHER_TENANT] });
  const other = userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT });
  expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
  expect(await outcomeOf(validator, signed(other))).toBe('signature_invalid');
  expect(await outcomeOf(validator, signed(other, {}, { key: REPLACED }))).toBe('accepted');
  expect(await outcomeOf(validator, signed(userClaims(), {}, { key: REPLACED }))).toBe('signature_invalid');
});

it('a key does not serve another algorithm than its own', async () => {
  const pages = tenantPages();
  pages[`${LOGIN}/${TENANT}/discovery/v2.0/keys`] = { keys: [{ ...KEY.jwk, alg: 'RS256' }] };
  const validator = create(pages, { tenantId: TENANT, algorithms: ['RS256', 'PS256'] });
  expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
  expect(await outcomeOf(validator, signed(userClaims(), {}, { by: 'PS256' }))).toBe('signing_key_not_found');
});

it('each key ID is looked up separately', async () => {
  const validator = create(tenantPages(TENANT, [KEY, NEXT]), { tenantId: TENANT });
  for (const key of [KEY, NEXT, KEY]) {
    expect(await outcomeOf(validator, signed(userClaims(), {}, { key }))).toBe('accepted');
    const other = key === KEY ? NEXT : KEY;
    expect(await outcomeOf(validator, signed(userClaims(), { kid: other.kid }, { key }))).toBe(
      'signature_invalid',
    );
  }
});

it.each([
  ['a claim next to it', { acr: '' }, { iss: ` ${v2Issuer(TENANT)}` }],
  ['a claim next to it, which it repeats', { acr: 'a' }, { iss: `a ${v2Issuer(TENANT)}` }],
])('an issuer that is another together with %s is another', async (_, good, bad) => {
  const validator = create(tenantPages(), { tenantId: TENANT });
  expect(await outcomeOf(validator, signed(userClaims(good)))).toBe('accepted');
  expect(await outcomeOf(validator, signed(userClaims(bad)))).toBe('issuer_not_accepted');
});

it("a B2C policy's key does not serve another policy", async () => {
  const host = 'https://contoso.b2clogin.com';
  const issuer = `${host}/${TENANT}/v2.0/`;
  const place = (policy: string): string => `${host}/contoso.onmicrosoft.com/${policy}`;
  const page = (policy: string, key: typeof KEY): Json => ({
    [`${place(policy)}/v2.0${WELL_KNOWN}`]: { issuer, jwks_uri: `${place(policy)}/discovery/v2.0/keys` },
    [`${place(policy)}/discovery/v2.0/keys`]: { keys: [key.jwk] },
  });
  const [signIn, edit] = ['B2C_1_signin', 'B2C_1_edit'];
  const validator = create(
    { ...page(signIn, KEY), ...page(edit, REPLACED) },
    { authority: `${place(signIn)}/v2.0`, policies: [signIn, edit] },
  );
  const claims = (tfp: string): Json => userClaims({ iss: issuer, tid: undefined, tfp });
  expect(await outcomeOf(validator, signed(claims(signIn)))).toBe('accepted');
  expect(await outcomeOf(validator, signed(claims(edit)))).toBe('signature_invalid');
  expect(await outcomeOf(validator, signed(claims(edit), {}, { key: REPLACED }))).toBe('accepted');
});
