import { describe, expect, it } from 'vitest';
import { API, OTHER_TENANT, TENANT } from '../../../../test/support/forger.js';
import type { ValidatorOptions } from '../../src/index.js';
import {
  type Acceptance,
  disagreement,
  noTenant,
  wrongIssuer,
  wrongTenant,
} from '../../src/keys/issuer-refusals.js';
import { resolveSettings } from '../../src/options/settings.js';

const LOGIN = 'https://login.microsoftonline.com';
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const CIAM = `https://contoso.ciamlogin.com/${TENANT}/v2.0`;
const B2C = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/B2C_1_a/v2.0';
const v2 = (tenant: string, login = LOGIN): string => `${login}/${tenant}/v2.0`;

const accepting = (options: object, pinned?: string): Acceptance => ({
  settings: resolveSettings({ clientId: API, ...options } as unknown as ValidatorOptions),
  pinned,
});
const single = accepting({ tenantId: TENANT });

describe('the likely cause of a wrong issuer', () => {
  it.each<[string, Acceptance, string, string]>([
    [
      'External ID, to a workforce API',
      single,
      `https://x.ciamlogin.com/${TENANT}/v2.0`,
      'from an External ID tenant',
    ],
    [
      'External ID, to one of External ID',
      accepting({ authority: CIAM }),
      'https://x.ciamlogin.com/',
      'Compare tenant',
    ],
    [
      'B2C, to a workforce API',
      single,
      `https://x.b2clogin.com/${TENANT}/v2.0/`,
      'from an Azure AD B2C tenant',
    ],
    [
      'B2C, to one of External ID',
      accepting({ authority: CIAM }),
      'https://x.b2clogin.com/',
      'Azure AD B2C tenant',
    ],
    ['B2C, to one of B2C', accepting({ authority: B2C }), 'https://x.b2clogin.com/', 'Compare tenant'],
    [
      'a host that only begins like B2C',
      single,
      'https://x.b2clogin.com.evil.example/',
      'does not come from Entra',
    ],
    ['another cloud', single, v2(TENANT, 'https://login.microsoftonline.us'), "Entra's usgov cloud"],
    ['v1, of the same cloud', single, `https://sts.windows.net/${TENANT}/`, 'This is a v1 token'],
    ['the same cloud', single, v2(TENANT), 'not from the configured authority'],
    ['no Entra', single, 'https://evil.example/', 'does not come from Entra'],
    ['no URL', single, 'evil', 'does not come from Entra'],
  ])('%s', (_, acceptance, iss, hint) => {
    expect(wrongIssuer(acceptance, iss)).toMatchObject({
      code: 'issuer_not_accepted',
      found: `"${iss}"`,
      hint: expect.stringContaining(hint),
    });
  });
});

describe('what would have been accepted', () => {
  const tenants = Array.from({ length: 6 }, (_, index) => `${TENANT.slice(0, -1)}${index}`);
  it.each<[string, Acceptance, string]>([
    ['one tenant', single, `an issuer of Entra's public cloud for "${TENANT}"`],
    ['a domain that is not known yet', accepting({ tenantId: 'contoso.com' }), 'for "contoso.com"'],
    [
      'a domain that turned out to be a tenant',
      accepting({ tenantId: 'contoso.com' }, TENANT),
      `for "${TENANT}"`,
    ],
    ['two tenants', accepting({ tenants: tenants.slice(0, 2) }), `for "${tenants[0]}" or "${tenants[1]}"`],
    ['five tenants', accepting({ tenants: tenants.slice(0, 5) }), `"${tenants[4]}"`],
    ['more tenants', accepting({ tenants }), 'for one of 6 tenants'],
    ['a function', accepting({ tenants: () => true }), 'for a tenant that the tenants function accepts'],
    ['any organisation', accepting({ tenants: 'any-organization' }), 'for the tenant of an organisation'],
    [
      'an authority',
      accepting({ authority: CIAM }),
      `the issuer of ${CIAM}/.well-known/openid-configuration`,
    ],
  ])('%s', (_, acceptance, expected) => {
    expect(wrongIssuer(acceptance, 'https://evil.example/').expected).toContain(expected);
  });

  it('the issuer that the metadata states, where it is known', () => {
    expect(wrongIssuer(single, v2(OTHER_TENANT), v2(TENANT)).expected).toBe(`"${v2(TENANT)}"`);
  });
});

describe('another tenant', () => {
  it.each<[string, Acceptance, string, string, string]>([
    ['of the same kind', single, v2(OTHER_TENANT), `"${TENANT}"`, 'tenant_not_accepted'],
    [
      'of a domain, once it is known',
      accepting({ tenantId: 'contoso.com' }, TENANT),
      v2(OTHER_TENANT),
      `"${TENANT}"`,
      'tenant_not_accepted',
    ],
    [
      'of an authority, on its host',
      accepting({ authority: `https://login.contoso.example/${TENANT}` }, TENANT),
      `https://login.contoso.example/${OTHER_TENANT}/v2.0`,
      `"${TENANT}"`,
      'tenant_not_accepted',
    ],
    [
      "of an authority, on a host of Microsoft's",
      accepting({ authority: CIAM }, TENANT),
      v2(OTHER_TENANT),
      `"${TENANT}"`,
      'tenant_not_accepted',
    ],
    [
      'on a host of another kind',
      single,
      `https://x.ciamlogin.com/${OTHER_TENANT}/v2.0`,
      'an issuer',
      'issuer_not_accepted',
    ],
    [
      'on a foreign host',
      single,
      `https://evil.example/${OTHER_TENANT}/v2.0`,
      'an issuer',
      'issuer_not_accepted',
    ],
  ])('%s', (_, acceptance, iss, expected, code) => {
    const refusal = wrongTenant(acceptance, iss, OTHER_TENANT);
    expect(refusal.code).toBe(code);
    expect(refusal.expected).toContain(expected);
  });

  it('that of personal accounts is told so, and no other', () => {
    expect(wrongTenant(single, v2(CONSUMERS), CONSUMERS).hint).toContain('personal Microsoft accounts');
    expect(wrongTenant(single, v2(OTHER_TENANT), OTHER_TENANT).hint).not.toContain('personal');
  });
});

it('an issuer and a tenant that contradict each other, and a tenant that is missing', () => {
  expect(disagreement(v2(TENANT), OTHER_TENANT)).toMatchObject({
    code: 'tenant_not_accepted',
    found: `"${OTHER_TENANT}" with the issuer "${v2(TENANT)}"`,
    expected: 'the tenant that the issuer names',
  });
  expect(noTenant()).toMatchObject({ code: 'tenant_not_accepted', found: 'nothing' });
});
