import { API, type Json, LOGIN, OTHER_TENANT, SPA, signed, WELL_KNOWN } from '../../../support/forger.js';
import { invalidToken, sentenceOf } from '../../../support/sentences.js';
import { B2C_HOST, b2cIssuer, POLICY } from '../published.js';
import type { Row } from '../row.js';
import { START } from '../tokens.js';

const DOMAIN = `${B2C_HOST}/contosob2c.onmicrosoft.com`;
const inPath = { identityMetadata: `${DOMAIN}/${POLICY}/v2.0${WELL_KNOWN}`, isB2C: true, policyName: POLICY };
const inQuery = { identityMetadata: `${DOMAIN}/v2.0${WELL_KNOWN}`, isB2C: true, policyName: POLICY };

const b2c = (changes: Json = {}, header: Json = {}): string =>
  signed(
    {
      iss: b2cIssuer,
      exp: START + 3600,
      nbf: START,
      aud: API,
      sub: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
      tfp: POLICY,
      scp: 'Orders.Read',
      azp: SPA,
      ver: '1.0',
      iat: START,
      ...changes,
    },
    header,
  );

export const b2cRows: readonly Row[] = [
  {
    name: 'the policy in the path',
    options: inPath,
    token: b2c(),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the policy in the query',
    options: inQuery,
    token: b2c(),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the policy in the path, and nothing said of B2C',
    options: { identityMetadata: inPath.identityMetadata },
    token: b2c(),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'no policyName',
    options: { ...inPath, policyName: undefined },
    original: 'throws: In BearerStrategy constructor: invalid policy for B2C',
    ours: 'throws: In BearerStrategy constructor: invalid policy for B2C',
  },
  {
    name: 'a policyName that is none',
    options: { ...inPath, policyName: 'signin' },
    original: 'throws: In BearerStrategy constructor: invalid policy for B2C',
    ours: 'throws: In BearerStrategy constructor: invalid policy for B2C',
  },
  {
    name: 'a policyName in capitals',
    options: { ...inPath, policyName: POLICY.toUpperCase() },
    token: b2c(),
    documents: {
      [`${inPath.identityMetadata}?p=${POLICY.toUpperCase()}`]: {
        issuer: b2cIssuer,
        jwks_uri: `${DOMAIN}/${POLICY}/discovery/v2.0/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
      },
    },
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  { name: 'no token, B2C', options: inPath, original: '401; token is not found', ours: '401; Bearer' },
  {
    name: 'tfp in capitals',
    options: inPath,
    token: b2c({ tfp: POLICY.toUpperCase() }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'the policy in acr',
    options: inPath,
    token: b2c({ tfp: undefined, acr: POLICY.toLowerCase() }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a token of another policy',
    options: inPath,
    token: b2c({ tfp: 'B2C_1_edit' }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('policy_not_accepted')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'a token of another policy, with allowOtherPolicies',
    options: inPath,
    more: { allowOtherPolicies: true },
    token: b2c({ tfp: 'B2C_1_edit' }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a token of another policy, which is listed',
    options: inPath,
    more: { policies: [POLICY, 'B2C_1_edit'] },
    token: b2c({ tfp: 'B2C_1_edit' }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a token without a policy',
    options: inPath,
    token: b2c({ tfp: undefined }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('policy_not_accepted')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'an ID token, B2C',
    options: inPath,
    token: b2c({ azp: undefined, scp: undefined, nonce: 'n' }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('not_an_access_token')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'an ID token, B2C, with allowIdTokens',
    options: inPath,
    more: { allowIdTokens: true },
    token: b2c({ azp: undefined, scp: undefined, nonce: 'n' }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'an access token without a scope, B2C',
    options: inPath,
    token: b2c({ scp: undefined }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('token_kind_unknown')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'another B2C tenant',
    options: inPath,
    token: b2c({ iss: `${B2C_HOST}/${OTHER_TENANT}/v2.0/` }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('issuer_not_accepted')}`,
  },
  {
    name: 'a tid, B2C',
    options: inPath,
    token: b2c({ tid: '33334444-dddd-5555-eeee-6666ffff7777' }),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a tid that disagrees, B2C',
    options: inPath,
    token: b2c({ tid: OTHER_TENANT }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('tenant_not_accepted')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'a scope that is needed, B2C',
    options: { ...inPath, scope: ['Orders.Read'] },
    token: b2c(),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'a scope that is missing, B2C',
    options: { ...inPath, scope: ['Orders.Write'] },
    token: b2c(),
    original: '401; In Strategy.prototype.jwtVerify: none of the scopes in token is accepted',
    ours: `403; Bearer error="insufficient_scope", error_description="${sentenceOf('scope_missing')}", scope="api://00001111-aaaa-2222-bbbb-3333cccc4444/Orders.Write"`,
  },
  {
    name: 'validateIssuer false, B2C',
    options: { ...inPath, validateIssuer: false },
    token: b2c(),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: 'validateIssuer false, B2C, another B2C tenant',
    options: { ...inPath, validateIssuer: false },
    token: b2c({ iss: `${B2C_HOST}/${OTHER_TENANT}/v2.0/` }),
    original: '200, user {}, authInfo claims',
    ours: `401; ${invalidToken('issuer_not_accepted')}`,
    legacy: '401; In Strategy.prototype.jwtVerify: cannot verify token',
  },
  {
    name: 'issuer as option, B2C',
    options: { ...inPath, issuer: b2cIssuer },
    token: b2c(),
    original: '200, user {}, authInfo claims',
    ours: '200, user {}, authInfo claims',
  },
  {
    name: '/common/ with B2C, and no tenantIdOrName',
    options: { identityMetadata: `${LOGIN}/common/v2.0${WELL_KNOWN}`, isB2C: true, policyName: POLICY },
    token: b2c(),
    original: '401; no challenge',
    ours: `500: ${sentenceOf('configuration_invalid')}`,
  },
  {
    name: 'an unknown key, B2C',
    options: inPath,
    token: b2c({}, { kid: 'unknown' }),
    original: '401; In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate',
    ours: `401; ${invalidToken('signing_key_not_found')}`,
  },
  {
    name: 'expired, B2C',
    options: inPath,
    token: b2c({ exp: START - 3600, nbf: START - 7200, iat: START - 7200 }),
    original: '401; In Strategy.prototype.jwtVerify: cannot verify token',
    ours: `401; ${invalidToken('token_expired')}`,
  },
];
