import { createValidator, explain, scopes, type ValidatorOptions } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  documents,
  NOW,
  OTHER_TENANT,
  signed,
  TENANT,
  userClaims,
  v1Claims,
  v1Issuer,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { refusalOf } from '../../../../test/support/outcome.js';
import { SITUATIONS } from './situations.js';

const nowhere = documents({});
const common = { clientId: API, fetch: nowhere.fetch, now: () => NOW } as const;
const B2C = 'https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin/v2.0';
const CIAM = 'https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0';

/** What explain says of an issuer that it may not ask about. */
async function unread(iss: string, options: ValidatorOptions, changes: object = {}) {
  const findings = await explain(signed(userClaims({ iss, ...changes })), options, { keys: false });
  const { ok, code } = findings.find(({ check }) => check === 'issuer') ?? {};
  return ok === undefined ? 'open' : (code ?? 'passed');
}

const V2 = v2Issuer(TENANT);
const V1 = v1Issuer(TENANT);

describe('without a network, the issuer', () => {
  it.each<[string, ValidatorOptions, readonly string[], readonly string[]]>([
    [
      'of a tenant',
      { ...common, tenantId: TENANT },
      [V2, V1],
      [
        `https://evil.example/${TENANT}/v2.0`,
        `https://login.microsoftonline.us/${TENANT}/v2.0`,
        `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
        `https://sts.chinacloudapi.cn/${TENANT}/`,
        `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`,
        `https://evil.example/?https://login.microsoftonline.com/${TENANT}/v2.0`,
        `http://login.microsoftonline.com/${TENANT}/v2.0`,
        `https://login.microsoftonline.com:8443/${TENANT}/v2.0`,
        `https://login.microsoftonline.com@evil.example/${TENANT}/v2.0`,
        `https://user@login.microsoftonline.com/${TENANT}/v2.0`,
        `https://LOGIN.microsoftonline.com/${TENANT}/v2.0`,
        `https://login.microsoftonline.com/${TENANT.toUpperCase()}/v2.0`,
        `https://login.microsoftonline.com/${TENANT}/v2.0/`,
        `https://login.microsoftonline.com/${TENANT}/v2.0?x`,
        `https://login.microsoftonline.com/${TENANT}/`,
        `https://login.windows.net/${TENANT}/v2.0`,
        `https://sts.windows.net/${TENANT}`,
        `https://sts.windows.net/${TENANT}/v2.0`,
        `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
        `https://contoso.b2clogin.com/${TENANT}/v2.0/`,
      ],
    ],
    [
      'of the American cloud',
      { ...common, tenantId: TENANT, cloud: 'usgov' },
      [`https://login.microsoftonline.us/${TENANT}/v2.0`, V1],
      [V2, `https://sts.chinacloudapi.cn/${TENANT}/`],
    ],
    [
      'of the Chinese cloud',
      { ...common, tenants: [TENANT], cloud: 'china' },
      [`https://login.partner.microsoftonline.cn/${TENANT}/v2.0`, `https://sts.chinacloudapi.cn/${TENANT}/`],
      [V2, V1, `https://login.chinacloudapi.cn/${TENANT}/v2.0`],
    ],
    [
      'of any organisation',
      { ...common, tenants: 'any-organization' },
      [V2, V1],
      [`https://evil.example/${TENANT}/v2.0`],
    ],
    [
      'of a domain',
      { ...common, tenantId: 'contoso.example' },
      [V2, V1],
      [`https://evil.example/${TENANT}/v2.0`],
    ],
    [
      'of an authority on a login host',
      { ...common, authority: `https://login.microsoftonline.com/${TENANT}/v2.0` },
      [V2, V1],
      [`https://evil.example/${TENANT}/v2.0`, `https://login.microsoftonline.us/${TENANT}/v2.0`],
    ],
    [
      'of B2C',
      { ...common, authority: B2C },
      [
        `https://contoso.b2clogin.com/${TENANT}/v2.0/`,
        `https://contoso.b2clogin.com/tfp/${TENANT}/b2c_1_signin/v2.0/`,
      ],
      [
        `https://fabrikam.b2clogin.com/${TENANT}/v2.0/`,
        `https://contoso.b2clogin.us/${TENANT}/v2.0/`,
        `http://contoso.b2clogin.com/${TENANT}/v2.0/`,
        `https://contoso.b2clogin.com:444/${TENANT}/v2.0/`,
        `https://evil.example/tfp/${TENANT}/b2c_1_signin/v2.0/`,
        `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
        V2,
      ],
    ],
    [
      'of External ID',
      { ...common, authority: CIAM },
      [`https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`],
      [
        `https://${TENANT}.ciamlogin.com:444/${TENANT}/v2.0`,
        `https://ciamlogin.com.evil.example/${TENANT}/v2.0`,
        V2,
        V1,
      ],
    ],
    [
      'of a custom domain',
      { ...common, authority: 'https://login.contoso.example/contoso/v2.0' },
      [`https://login.contoso.example/${TENANT}/v2.0/`, `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`],
      [`https://evil.example/${TENANT}/v2.0`, `https://login.contoso.example.evil.example/${TENANT}/v2.0`],
    ],
    [
      'of a local Entra',
      { ...common, authority: `http://127.0.0.1:8888/${TENANT}/v2.0` },
      [`http://127.0.0.1:8888/${TENANT}/v2.0`, `http://localhost:8888/${TENANT}/v2.0`],
      [V2, `https://evil.example/${TENANT}/v2.0`, `http://127.0.0.1:8888/${TENANT}/v2.0?x`],
    ],
  ])('%s is refused where no metadata could state it', async (_, options, possible, impossible) => {
    const b2c = options.authority === B2C ? { tid: undefined, tfp: 'b2c_1_signin' } : {};
    for (const iss of possible) expect([iss, await unread(iss, options, b2c)]).toEqual([iss, 'open']);
    for (const iss of impossible) {
      expect([iss, await unread(iss, options, b2c)]).toEqual([iss, 'issuer_not_accepted']);
    }
    expect(nowhere.asked).toEqual([]);
  });

  it('of another tenant than the authority names is refused as the validator does', async () => {
    const authority = `https://login.microsoftonline.com/${TENANT}/v2.0`;
    const changes = { tid: OTHER_TENANT };
    expect(await unread(v2Issuer(OTHER_TENANT), { ...common, authority }, changes)).toBe(
      'tenant_not_accepted',
    );
  });

  it('that is invalid is refused too where the authority does not answer', async () => {
    const token = signed(userClaims({ iss: `https://evil.example/${TENANT}/v2.0` }));
    const findings = await explain(token, { ...common, fetch: documents({}).fetch, tenantId: TENANT });
    expect(findings.find(({ check }) => check === 'issuer')).toMatchObject({
      ok: false,
      code: 'issuer_not_accepted',
      hint: expect.stringContaining('does not come from Entra'),
    });
  });

  it.each([
    ['v2', userClaims()],
    ['v1', v1Claims()],
  ])('of a good %s token is left open', async (_, claims) => {
    const findings = await explain(signed(claims), { ...common, tenantId: TENANT }, { keys: false });
    expect(findings.filter(({ ok }) => ok === false)).toEqual([]);
    expect(findings.find(({ check }) => check === 'issuer')?.ok).toBeUndefined();
  });
});

describe('the verdict without a network is the validator\u2019s', () => {
  it.each(SITUATIONS.filter(({ more }) => more === undefined).map((one) => [one.title, one] as const))(
    'but for what needs a key: %s',
    async (_, { token, options }) => {
      const refusal = await refusalOf(createValidator({ ...options, log: false }), token);
      const [first] = (await explain(token, options, { keys: false })).filter(({ ok }) => ok === false);
      const needsKeys = ['signing_key_not_found', 'signature_invalid'].includes(refusal.code);
      expect(first?.code).toBe(needsKeys ? undefined : refusal.code);
    },
  );

  it('also of claims that no application is handed', async () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 40; level++) deep = [deep];
    const token = signed(userClaims({ deep }));
    const findings = await explain(token, { ...common, tenantId: TENANT }, { keys: false });
    expect(findings.filter(({ ok }) => ok === false)).toEqual([
      expect.objectContaining({ check: 'claim_types', code: 'token_malformed' }),
    ]);
    const asked = await explain(
      token,
      { ...common, tenantId: TENANT },
      { keys: false, requirement: scopes('Orders.Read') },
    );
    expect(asked.at(-1)).toMatchObject({ check: 'requirement', ok: undefined });
  });
});
