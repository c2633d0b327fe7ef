import { createGuard, EntraGuardError, type RequestLike, scopes } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  Answer,
  documents,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  OTHER_TENANT,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
const good = signed(userClaims());
const seconds = NOW / 1000;

/** What comparable libraries were seen, or read, to accept by mistake. Each is refused here. */
describe('tokens that a peer accepts by mistake', () => {
  it.each([
    [
      'no exp (jose, aws-jwt-verify, fast-jwt, jsonwebtoken)',
      signed(userClaims({ exp: undefined })),
      'token_malformed',
    ],
    [
      'no aud, though one is configured (fast-jwt)',
      signed(userClaims({ aud: undefined })),
      'audience_not_accepted',
    ],
    [
      'no iss, though one is configured (fast-jwt)',
      signed(userClaims({ iss: undefined })),
      'issuer_not_accepted',
    ],
    [
      'an unknown crit (aws-jwt-verify, jsonwebtoken)',
      signed(userClaims(), { crit: ['x'], x: 1 }),
      'token_malformed',
    ],
    [
      'a signature padded with == (aws-jwt-verify, express-oauth2-jwt-bearer, jose)',
      `${good}==`,
      'token_malformed',
    ],
    [
      'an expired token with exp and without iat (the cache of fast-jwt 6.3.2)',
      signed(userClaims({ iat: undefined, nbf: undefined, exp: seconds - 600 })),
      'token_expired',
    ],
    ['another typ (all of them)', signed(userClaims(), { typ: 'logout+jwt' }), 'token_malformed'],
    [
      'an ID token of the same app (passport-azure-ad, passport-jwt)',
      signed({ ...userClaims({ azp: undefined, scp: undefined }), nonce: 'n' }),
      'not_an_access_token',
    ],
    [
      "a listed issuer by another listed issuer's key (issuer lists over one key set)",
      signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT })),
      'tenant_not_accepted',
    ],
    [
      'a token bound to a key, without its proof (all but two)',
      signed(userClaims({ cnf: {} })),
      'key_bound_token',
    ],
  ])('%s', async (_, token, code) => {
    const validator = singleTenant();
    expect(await outcomeOf(validator, good)).toBe('accepted');
    expect(await outcomeOf(validator, token)).toBe(code);
    expect(await outcomeOf(validator, token)).toBe(code);
  });

  it('a key that the issuer has withdrawn (trusted until a restart by aws-jwt-verify)', async () => {
    let now = NOW;
    const docs = documents(tenantPages());
    const validator = singleTenant({ now: () => now }, docs);
    const lasting = signed(userClaims({ exp: seconds + 20_000 }));
    expect(await outcomeOf(validator, lasting)).toBe('accepted');
    docs.pages.set(KEYS, { keys: [STRANGER.jwk] });
    now += 3_600_000;
    await validator.ready();
    await new Promise((resolve) => setImmediate(resolve));
    await validator.ready();
    expect(await outcomeOf(validator, lasting)).toBe('signing_key_not_found');
  });

  it('a key ID that was given to other key material (the old key stays with aws-jwt-verify)', async () => {
    let now = NOW;
    const docs = documents(tenantPages());
    const validator = singleTenant({ now: () => now }, docs);
    const lasting = signed(userClaims({ exp: seconds + 20_000 }));
    await outcomeOf(validator, lasting);
    docs.pages.set(KEYS, { keys: [{ ...makeKey('x').jwk, kid: KEY.kid }] });
    now += 3_600_000;
    await validator.ready();
    await new Promise((resolve) => setImmediate(resolve));
    await validator.ready();
    expect(await outcomeOf(validator, lasting)).toBe('signature_invalid');
  });

  it('an outage of the key server is not a verdict on the token (401 or 500 in every peer)', async () => {
    const docs = documents(tenantPages());
    docs.pages.set(KEYS, new Answer(() => new Response('', { status: 500 })));
    expect(await refusalOf(singleTenant({}, docs), good)).toMatchObject({
      status: 503,
      code: 'keys_unavailable',
    });
  });

  it('no message holds the token (hono writes it into each one)', async () => {
    const token = signed(userClaims({ exp: 1, iat: undefined, nbf: undefined }));
    const { message, hint } = await refusalOf(singleTenant(), token);
    for (const part of token.split('.')) expect(message + hint).not.toContain(part);
  });
});

describe('requests that a peer accepts by mistake', () => {
  const guard = createGuard({ validator: singleTenant() });
  const forged = signed(userClaims(), { kid: KEY.kid }, { key: STRANGER });
  const statusOf = (request: RequestLike, optional = false): Promise<number> =>
    (optional
      ? guard.authenticate(request, { optional })
      : guard.require(request, scopes('Orders.Read'))
    ).then(
      () => 200,
      (error: unknown) => (EntraGuardError.is(error) ? error.status : 500),
    );

  it.each<[string, RequestLike, number]>([
    ['a good token is accepted', { headers: { authorization: `Bearer ${good}` } }, 200],
    [
      'two tokens behind one scheme (passport-jwt, nest-keycloak-connect)',
      { headers: { authorization: `Bearer ${good} x` } },
      400,
    ],
    [
      'two credentials joined by a comma (the MCP SDK takes the first)',
      { headers: { authorization: `Bearer ${good}, Bearer x` } },
      400,
    ],
    [
      'two Authorization headers, of which Node shows the first',
      {
        headers: { authorization: `Bearer ${good}` },
        rawHeaders: ['Authorization', `Bearer ${good}`, 'authorization', 'Bearer x'],
      },
      400,
    ],
    [
      'a token in a cookie (nest-keycloak-connect lets it replace the header)',
      { headers: { cookie: `KEYCLOAK_JWT=${good}` } },
      401,
    ],
    [
      'a preflight that names the header (express-jwt)',
      { method: 'OPTIONS', headers: { 'access-control-request-headers': 'authorization' } },
      401,
    ],
  ])('%s', async (_, request, status) => {
    expect(await statusOf(request)).toBe(status);
  });

  it('a forged token where authentication is optional (anonymous in express-oauth2-jwt-bearer)', async () => {
    expect(await statusOf({ headers: {} }, true)).toBe(200);
    expect(await statusOf({ headers: { authorization: `Bearer ${forged}` } }, true)).toBe(401);
  });
});
