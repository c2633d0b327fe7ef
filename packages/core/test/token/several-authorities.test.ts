import { createValidator } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  type Documents,
  documents,
  type Json,
  NOW,
  OTHER_TENANT,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';

const base = (docs: Documents) => ({ clientId: API, fetch: docs.fetch, now: () => NOW, log: false }) as const;

describe('several authorities on one API', () => {
  const external = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
  const EXTERNAL_API = '99999999-aaaa-2222-bbbb-3333cccc4444';
  const externalIssuer = `https://${external}.ciamlogin.com/${external}/v2.0`;
  const docs = documents({
    ...tenantPages(),
    [`https://contoso.ciamlogin.com/${external}/v2.0${WELL_KNOWN}`]: {
      issuer: externalIssuer,
      jwks_uri: `https://${external}.ciamlogin.com/keys`,
    },
    [`https://${external}.ciamlogin.com/keys`]: { keys: [STRANGER.jwk] },
  });
  const validator = createValidator([
    { ...base(docs), tenantId: TENANT },
    { ...base(docs), clientId: EXTERNAL_API, authority: `https://contoso.ciamlogin.com/${external}/v2.0` },
  ]);
  const customer = (changes: Json = {}): Json =>
    userClaims({ iss: externalIssuer, tid: external, aud: EXTERNAL_API, ...changes });

  it.each([
    ["an employee's token", signed(userClaims()), 'accepted'],
    ["a customer's token", signed(customer(), {}, { key: STRANGER }), 'accepted'],
    [
      "a customer's token for the employees' audience",
      signed(customer({ aud: API }), {}, { key: STRANGER }),
      'audience_not_accepted',
    ],
    [
      "an employee's token for the customers' audience",
      signed(userClaims({ aud: EXTERNAL_API })),
      'audience_not_accepted',
    ],
    ["a customer's issuer by the employees' key", signed(customer()), 'signing_key_not_found'],
    [
      "an employee's issuer by the customers' key",
      signed(userClaims(), {}, { key: STRANGER }),
      'signing_key_not_found',
    ],
    [
      'an issuer of neither',
      signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT })),
      'tenant_not_accepted',
    ],
  ])('%s', async (_, token, expected) => {
    expect(await outcomeOf(validator, token)).toBe(expected);
  });

  it('one that is down does not answer for the other', async () => {
    const half = documents(tenantPages());
    const pair = createValidator([
      { ...base(half), clientId: EXTERNAL_API, authority: `https://contoso.ciamlogin.com/${external}/v2.0` },
      { ...base(half), tenantId: TENANT },
    ]);
    expect(await outcomeOf(pair, signed(userClaims()))).toBe('accepted');
    expect(await outcomeOf(pair, signed(customer(), {}, { key: STRANGER }))).toBe('keys_unavailable');
  });
});
