import { ConfigurationError, createValidator, type ValidatorOptions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  documents,
  KEY,
  LOGIN,
  NOW,
  OTHER_TENANT,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v2Issuer,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf } from '../../../../test/support/outcome.js';

const OTHER_API = '00009999-aaaa-2222-bbbb-3333cccc4444';
const b2c = (policy: string) => `https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/${policy}/v2.0`;
const docs = documents({
  ...tenantPages(),
  ...tenantPages(OTHER_TENANT),
  ...Object.fromEntries(
    ['B2C_1_a', 'B2C_1_b'].map((policy) => [
      `${b2c(policy)}${WELL_KNOWN}`,
      {
        issuer: `https://contosob2c.b2clogin.com/${TENANT}/v2.0/`,
        jwks_uri: 'https://contoso.ciamlogin.com/keys',
      },
    ]),
  ),
  [`${LOGIN}/contoso.com/v2.0${WELL_KNOWN}`]: {
    issuer: v2Issuer(TENANT),
    jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys`,
  },
  [`https://login.contoso.example/${TENANT}/v2.0${WELL_KNOWN}`]: {
    issuer: v2Issuer(TENANT),
    jwks_uri: `${LOGIN}/${TENANT}/discovery/v2.0/keys`,
  },
  [`https://contoso.ciamlogin.com/${TENANT}/v2.0${WELL_KNOWN}`]: {
    issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    jwks_uri: `https://contoso.ciamlogin.com/keys`,
  },
  'https://contoso.ciamlogin.com/keys': { keys: [KEY.jwk] },
});
const base = { clientId: API, fetch: docs.fetch, now: () => NOW, log: false } as const;
const validatorOf = (...authorities: object[]) =>
  createValidator(authorities.map((one) => ({ ...base, ...one }) as ValidatorOptions));

const tenant = { tenantId: TENANT };

describe('two authorities that accept the same tokens are refused', () => {
  it.each<[string, object, object, RegExp]>([
    ['one tenant twice', tenant, tenant, /authority 1 \(tenantId .*\) and authority 2 .*the tenant aaaabbbb/],
    ['in another spelling', tenant, { tenantId: TENANT.toUpperCase() }, /the tenant/],
    ['an audience of both', tenant, { ...tenant, clientId: OTHER_API, audience: API }, /the tenant/],
    ['a tenant and a list', tenant, { tenants: [OTHER_TENANT, TENANT] }, /a list of 2 tenants/],
    ['two lists', { tenants: [TENANT] }, { tenants: [TENANT, OTHER_TENANT] }, /the tenant/],
    [
      'a tenant and every tenant',
      tenant,
      { tenants: 'any-organization' },
      /'any-organization'.* have tenants/,
    ],
    ['a function', { tenants: () => true }, { tenants: () => false }, /tenants by a function/],
    ['a domain twice', { tenantId: 'contoso.com' }, { tenantId: 'CONTOSO.com' }, /the tenant contoso.com/],
    ['its URL', tenant, { authority: `${LOGIN}/${TENANT}/v2.0` }, /authority 2 \(authority https:/],
    ['one URL twice', { authority: b2c('B2C_1_a') }, { authority: b2c('B2C_1_a') }, /one metadata document/],
    ['in a national cloud', { ...tenant, cloud: 'usgov' }, { ...tenant, cloud: 'usgov' }, /in usgov/],
  ])('%s', (_, first, second, sentence) => {
    expect(() => validatorOf(first, second)).toThrow(sentence);
    expect(() => validatorOf(first, second)).toThrow(/isRevoked .* would never be asked/);
    expect(() => validatorOf({ tenantId: OTHER_TENANT, clientId: OTHER_API }, first, second)).toThrow(
      /authority 2 .* and authority 3/,
    );
  });

  it.each<[string, object, object]>([
    ['two registrations of one tenant', tenant, { ...tenant, clientId: OTHER_API }],
    ['two tenants', tenant, { tenantId: OTHER_TENANT }],
    ['two lists', { tenants: [TENANT] }, { tenants: [OTHER_TENANT] }],
    ['two policies', { authority: b2c('B2C_1_a') }, { authority: b2c('B2C_1_b') }],
    ['a domain and another tenant', { tenantId: 'contoso.com' }, { tenantId: OTHER_TENANT }],
    ['two clouds', { tenants: 'any-organization' }, { tenants: 'any-organization', cloud: 'usgov' }],
    ['a tenant of External ID', tenant, { authority: `https://contoso.ciamlogin.com/${TENANT}/v2.0` }],
  ])('others are not: %s', async (_, first, second) => {
    const validator = validatorOf(first, second);
    const cause = await validator.ready().catch((error: unknown) => error);
    expect(ConfigurationError.is(cause)).toBe(false);
    validator.close();
    expect(validator.state().closed).toBe(true);
  });
});

describe('where only metadata tells, they are refused once it is read', () => {
  const asked: string[] = [];
  const noting = (name: string, more: object) => ({
    ...more,
    isRevoked: () => {
      asked.push(name);
      return false;
    },
  });

  it.each<[string, object, object]>([
    ['a tenant and its domain', tenant, { tenantId: 'contoso.com' }],
    ['a domain and a list', { tenantId: 'contoso.com' }, { tenants: [TENANT, OTHER_TENANT] }],
    ['a custom domain', tenant, { authority: `https://login.contoso.example/${TENANT}/v2.0` }],
    [
      'two custom ones',
      { tenantId: 'contoso.com' },
      { authority: `https://login.contoso.example/${TENANT}/v2.0` },
    ],
  ])('%s', async (_, first, second) => {
    for (const order of [
      [first, second],
      [second, first],
    ] as const) {
      const [one, other] = [noting('first', order[0]), noting('second', order[1])];
      const validator = validatorOf(one, other);
      const error = await refusalOf(validator, signed(userClaims()));
      expect(error).toMatchObject({ code: 'configuration_invalid', status: 500 });
      expect(error.message).toMatch(/authority 1 .* and authority 2 .* have the issuer/);
      expect(await outcomeOf(validator, signed(userClaims()))).toBe('configuration_invalid');
      const atStart = await validatorOf(one, other)
        .ready()
        .catch((reason: unknown) => reason);
      expect(ConfigurationError.is(atStart)).toBe(true);
    }
    expect(asked).toEqual([]);
  });

  it('and what does not overlap is accepted, by the one that owns it', async () => {
    const validator = validatorOf(
      noting('external', { authority: `https://contoso.ciamlogin.com/${TENANT}/v2.0` }),
      noting('workforce', tenant),
    );
    await validator.ready();
    for (let count = 0; count < 3; count++) {
      expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
    }
    const iss = `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`;
    expect(await outcomeOf(validator, signed(userClaims({ iss })))).toBe('accepted');
    expect(asked).toEqual(['workforce', 'workforce', 'workforce', 'external']);
  });
});
