import { type EntraOptions, explain, type Finding, scopes } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { b2cClaims, b2cOptions } from '../../../../test/support/b2c.js';
import { contoso } from '../../../../test/support/contoso.js';
import {
  documents,
  KEY,
  LOGIN,
  NOW,
  OTHER_TENANT,
  SPA,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';

describe('explain', () => {
  const { log: _, ...single } = contoso();
  const requirement = scopes('Orders.Read');
  const of = (findings: readonly Finding[], check: string): Finding | undefined =>
    findings.find((finding) => finding.check === check);

  it('says that a key serves others only', async () => {
    const other = documents(tenantPages());
    other.pages.set(`${LOGIN}/${TENANT}/discovery/v2.0/keys`, { keys: [{ ...KEY.jwk, alg: 'RS256' }] });
    const api: EntraOptions = { ...single, fetch: other.fetch, algorithms: ['RS256', 'PS256'] };
    expect(of(await explain(signed(userClaims()), api), 'signature')).toMatchObject({ ok: true });
    const findings = await explain(signed(userClaims(), {}, { by: 'PS256' }), api);
    expect(of(findings, 'signing_key')).toMatchObject({ ok: false, code: 'signing_key_not_found' });
    expect(of(findings, 'signing_key')?.found).toContain('another issuer or algorithm');
  });

  it('judges no requirement by a token of no known kind', async () => {
    const findings = await explain(signed(userClaims({ scp: undefined })), single, { requirement });
    expect(of(findings, 'kind')).toMatchObject({ ok: false, code: 'token_kind_unknown' });
    expect(of(findings, 'requirement')).toMatchObject({
      ok: undefined,
      hint: 'Not judged: the token has to pass the checks above first.',
    });
  });

  it('of several authorities it is the nearest one that explains, whichever stands first', async () => {
    const far = { ...single, tenantId: OTHER_TENANT };
    for (const list of [
      [single, far],
      [far, single],
    ]) {
      const findings = await explain(signed(userClaims()), list);
      expect(findings.every(({ ok }) => ok)).toBe(true);
    }
  });

  it('judges a B2C token, which names no tenant, and one without a policy', async () => {
    const api = b2cOptions();
    const findings = await explain(signed(b2cClaims()), api, { requirement });
    expect(findings.every(({ ok }) => ok)).toBe(true);
    const without = await explain(signed(b2cClaims({ tfp: undefined })), api);
    expect(of(without, 'policy')).toMatchObject({ ok: false, code: 'policy_not_accepted' });
    expect(of(without, 'signature')).toMatchObject({ ok: true });
  });

  it('tells a daemon of a B2C tenant from a user', async () => {
    const api = { ...b2cOptions(), appClients: [SPA] };
    expect(of(await explain(signed(b2cClaims()), api), 'kind')?.found).toBe('an app-only token');
  });

  it("a failure of the application's clock is not taken for a failure of the authority", async () => {
    let calls = 0;
    const now = (): number => {
      if (calls++ > 0) throw new RangeError('the clock is broken');
      return NOW;
    };
    await expect(explain(signed(userClaims()), { ...single, now })).rejects.toThrow('the clock is broken');
  });
});
