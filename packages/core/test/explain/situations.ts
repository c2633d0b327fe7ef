import {
  appPermissions,
  type ExplainOptions,
  scopes,
  userRoles,
  type ValidatorOptions,
} from '@entra-guard/core';
import {
  API,
  appClaims,
  DAEMON,
  type Documents,
  documents,
  ISSUED,
  KEY,
  makeKey,
  NOW,
  OTHER_TENANT,
  SPA,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v1Claims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';

/** One of the situations that fill issue trackers: a token, an API's options, and what the hint has to name. */
export interface Situation {
  readonly title: string;
  readonly token: string;
  readonly options: ValidatorOptions;
  readonly more?: ExplainOptions;
  /** The code of the check that fails. */
  readonly code: string;
  /** Words that the hint must hold. */
  readonly hint: string;
}

const EXTERNAL = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
const B2C_TENANT = 'ddddeeee-3333-ffff-4444-aaaa5555bbbb';
const B2C = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/B2C_1_signin/v2.0';
const CIAM = `https://contoso.ciamlogin.com/${EXTERNAL}/v2.0`;
const CUSTOM = makeKey('key-of-the-app-itself');

const docs: Documents = documents({
  ...tenantPages(),
  [`${B2C}${WELL_KNOWN}`]: {
    issuer: `https://contosob2c.b2clogin.com/${B2C_TENANT}/v2.0/`,
    jwks_uri: 'https://contosob2c.b2clogin.com/keys',
  },
  'https://contosob2c.b2clogin.com/keys': { keys: [KEY.jwk] },
  [`${CIAM}${WELL_KNOWN}`]: {
    issuer: `https://${EXTERNAL}.ciamlogin.com/${EXTERNAL}/v2.0`,
    jwks_uri: `https://${EXTERNAL}.ciamlogin.com/keys`,
  },
  [`https://${EXTERNAL}.ciamlogin.com/keys`]: { keys: [KEY.jwk] },
});
const common = { clientId: API, fetch: docs.fetch, now: () => NOW } as const;
const workforce: ValidatorOptions = { ...common, tenantId: TENANT };
const b2cClaims = {
  iss: `https://contosob2c.b2clogin.com/${B2C_TENANT}/v2.0/`,
  exp: ISSUED + 3600,
  nbf: ISSUED,
  aud: API,
  sub: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  tfp: 'B2C_1_profile_edit',
  scp: 'Orders.Read',
  azp: SPA,
  ver: '1.0',
  iat: ISSUED,
};

export const SITUATIONS: readonly Situation[] = [
  {
    title: 'A Microsoft Graph token was sent to our API',
    token: signed(userClaims({ aud: '00000003-0000-0000-c000-000000000000' }), { nonce: 'graph' }),
    options: workforce,
    code: 'audience_not_accepted',
    hint: 'Microsoft Graph',
  },
  {
    title: 'The client sent its ID token',
    token: signed({
      ...userClaims({ azp: undefined, azpacr: undefined, scp: undefined }),
      nonce: 'n-0S6_WzA2Mj',
    }),
    options: workforce,
    code: 'not_an_access_token',
    hint: 'access token',
  },
  {
    title: 'api:// against GUID: which setting of the manifest decides',
    token: signed(v1Claims({ aud: 'api://orders.contoso.example' })),
    options: workforce,
    code: 'audience_not_accepted',
    hint: 'requestedAccessTokenVersion',
  },
  {
    title: 'A v1 token was sent to an API whose authority issues v2 tokens',
    token: signed(v1Claims({ iss: `https://sts.windows.net/${EXTERNAL}/`, tid: EXTERNAL })),
    options: { ...common, authority: CIAM },
    code: 'issuer_not_accepted',
    hint: 'requestedAccessTokenVersion',
  },
  {
    title: 'The caller signed in to another tenant',
    token: signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT })),
    options: workforce,
    code: 'tenant_not_accepted',
    hint: 'another tenant',
  },
  {
    title: 'The client used /common, and a personal account came',
    token: signed(
      userClaims({
        iss: v2Issuer('9188040d-6c67-4c5b-b112-36a304b66dad'),
        tid: '9188040d-6c67-4c5b-b112-36a304b66dad',
      }),
    ),
    options: workforce,
    code: 'tenant_not_accepted',
    hint: '/common',
  },
  {
    title: 'The user came through another B2C policy',
    token: signed(b2cClaims),
    options: { ...common, authority: B2C },
    code: 'policy_not_accepted',
    hint: 'policies',
  },
  {
    title: 'A token of External ID was sent to an API set up for a workforce tenant',
    token: signed(userClaims({ iss: `https://${EXTERNAL}.ciamlogin.com/${EXTERNAL}/v2.0`, tid: EXTERNAL })),
    options: workforce,
    code: 'issuer_not_accepted',
    hint: 'ciamlogin.com',
  },
  {
    title: 'The token is encrypted: five parts',
    token: `${'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ'}.AAAA.AAAA.AAAA.AAAA`,
    options: workforce,
    code: 'token_malformed',
    hint: 'tokenEncryptionKeyId',
  },
  {
    title: 'The client asked for a proof-of-possession token',
    token: signed(userClaims({ cnf: { kid: 'thumbprint' } })),
    options: workforce,
    code: 'key_bound_token',
    hint: 'bearer token',
  },
  {
    title: 'No scp: client credentials ask for .default, and get roles',
    token: signed(appClaims()),
    options: workforce,
    more: { requirement: scopes('Orders.Read') },
    code: 'scope_missing',
    hint: '.default',
  },
  {
    title: 'The role was assigned to the user, and the requirement wants an application permission',
    token: signed(userClaims({ roles: ['Orders.Read.All'] })),
    options: workforce,
    more: { requirement: appPermissions('Orders.Read.All') },
    code: 'role_missing',
    hint: "A user's app role is not an application permission",
  },
  {
    title: 'The permission was assigned to the app, and the requirement wants a role of the user',
    token: signed(appClaims({ azp: DAEMON })),
    options: workforce,
    more: { requirement: userRoles('Orders.Read.All') },
    code: 'role_missing',
    hint: 'user roles exist only for signed-in users',
  },
  {
    title: 'The token has expired, or a clock is wrong',
    token: signed(userClaims({ iat: ISSUED - 4000, nbf: ISSUED - 4000, exp: ISSUED - 100 })),
    options: workforce,
    code: 'token_expired',
    hint: 'clocks',
  },
  {
    title: 'The token comes from another cloud',
    token: signed(userClaims({ iss: `https://login.microsoftonline.us/${TENANT}/v2.0` })),
    options: workforce,
    code: 'issuer_not_accepted',
    hint: 'usgov',
  },
  {
    title: "The API's registration has signing keys of its own",
    token: signed(userClaims(), {}, { key: CUSTOM }),
    options: workforce,
    code: 'signing_key_not_found',
    hint: 'customSigningKeys',
  },
];
