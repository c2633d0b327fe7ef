import {
  allOf,
  authenticated,
  createValidator,
  explain,
  inTenants,
  scopes,
  signedInWithin,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  appClaims,
  documents,
  KEY,
  NOW,
  OTHER_TENANT,
  SPA,
  STRANGER,
  signed,
  TENANT,
  tenantPages,
  userClaims,
  v1Claims,
  v2Issuer,
} from '../../../../test/support/forger.js';
import { refusalOf } from '../../../../test/support/outcome.js';
import { SITUATIONS } from './situations.js';

const docs = documents(tenantPages());
const options = { tenantId: TENANT, clientId: API, fetch: docs.fetch, now: () => NOW };

describe('explain', () => {
  it('finds nothing wrong with a good token, and runs every check', async () => {
    const findings = await explain(signed(userClaims()), options, { requirement: scopes('Orders.Read') });
    expect(findings.map(({ check }) => check)).toEqual([
      'form',
      'algorithm',
      'key_id',
      'critical',
      'type',
      'claim_types',
      'issuer',
      'audience',
      'times',
      'authorized_party',
      'key_binding',
      'kind',
      'signing_key',
      'signature',
      'requirement',
    ]);
    expect(
      findings.every(({ ok, found, expected, hint }) => ok && found && expected && hint === undefined),
    ).toBe(true);
  });

  it.each(SITUATIONS.map((situation) => [situation.title, situation] as const))(
    'names the cause: %s',
    async (_, { token, options: api, more, code, hint }) => {
      const findings = await explain(token, api, more);
      const [first] = findings.filter(({ ok }) => ok === false);
      expect(first).toMatchObject({ ok: false, code });
      expect(first?.hint).toContain(hint);
    },
  );

  it.each(
    SITUATIONS.filter(({ more }) => more === undefined).map(
      (situation) => [situation.title, situation] as const,
    ),
  )(
    'complains first of what the validator refuses by, with the same hint: %s',
    async (_, { token, options: api }) => {
      const refusal = await refusalOf(createValidator({ ...api, log: false }), token);
      const [first] = (await explain(token, api)).filter(({ ok }) => ok === false);
      expect({ code: first?.code, hint: first?.hint }).toEqual({ code: refusal.code, hint: refusal.hint });
    },
  );

  it('goes on after the first complaint', async () => {
    const claims = userClaims({
      aud: 'api://other',
      exp: 1,
      iat: undefined,
      nbf: undefined,
      cnf: {},
      azp: undefined,
    });
    const findings = await explain(signed(claims, { typ: 'x', kid: KEY.kid }, { key: STRANGER }), options);
    expect(findings.filter(({ ok }) => ok === false).map(({ check }) => check)).toEqual([
      'type',
      'audience',
      'times',
      'authorized_party',
      'key_binding',
      'signature',
    ]);
  });

  it.each([
    ['no issuer', { iss: undefined }, ['claim_types', 'issuer']],
    ['roles that are not a list', { roles: 'x' }, ['claim_types']],
  ])('says what it can of a token with %s', async (_, changes, checks) => {
    const findings = await explain(signed(userClaims(changes)), options);
    expect(findings.filter(({ ok }) => ok === false).map((finding) => finding.check)).toEqual(
      checks.slice(-1),
    );
    // Of such claims nothing else is concluded: neither whose token it is, nor of which kind.
    expect(findings.map((finding) => finding.check)).toEqual([
      'form',
      'algorithm',
      'key_id',
      'critical',
      'type',
      ...checks,
      'audience',
      'times',
      'authorized_party',
      'key_binding',
    ]);
  });

  it.each<[string, string, Record<string, string>]>([
    [
      'a user',
      signed(userClaims({ scp: 'Orders.Read Orders.Write' })),
      {
        times: 'iat 1790000000, nbf 1790000000, exp 1790003900',
        authorized_party: `"${SPA}"`,
        kind: 'a delegated token',
        requirement: 'scopes Orders.Read, Orders.Write, user roles (none)',
      },
    ],
    [
      'a user, v1',
      signed(v1Claims()),
      {
        authorized_party: `"${SPA}"`,
        kind: 'a delegated token',
        requirement: 'scopes Orders.Read, user roles (none)',
      },
    ],
    [
      'an app',
      signed(appClaims({ nbf: undefined })),
      {
        times: 'iat 1790000000, nbf nothing, exp 1790003900',
        kind: 'an app-only token',
        requirement: 'application permissions Orders.Read.All',
      },
    ],
  ])('tells what it found in the token of %s', async (_, token, expected) => {
    const findings = await explain(token, options, { requirement: authenticated() });
    const found = Object.fromEntries(findings.map(({ check, found }) => [check, found]));
    expect(found).toMatchObject(expected);
    expect(findings.every(({ ok }) => ok)).toBe(true);
  });

  it('judges a requirement at the time of the API, and by the tenant in any case', async () => {
    const requirement = allOf(scopes('Orders.Read'), inTenants(TENANT), signedInWithin('15m'));
    const claims = userClaims({ tid: TENANT.toUpperCase(), auth_time: NOW / 1000 - 900 });
    const findings = await explain(signed(claims), options, { requirement });
    expect(findings.at(-1)).toMatchObject({ check: 'requirement', ok: true });
  });

  it('judges no requirement by claims that no application would see', async () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 40; level++) deep = [deep];
    const findings = await explain(signed(userClaims({ deep })), options, { requirement: authenticated() });
    expect(findings.at(-1)).toMatchObject({
      check: 'requirement',
      ok: undefined,
      hint: 'Not judged: the token has to pass the checks above first.',
    });
  });

  it('asks no authority about an issuer that can not be accepted', async () => {
    docs.asked.length = 0;
    const token = signed(userClaims({ iss: v2Issuer(OTHER_TENANT), tid: OTHER_TENANT }));
    const findings = await explain(token, options);
    expect(findings.find(({ check }) => check === 'issuer')).toMatchObject({ code: 'tenant_not_accepted' });
    expect(docs.asked).toEqual([]);
  });

  it('complains of an issuer and a tenant that contradict each other', async () => {
    const findings = await explain(signed(userClaims({ tid: OTHER_TENANT })), options);
    expect(findings.find(({ check }) => check === 'issuer')).toMatchObject({
      code: 'tenant_not_accepted',
      hint: expect.stringContaining('contradict each other'),
    });
  });

  it('goes on where the client has no name but a number', async () => {
    const findings = await explain(signed(userClaims({ azp: 7 })), options);
    expect(findings.filter(({ ok }) => ok === false).map(({ check }) => check)).toEqual([
      'claim_types',
      'authorized_party',
    ]);
  });

  it('keeps nothing: what it has read is read anew for the next token', async () => {
    docs.asked.length = 0;
    await explain(signed(userClaims()), options);
    const once = docs.asked.length;
    expect(once).toBeGreaterThan(0);
    await explain(signed(userClaims()), options);
    expect(docs.asked).toHaveLength(2 * once);
  });

  it('takes a signature by either of two keys of one ID, as the validator does', async () => {
    const pages = tenantPages(TENANT, [{ ...STRANGER, jwk: { ...STRANGER.jwk, kid: KEY.kid } }, KEY]);
    const api = { ...options, fetch: documents(pages).fetch };
    expect((await explain(signed(userClaims()), api)).every(({ ok }) => ok)).toBe(true);
  });

  it('leaves issuer and signature open where the keys may not be read, and sends no request', async () => {
    docs.asked.length = 0;
    const findings = await explain(signed(userClaims()), options, { keys: false });
    expect(docs.asked).toEqual([]);
    expect(findings.filter(({ ok }) => ok === undefined).map(({ check }) => check)).toEqual([
      'issuer',
      'signing_key',
      'signature',
    ]);
    expect(findings.filter(({ ok }) => ok === false)).toEqual([]);
  });

  it('leaves them open where the authority can not be reached, and says why', async () => {
    const findings = await explain(signed(userClaims()), { ...options, fetch: documents({}).fetch });
    const undecided = findings.filter(({ ok }) => ok === undefined);
    expect(undecided.map(({ check }) => check)).toEqual(['issuer', 'signing_key', 'signature']);
    expect(undecided[0]?.hint).toContain('status 404');
  });

  it('of several authorities explains for the one that the token comes closest to', async () => {
    const other = { ...options, tenantId: OTHER_TENANT, clientId: '99999999-aaaa-2222-bbbb-3333cccc4444' };
    const findings = await explain(signed(userClaims({ aud: 'api://x' })), [other, options]);
    expect(findings.find(({ check }) => check === 'issuer')).toMatchObject({
      ok: true,
      found: `"${v2Issuer(TENANT)}"`,
    });
  });

  it('of several that are equally near explains for the first', async () => {
    const other = { ...options, clientId: '99999999-aaaa-2222-bbbb-3333cccc4444' };
    const findings = await explain(signed(userClaims({ aud: 'api://x' })), [options, other]);
    expect(findings.find(({ check }) => check === 'audience')?.expected).toContain(API);
  });

  it('never shows the token or a part of it', async () => {
    for (const { token, options: api, more } of SITUATIONS) {
      const text = JSON.stringify(await explain(token, api, more));
      for (const part of token.split('.').filter((one) => one.length > 8)) expect(text).not.toContain(part);
    }
  });

  it('refuses an empty list of authorities, as the validator does', async () => {
    await expect(explain(signed(userClaims()), [])).rejects.toThrow(/No authority was given/);
    expect(() => createValidator([])).toThrow(/No authority was given/);
  });

  it('refuses invalid options', async () => {
    await expect(explain('x', { ...options, tenantId: 'common' })).rejects.toThrow(/stands for many tenants/);
  });
});
