import type { ErrorCode } from '@entra-guard/core';
import type { WrongTokenName } from '@entra-guard/testing';
import { sentenceOf } from '../../../support/sentences.js';
import { bearer, challenge, get, type HttpRow, type Refused } from '../row.js';

export const tokenRows: readonly HttpRow[] = [
  {
    name: 'a version 1 token of the same tenant is accepted',
    request: (entra) => get('/orders', bearer(entra.user('ada', { scp: 'Orders.Read', ver: '1.0' }))),
    expect: { status: 200, body: { kind: 'user', scopes: ['Orders.Read'] } },
  },
  wrong('an expired token is refused', 'expired', 'token_expired'),
  wrong('a token from the future is refused', 'notYetValid', 'token_not_yet_valid'),
  wrong('a token that never expires is refused', 'noExpiry', 'token_malformed'),
  wrong('a token for another API is refused', 'audience', 'audience_not_accepted'),
  wrong('a token for Microsoft Graph is refused', 'graphAudience', 'audience_not_accepted'),
  wrong('a token of another tenant is refused', 'tenant', 'tenant_not_accepted'),
  wrong("a token whose tenant is not its issuer's is refused", 'tenantMismatch', 'tenant_not_accepted'),
  wrong('a token of an issuer that is not Entra is refused', 'issuer', 'issuer_not_accepted'),
  wrong('a token that a stranger signed is refused', 'stranger', 'signature_invalid'),
  wrong(
    'a token signed with a key that its issuer does not publish is refused',
    'unknownKid',
    'signing_key_not_found',
  ),
  wrong('a token with one bit of its signature flipped is refused', 'signature', 'signature_invalid'),
  wrong('a token that says it is not signed is refused', 'algNone', 'algorithm_not_allowed'),
  wrong(
    'a token signed with the public key as a shared secret is refused',
    'algHs256',
    'algorithm_not_allowed',
  ),
  wrong('a token that names no key is refused', 'noKid', 'token_malformed'),
  wrong('a token that demands an unknown extension is refused', 'unknownCrit', 'token_malformed'),
  wrong('a token that is bound to a key is refused', 'keyBound', 'key_bound_token'),
  wrong('an encrypted token is refused', 'fivePart', 'token_malformed'),
  wrong('what is no JWT at all is refused as a token', 'notAJwt', 'token_malformed'),
  {
    name: 'an ID token of the same app satisfies nothing',
    request: (entra) => get('/authenticated/unassigned', bearer(entra.wrong.idToken())),
    expect: refused('not_an_access_token'),
  },
  {
    name: 'an ID token of the same app satisfies nothing, not even optional authentication',
    request: (entra) => get('/optional', bearer(entra.wrong.idToken())),
    expect: refused('not_an_access_token'),
  },
  {
    name: 'keys that cannot be had are 503 with Retry-After and no challenge',
    keys: 'unavailable',
    request: (entra) => get('/orders', bearer(entra.user('ada', { scp: 'Orders.Read' }))),
    expect: { status: 503, code: 'keys_unavailable', headers: { 'retry-after': /^[1-9]\d*$/ } },
  },
  {
    name: 'without keys an expired token is still 401: what needs no key is decided without one',
    keys: 'unavailable',
    request: (entra) => get('/orders', bearer(entra.wrong.expired())),
    expect: refused('token_expired'),
  },
  {
    name: 'without keys no credentials are still 401',
    keys: 'unavailable',
    request: () => get('/orders'),
    expect: { status: 401, code: 'credentials_missing', challenge: 'Bearer realm="{tenant}"' },
  },
];

function wrong(name: string, fault: WrongTokenName, code: ErrorCode): HttpRow {
  return {
    name,
    request: (entra) => get('/orders', bearer(entra.wrong[fault]())),
    expect: refused(code),
  };
}

function refused(code: ErrorCode): Refused {
  return { status: 401, code, challenge: challenge('invalid_token', sentenceOf(code)) };
}
