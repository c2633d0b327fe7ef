import { createValidator, type ValidatorOptions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { B2C_ISSUER, B2C_TENANT, b2cClaims, b2cValidator } from '../../../../test/support/b2c.js';
import { contoso } from '../../../../test/support/contoso.js';
import {
  CONSUMERS,
  documents,
  type Json,
  LOGIN,
  makeKey,
  OTHER_TENANT,
  signed,
  TENANT,
  tenantPages,
  tokenOf,
  userClaims,
  v1Claims,
  v1Issuer,
  v1TokenOf,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { acceptingTenants, outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const CONSUMER_KEY = makeKey('consumers');
const validator = singleTenant();
const outcome = (claims: Json): ReturnType<typeof outcomeOf> => outcomeOf(validator, signed(claims));

describe('issuer and tenant (SECURITY.md 4)', () => {
  it.each([
    ['v2 issuer', userClaims(), 'accepted'],
    ['v1 issuer', v1Claims(), 'accepted'],
    ['no issuer', userClaims({ iss: undefined }), 'issuer_not_accepted'],
    ['an issuer that is a list', userClaims({ iss: [v2Issuer(TENANT)] }), 'issuer_not_accepted'],
    ['an empty issuer', userClaims({ iss: '' }), 'issuer_not_accepted'],
    ['an issuer that is not a URL', userClaims({ iss: TENANT }), 'issuer_not_accepted'],
    ['another host', userClaims({ iss: `https://evil.example/${TENANT}/v2.0` }), 'issuer_not_accepted'],
    [
      'a host that ends like ours',
      userClaims({ iss: `https://xlogin.microsoftonline.com/${TENANT}/v2.0` }),
      'issuer_not_accepted',
    ],
    ['http', userClaims({ iss: `http://login.microsoftonline.com/${TENANT}/v2.0` }), 'issuer_not_accepted'],
    [
      'a trailing slash behind the v2 issuer',
      userClaims({ iss: `${v2Issuer(TENANT)}/` }),
      'issuer_not_accepted',
    ],
    [
      'no trailing slash behind the v1 issuer',
      v1Claims({ iss: v1Issuer(TENANT).slice(0, -1) }),
      'issuer_not_accepted',
    ],
    [
      'the host in capitals',
      userClaims({ iss: v2Issuer(TENANT).replace('login', 'LOGIN') }),
      'issuer_not_accepted',
    ],
    ['a query behind the issuer', userClaims({ iss: `${v2Issuer(TENANT)}?x=1` }), 'issuer_not_accepted'],
    [
      'a user name in the issuer',
      userClaims({ iss: v2Issuer(TENANT).replace('//', '//x@') }),
      'issuer_not_accepted',
    ],
    [
      'a port in the issuer',
      userClaims({ iss: v2Issuer(TENANT).replace('.com', '.com:444') }),
      'issuer_not_accepted',
    ],
    ['the template itself', userClaims({ iss: v2Issuer('{tenantid}') }), 'issuer_not_accepted'],
    ['the alias common', userClaims({ iss: v2Issuer('common') }), 'issuer_not_accepted'],
    [
      "another tenant's issuer and tid",
      userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    [
      "another tenant's v1 issuer and tid",
      v1Claims({ iss: v1Issuer(OTHER_TENANT), tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    ['our issuer, another tid', userClaims({ tid: OTHER_TENANT }), 'tenant_not_accepted'],
    ['another issuer, our tid', userClaims({ iss: v2Issuer(OTHER_TENANT) }), 'tenant_not_accepted'],
    ['no tid', userClaims({ tid: undefined }), 'tenant_not_accepted'],
    ['an empty tid', userClaims({ tid: '' }), 'tenant_not_accepted'],
    ['a tid in capitals', userClaims({ tid: TENANT.toUpperCase() }), 'accepted'],
    [
      "an issuer with the tenant in another tenant's path",
      userClaims({ iss: `https://login.microsoftonline.com/${OTHER_TENANT}/${TENANT}/v2.0` }),
      'tenant_not_accepted',
    ],
    [
      'US Government',
      userClaims({ iss: `https://login.microsoftonline.us/${TENANT}/v2.0` }),
      'issuer_not_accepted',
    ],
  ])('%s', async (_, claims, expected) => {
    expect(await outcome(claims)).toBe(expected);
  });
});

describe('issuer and tenant, Azure AD B2C', () => {
  it.each([
    ['a tid that agrees', b2cClaims({ tid: B2C_TENANT }), 'accepted'],
    ['a tid that disagrees', b2cClaims({ tid: TENANT }), 'tenant_not_accepted'],
    ['another tenant', b2cClaims({ iss: B2C_ISSUER.replace(B2C_TENANT, TENANT) }), 'issuer_not_accepted'],
    ["a workforce tenant's issuer", b2cClaims({ iss: v2Issuer(TENANT), tid: TENANT }), 'issuer_not_accepted'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(b2cValidator(), signed(claims))).toBe(expected);
  });
});

describe('a list of tenants', () => {
  const docs = documents({ ...tenantPages(), ...tenantPages(OTHER_TENANT) });
  const validator = acceptingTenants([TENANT, OTHER_TENANT.toUpperCase()], docs);

  it.each([
    ['a listed tenant', tokenOf(TENANT), 'accepted'],
    ['another listed tenant, listed in capitals', tokenOf(OTHER_TENANT), 'accepted'],
    ['a listed tenant, v1', v1TokenOf(TENANT), 'accepted'],
    ['a tenant that is not listed', tokenOf('cccccccc-0000-0000-0000-000000000000'), 'tenant_not_accepted'],
    ['personal accounts, which are not listed', tokenOf(CONSUMERS), 'tenant_not_accepted'],
    [
      "one listed tenant's issuer, the other's tid",
      tokenOf(TENANT, { tid: OTHER_TENANT }),
      'tenant_not_accepted',
    ],
    ['no tid', tokenOf(TENANT, { tid: undefined }), 'tenant_not_accepted'],
    [
      'another issuer',
      signed(userClaims({ iss: `https://evil.example/${TENANT}/v2.0` })),
      'issuer_not_accepted',
    ],
  ])('%s', async (_, token, expected) => {
    expect(await outcomeOf(validator, token)).toBe(expected);
  });

  it("reads each tenant's own metadata", () => {
    expect(docs.asked).toContain(`${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`);
    expect(docs.asked).toContain(`${LOGIN}/${OTHER_TENANT}/v2.0${WELL_KNOWN}`);
    expect(
      docs.asked.filter((url) => url.includes('/common/v2.0') || url.includes('/organizations/')),
    ).toEqual([]);
  });

  it('never asks about a tenant that is not listed', async () => {
    const quiet = documents({});
    await outcomeOf(acceptingTenants([TENANT, OTHER_TENANT], quiet), tokenOf(CONSUMERS));
    expect(quiet.asked).toEqual([]);
  });

  it('personal accounts are accepted when they are named', async () => {
    const named = acceptingTenants(
      [TENANT, CONSUMERS],
      documents({ ...tenantPages(), ...tenantPages(CONSUMERS, [CONSUMER_KEY]) }),
    );
    const token = signed(userClaims({ iss: v2Issuer(CONSUMERS), tid: CONSUMERS }), {}, { key: CONSUMER_KEY });
    expect(await outcomeOf(named, token)).toBe('accepted');
  });
});

describe('what a refusal says of issuer and tenant', () => {
  const { tenantId: _, ...api } = contoso();
  const sixTenants = [...'abcdef'].map((digit) => TENANT.replace(/^a{4}/, digit.repeat(4)));
  const foreign = signed(userClaims({ iss: 'https://evil.example/v2.0' }));
  const elsewhere = signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT }));

  it.each<[string, Partial<ValidatorOptions>, string, string]>([
    ['many tenants by their number', { tenants: sixTenants }, elsewhere, 'one of 6 tenants'],
    ['a function', { tenants: () => true }, foreign, 'a tenant that the tenants function accepts'],
    ['any organisation', { tenants: 'any-organization' }, foreign, 'the tenant of an organisation'],
  ])('names to operators what is accepted: %s', async (_, tenancy, token, expected) => {
    const validator = createValidator({ ...api, ...tenancy } as ValidatorOptions);
    const error = await refusalOf(validator, token);
    expect(error.explanation).toContain(expected);
  });

  it.each([
    [
      'another cloud',
      signed(userClaims({ iss: `https://login.microsoftonline.us/${TENANT}/v2.0` })),
      'usgov cloud',
    ],
    [
      'External ID',
      signed(userClaims({ iss: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0` })),
      'ciamlogin.com',
    ],
    ['B2C', signed(userClaims({ iss: `https://contoso.b2clogin.com/${TENANT}/v2.0/` })), 'B2C'],
    [
      'another tenant',
      signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT })),
      'another tenant',
    ],
    [
      'personal accounts',
      signed(
        userClaims({
          iss: v2Issuer(CONSUMERS),
          tid: CONSUMERS,
        }),
      ),
      'personal Microsoft accounts',
    ],
  ])('hints at the cause: %s', async (_, token, words) => {
    expect((await refusalOf(validator, token)).hint).toContain(words);
  });
});
