import type { ValidatorOptions } from '@entra-guard/core';
import {
  API,
  CONSUMERS,
  documents,
  type Json,
  KEY,
  NOW,
  tenantPages,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import tokens from './sample-tokens.json' with { type: 'json' };

export const B2C_TENANT = 'ddddeeee-3333-ffff-4444-aaaa5555bbbb';
export const CIAM_TENANT = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
const keySet = { keys: [KEY.jwk] };

const b2cAuthority = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/B2C_1_signupsignin1/v2.0';
const customPolicy = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/B2C_1A_signup_signin/v2.0';
const customDomain = `https://login.contoso.example/${B2C_TENANT}/B2C_1A_signup_signin/v2.0`;
const ciamAuthority = `https://contoso.ciamlogin.com/${CIAM_TENANT}/v2.0`;

/** Every authority that issued a sample. */
export const docs = documents({
  ...tenantPages(),
  ...tenantPages(CONSUMERS),
  [`${b2cAuthority}${WELL_KNOWN}`]: {
    issuer: `https://contosob2c.b2clogin.com/${B2C_TENANT}/v2.0/`,
    jwks_uri: 'https://contosob2c.b2clogin.com/keys',
  },
  [`${customPolicy}${WELL_KNOWN}`]: {
    issuer: `https://contosob2c.b2clogin.com/tfp/${B2C_TENANT}/b2c_1a_signup_signin/v2.0/`,
    jwks_uri: 'https://contosob2c.b2clogin.com/keys',
  },
  [`${customDomain}${WELL_KNOWN}`]: {
    issuer: `https://login.contoso.example/${B2C_TENANT}/v2.0/`,
    jwks_uri: 'https://login.contoso.example/keys',
  },
  'https://contosob2c.b2clogin.com/keys': keySet,
  'https://login.contoso.example/keys': keySet,
  // External ID: the issuer's host is the tenant's GUID, whatever the authority's name.
  [`${ciamAuthority}${WELL_KNOWN}`]: {
    issuer: `https://${CIAM_TENANT}.ciamlogin.com/${CIAM_TENANT}/v2.0`,
    jwks_uri: `https://${CIAM_TENANT}.ciamlogin.com/${CIAM_TENANT}/discovery/v2.0/keys`,
  },
  [`https://${CIAM_TENANT}.ciamlogin.com/${CIAM_TENANT}/discovery/v2.0/keys`]: keySet,
});

const common = { clientId: API, fetch: docs.fetch, now: () => NOW, log: false } as const;
const workforce: ValidatorOptions = {
  ...common,
  tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
  audience: 'https://api.contoso.example',
};
/** One for each of them. */
export const authorities: readonly ValidatorOptions[] = [
  workforce,
  { ...common, tenantId: CONSUMERS },
  { ...common, authority: b2cAuthority },
  { ...common, authority: customPolicy },
  { ...common, authority: customDomain },
  { ...common, authority: ciamAuthority },
];

/** The header that Entra gives such a token. */
export function headerOf(payload: object): Json {
  return { ...('appid' in payload ? tokens.header_v1 : tokens.header_v2), kid: KEY.kid };
}
