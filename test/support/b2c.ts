import { type AuthorityOptions, createValidator, type Validator } from '@entra-guard/core';
import {
  ADA,
  API,
  type Documents,
  documents,
  type Json,
  KEY,
  NOW,
  SPA,
  STRANGER,
  WELL_KNOWN,
} from './forger.js';

const HOST = 'https://contosob2c.b2clogin.com';

export const B2C_TENANT = 'ddddeeee-3333-ffff-4444-aaaa5555bbbb';
/** The issuer of all user flows. */
export const B2C_ISSUER = `${HOST}/${B2C_TENANT}/v2.0/`;
/** The issuer of a custom policy that has an issuer of its own. */
export const B2C_STRONG_ISSUER = `${HOST}/tfp/${B2C_TENANT}/b2c_1a_strong/v2.0/`;

/** The authority of one policy, by its path. */
export const b2cAuthority = (policy = 'B2C_1_signin'): string =>
  `${HOST}/contosob2c.onmicrosoft.com/${policy}/v2.0`;

/** The metadata of one policy, by its query. */
export const b2cMetadata = (policy = 'B2C_1_signin'): string =>
  `${HOST}/contosob2c.onmicrosoft.com/v2.0${WELL_KNOWN}?p=${policy}`;

/** Two user flows, and a custom policy with an issuer and keys of its own: {@link STRANGER}. */
export function b2cDocuments(): Documents {
  const flow = { issuer: B2C_ISSUER, jwks_uri: `${HOST}/keys` };
  return documents({
    [`${b2cAuthority()}${WELL_KNOWN}`]: flow,
    [`${b2cAuthority('B2C_1_edit')}${WELL_KNOWN}`]: flow,
    [b2cMetadata()]: flow,
    [b2cMetadata('B2C_1_edit')]: flow,
    [`${b2cAuthority('B2C_1A_strong')}${WELL_KNOWN}`]: {
      issuer: B2C_STRONG_ISSUER,
      jwks_uri: `${HOST}/strong-keys`,
    },
    [`${HOST}/keys`]: { keys: [KEY.jwk] },
    [`${HOST}/strong-keys`]: { keys: [STRANGER.jwk] },
  });
}

/** What a token of a user flow says: Azure AD B2C writes no tenant, and no object ID unless it is told to. */
export function b2cClaims(changes: Json = {}): Json {
  return {
    iss: B2C_ISSUER,
    exp: NOW / 1000 + 3600,
    aud: API,
    sub: ADA,
    tfp: 'B2C_1_signin',
    scp: 'Orders.Read',
    azp: SPA,
    ver: '1.0',
    ...changes,
  };
}

/** Options of an API that accepts the user flow B2C_1_signin, at the time of the sample tokens. */
export function b2cOptions(docs: Documents = b2cDocuments()): AuthorityOptions {
  return { authority: b2cAuthority(), clientId: API, fetch: docs.fetch, now: () => NOW, log: false };
}

/** The validator of {@link b2cOptions}, with other options in the place of some. */
export function b2cValidator(changes: Partial<AuthorityOptions> = {}): Validator {
  return createValidator({ ...b2cOptions(), ...changes });
}
