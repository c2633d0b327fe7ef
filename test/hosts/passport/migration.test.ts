import { BearerStrategy, type IBearerStrategyOption, type LogEntry } from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcome } from './acting.js';
import { everybody, trusting } from './app.js';
import { b2c, POLICY } from './b2c.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const ada = () => entra.user('ada', { scp: 'Orders.Read' });

/** Returns the warnings that a strategy logs at start. */
function warnings(options: IBearerStrategyOption, strategies = 1): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  const log = (entry: LogEntry): void => void entries.push(entry);
  for (let count = 0; count < strategies; count++) new BearerStrategy({ ...options, log }, everybody);
  return entries;
}

describe('ID tokens', () => {
  it('are refused, and the log names the option that accepts them', async () => {
    const entries: LogEntry[] = [];
    const options = trusting(entra, { log: (entry) => void entries.push(entry) });
    expect(await outcome(options, entra.wrong.idToken())).toBe('invalid_token');
    expect(entries).toMatchObject([
      { code: 'not_an_access_token', hint: expect.stringContaining('allowIdTokens: true') },
    ]);
  });

  it('are accepted with allowIdTokens, and other wrong tokens are not', async () => {
    const options = trusting(entra, { allowIdTokens: true });
    expect(await outcome(options, entra.wrong.idToken())).toBe('accepted');
    expect(await outcome(options, ada())).toBe('accepted');
    for (const name of ['expired', 'audience', 'stranger', 'keyBound', 'tenant'] as const) {
      expect(await outcome(options, entra.wrong[name]()), name).toBe('invalid_token');
    }
    expect(await outcome(options, entra.wrong.withoutPermissions())).toBe('insufficient_scope');
  });

  it('are refused if a scope is required, because they have none', async () => {
    const options = trusting(entra, { allowIdTokens: true, scope: ['Orders.Read'] });
    expect(await outcome(options, entra.wrong.idToken())).toBe('insufficient_scope');
  });
});

describe('app-only tokens without a role', () => {
  it('are refused, and the log names the option that accepts them', async () => {
    const entries: LogEntry[] = [];
    const options = trusting(entra, { log: (entry) => void entries.push(entry) });
    expect(await outcome(options, entra.wrong.withoutPermissions())).toBe('insufficient_scope');
    expect(entries).toMatchObject([
      { code: 'token_without_permissions', hint: expect.stringContaining('allowAppsWithoutRoles: true') },
    ]);
  });

  it('are accepted with allowAppsWithoutRoles, unless a scope is required', async () => {
    const options = trusting(entra, { allowAppsWithoutRoles: true });
    expect(await outcome(options, entra.wrong.withoutPermissions())).toBe('accepted');
    expect(await outcome(options, entra.wrong.idToken())).toBe('invalid_token');
    expect(await outcome({ ...options, scope: ['Orders.Read'] }, entra.wrong.withoutPermissions())).toBe(
      'insufficient_scope',
    );
  });
});

describe('B2C', () => {
  it('accepts tokens of its policy', async () => {
    const { options, token } = b2c(entra);
    expect(await outcome(options, token())).toBe('accepted');
    expect(await outcome(options, token({ tfp: POLICY.toLowerCase() }))).toBe('accepted');
  });

  it('finds the policy in the path of identityMetadata, with or without isB2C', async () => {
    const { options, inPath, token } = b2c(entra);
    const { isB2C: _isB2C, policyName: _policyName, ...plain } = options;
    for (const given of [
      { ...options, identityMetadata: inPath },
      { ...plain, identityMetadata: inPath },
    ]) {
      expect(await outcome(given, token())).toBe('accepted');
      expect(await outcome(given, token({ tfp: 'B2C_1_edit' }))).toBe('invalid_token');
    }
  });

  it('refuses tokens of another policy, and the log names the option that accepts them', async () => {
    const entries: LogEntry[] = [];
    const { options, token } = b2c(entra);
    const logged = { ...options, log: (entry: LogEntry) => void entries.push(entry) };
    expect(await outcome(logged, token({ tfp: 'B2C_1_edit' }))).toBe('invalid_token');
    expect(entries).toMatchObject([
      { code: 'policy_not_accepted', hint: expect.stringContaining('allowOtherPolicies: true') },
    ]);
  });

  it('accepts tokens of the listed policies, and of no other', async () => {
    const { options, token } = b2c(entra);
    const listed = { ...options, policies: [POLICY, 'B2C_1_edit'] };
    expect(await outcome(listed, token({ tfp: 'B2C_1_edit' }))).toBe('accepted');
    expect(await outcome(listed, token({ tfp: 'B2C_1_reset' }))).toBe('invalid_token');
  });

  it('accepts every policy with allowOtherPolicies, and no other tenant', async () => {
    const { options, token } = b2c(entra);
    const lenient = { ...options, allowOtherPolicies: true };
    expect(await outcome(lenient, token({ tfp: 'B2C_1_edit' }))).toBe('accepted');
    expect(await outcome(lenient, token({ tfp: undefined }))).toBe('accepted');
    const iss = `https://contoso.b2clogin.com/${entra.tenantIdOf('fabrikam')}/v2.0/`;
    expect(await outcome(lenient, token({ iss, tfp: 'B2C_1_edit' }))).toBe('invalid_token');
  });

  it('accepts ID tokens with allowIdTokens only', async () => {
    const { options, token } = b2c(entra);
    const idToken = token({ azp: undefined, scp: undefined, nonce: 'FAKE' });
    expect(await outcome(options, idToken)).toBe('invalid_token');
    expect(await outcome({ ...options, allowIdTokens: true }, idToken)).toBe('accepted');
  });

  it('validates the issuer, whatever validateIssuer says', async () => {
    const { options, token } = b2c(entra);
    const lenient = { ...options, validateIssuer: false };
    expect(await outcome(lenient, token())).toBe('accepted');
    const iss = `https://contoso.b2clogin.com/${entra.tenantIdOf('fabrikam')}/v2.0/`;
    expect(await outcome(lenient, token({ iss }))).toBe('invalid_token');
  });

  it('uses the tenant of each request, with the common endpoint', async () => {
    const { options, token } = b2c(entra);
    const common = {
      ...options,
      identityMetadata: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
    };
    expect(await outcome(common, token())).toBe('configuration_invalid');
    const iss = `https://login.microsoftonline.com/${entra.tenantId}/v2.0/`;
    expect(await outcome(common, token({ iss }), { tenantIdOrName: 'contoso.onmicrosoft.com' })).toBe(
      'accepted',
    );
    expect(await outcome(common, token({ iss }), { tenantIdOrName: '..' })).toBe('configuration_invalid');
  });
});

describe('a warning at start', () => {
  it('is not logged for safe options', () => {
    expect(warnings(trusting(entra, { scope: ['Orders.Read'] }))).toEqual([]);
  });

  const neverUsed: IBearerStrategyOption = {
    identityMetadata: 'https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0',
    clientID: '00001111-aaaa-2222-bbbb-3333cccc4444',
  };
  const common = 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration';
  it.each<readonly [string, Partial<IBearerStrategyOption>]>([
    ['allowIdTokens', { allowIdTokens: true }],
    ['allowOtherPolicies', { allowOtherPolicies: true }],
    ['allowAppsWithoutRoles', { allowAppsWithoutRoles: true }],
    ['allowMultiAudiencesInToken', { allowMultiAudiencesInToken: true }],
    ['answerFrom', { answerFrom: 'other', compareWith: new BearerStrategy(neverUsed, everybody) }],
    ['validateIssuer', { identityMetadata: common, validateIssuer: false }],
    ['validateIssuer', { validateIssuer: false }],
    [
      'validateIssuer',
      {
        identityMetadata: 'https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0',
        validateIssuer: false,
      },
    ],
  ])('is logged once for any number of strategies: %s', (name, changes) => {
    expect(warnings(trusting(entra, changes), 3)).toMatchObject([
      {
        level: 'warn',
        event: 'configuration',
        message: expect.stringContaining(name),
        hint: expect.any(String),
      },
    ]);
  });

  it('does not prevent a strategy from being made if the log throws', () => {
    const log = (): void => {
      throw new Error('disk full');
    };
    expect(() => new BearerStrategy(trusting(entra, { allowIdTokens: true, log }), everybody)).not.toThrow();
  });
});
