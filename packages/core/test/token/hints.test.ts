import { createValidator, TokenError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  appClaims,
  DAEMON,
  documents,
  ISSUED,
  NOW,
  SPA,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();
const foundIn = async (token: string): Promise<string | undefined> => {
  const error = await refusalOf(validator, token);
  return TokenError.is(error) ? error.found : undefined;
};

describe('the hint fits the cause, and no other', () => {
  it.each([
    ['the text null', 'null', /the text "null"/, /opaque/],
    ['the text of an object', '[object Object]', /the text "\[object Object\]"/, /opaque/],
    ['one part', 'x', /opaque/, /variable|encrypted/],
    ['four parts', 'a.b.c.d', /opaque/, /encrypted/],
    ['five parts', 'a.b.c.d.e', /encrypted/, /opaque/],
    ['alg none', signed(userClaims(), {}, { by: 'none' }), /never issues/, /algorithms option/],
    ['alg HS256', signed(userClaims(), {}, { by: 'HS256' }), /never issues/, /algorithms option/],
    ['alg RS512', signed(userClaims(), { alg: 'RS512' }), /algorithms option/, /never issues/],
    [
      'an assertion for federation',
      signed(userClaims({ aud: 'api://AzureADTokenExchange' })),
      /federation/,
      /App ID URI/,
    ],
    ['the client as the audience', signed(userClaims({ aud: SPA })), /client itself/, /another application/],
    [
      'the client as the audience, v1',
      signed(userClaims({ aud: DAEMON, appid: DAEMON })),
      /client itself/,
      /another application/,
    ],
    [
      'another application as the audience',
      signed(userClaims({ aud: TENANT })),
      /another application/,
      /client itself/,
    ],
    [
      'Graph by URL',
      signed(userClaims({ aud: 'https://graph.microsoft.com/' })),
      /Microsoft Graph/,
      /App ID URI/,
    ],
    ['no audience', signed(userClaims({ aud: undefined })), /exactly one audience/, /Graph/],
  ])('%s', async (_, token, says, saysNot) => {
    const { hint } = await refusalOf(validator, token);
    expect(hint).toMatch(says);
    expect(hint).not.toMatch(saysNot);
  });

  it.each([
    ['one part', 'x', 'one part'],
    ['two parts', 'x.y', '2 parts'],
    ['no audience', signed(userClaims({ aud: undefined })), 'nothing'],
    ['a number for an audience', signed(userClaims({ aud: 7 })), '7'],
    ['a list for an audience', signed(userClaims({ aud: [API] })), 'an array of 1'],
    ['an object for an audience', signed(userClaims({ aud: {} })), 'an object'],
    ['idtyp app with a scope', signed(appClaims({ idtyp: 'app', scp: 'A' })), 'idtyp "app" with a scope'],
    [
      'idtyp user without a scope',
      signed(userClaims({ idtyp: 'user', scp: undefined })),
      'idtyp "user" with no scope',
    ],
  ])('what was found is told: %s', async (_, token, found) => {
    expect(await foundIn(token)).toBe(found);
  });

  it('how long ago, and how far ahead, is told in seconds', async () => {
    const past = userClaims({ iat: undefined, nbf: undefined, exp: NOW / 1000 - 90 });
    expect(await foundIn(signed(past))).toContain('90 s ago');
    expect(await foundIn(signed(userClaims({ nbf: NOW / 1000 + 90 })))).toContain('90 s from now');
  });
});

describe('the edges of rules', () => {
  const nested = (levels: number): string =>
    JSON.stringify(userClaims({ deep: 0 })).replace(
      '"deep":0',
      `"deep":${'['.repeat(levels)}${']'.repeat(levels)}`,
    );
  const nestedObjects = (levels: number): string =>
    JSON.stringify(userClaims({ deep: 0 })).replace(
      '"deep":0',
      `"deep":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
    );

  it.each([
    ['31 lists inside the claims', nested(31), 'accepted'],
    ['32 lists inside the claims', nested(32), 'token_malformed'],
    ['31 objects inside the claims', nestedObjects(31), 'accepted'],
    ['32 objects inside the claims', nestedObjects(32), 'token_malformed'],
    [
      'nbf and exp in the same second',
      userClaims({ nbf: ISSUED + 60, iat: ISSUED + 60, exp: ISSUED + 60 }),
      'accepted',
    ],
    ['roles of text and a number', userClaims({ roles: ['Orders.Read', 1] }), 'token_malformed'],
    ['an object ID and no subject', userClaims({ sub: undefined }), 'accepted'],
    ['a subject and no object ID', userClaims({ oid: undefined }), 'accepted'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(validator, signed(claims))).toBe(expected);
  });

  it('a B2C token that calls itself app-only is no user, whatever scope it has', async () => {
    const authority = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/B2C_1_signin/v2.0';
    const issuer = `https://contosob2c.b2clogin.com/${TENANT}/v2.0/`;
    const { fetch } = documents({
      [`${authority}${WELL_KNOWN}`]: { issuer, jwks_uri: 'https://contosob2c.b2clogin.com/keys' },
      'https://contosob2c.b2clogin.com/keys': Object.values(tenantPages())[2],
    });
    const b2c = createValidator({ clientId: API, authority, fetch, now: () => NOW, log: false });
    const claims = { ...userClaims({ iss: issuer, tid: undefined }), tfp: 'B2C_1_signin' };
    expect(await outcomeOf(b2c, signed({ ...claims, idtyp: 'app' }))).toBe('token_kind_unknown');
  });

  it('a refusal after the signature says so, one before it does not', async () => {
    const revoking = singleTenant({ isRevoked: () => true });
    expect(await refusalOf(revoking, signed(userClaims()))).toMatchObject({
      code: 'token_revoked',
      verified: true,
    });
    expect(await refusalOf(validator, signed(nested(32)))).toMatchObject({ verified: false });
    expect(
      await refusalOf(validator, signed(userClaims({ exp: 1, iat: undefined, nbf: undefined }))),
    ).toMatchObject({ verified: false });
  });

  it('a validator says where each of its documents stands', async () => {
    const one = singleTenant();
    await one.ready();
    expect(one.state().sources).toEqual([
      {
        url: expect.stringContaining(WELL_KNOWN),
        document: 'metadata',
        fetchedAt: NOW,
        trustedUntil: NOW + 86_400_000,
        lastError: undefined,
        retryAt: undefined,
        stale: false,
      },
      {
        url: expect.stringContaining('keys'),
        document: 'keys',
        fetchedAt: NOW,
        trustedUntil: NOW + 86_400_000,
        lastError: undefined,
        retryAt: undefined,
        stale: false,
      },
    ]);
  });
});
