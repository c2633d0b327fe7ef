import { describe, expect, it } from 'vitest';
import { moveSource } from '../src/passport-azure-ad/move-source.js';

const ID = "clientID: '00001111-aaaa-2222-bbbb-3333cccc4444'";
const V2 = 'https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration';

/** What becomes of a strategy with these options. */
function optionsMoved(options: string): { readonly options: string; readonly findings: readonly string[] } {
  const before = `import { BearerStrategy } from 'passport-azure-ad';\nnew BearerStrategy({ ${options} }, verify);\n`;
  const { text, findings } = moveSource('app.ts', before);
  const after = /BearerStrategy\(\{(.*)\}, verify\)/s.exec(text)?.[1]?.trim() ?? '';
  return {
    options: after,
    findings: findings.map(({ level, code, message }) => `${level} ${code}: ${message}`),
  };
}

describe('an option without effect goes', () => {
  it.each([
    ['allowMultiAudiencesInToken: true', ''],
    ['allowMultiAudiencesInToken: config.many', ''],
    ['ignoreExpiration: false', ''],
    ['ignoreExpiration: undefined', ''],
    ['proxy: null', ''],
    ['proxy: undefined as never', ''],
  ])('%s', (option) => {
    expect(optionsMoved(`${ID}, ${option}`)).toEqual({ options: ID, findings: [] });
    expect(optionsMoved(`${option}, ${ID}`)).toEqual({ options: ID, findings: [] });
    expect(optionsMoved(`${ID}, ${option}, isB2C: false`)).toEqual({
      options: `${ID}, isB2C: false`,
      findings: [],
    });
    expect(optionsMoved(`${ID},\n  ${option},\n`)).toEqual({ options: `${ID},`, findings: [] });
    expect(optionsMoved(`${ID},\n  ${option} // why\n`)).toEqual({ options: ID, findings: [] });
  });

  it('also where several do', () => {
    const options = `ignoreExpiration: false, ${ID}, proxy: null, allowMultiAudiencesInToken: false`;
    expect(optionsMoved(options)).toEqual({ options: ID, findings: [] });
    const lines = `\n  proxy: null,\n  ${ID},\n  ignoreExpiration: false,\n  allowMultiAudiencesInToken: false\n`;
    expect(optionsMoved(lines).options).toBe(`${ID},`);
  });
});

describe('an option that a person has to see to stays, and is told', () => {
  it.each([
    ['ignoreExpiration: true', 'by-hand option-not-supported'],
    ['ignoreExpiration: isTest', 'by-hand option-not-supported'],
    ["proxy: { host: 'proxy', port: '8080', protocol: 'http' }", 'by-hand option-not-supported'],
    ['proxy', 'by-hand option-not-supported'],
    ["validateIssuer: 'false'", 'by-hand option-not-boolean'],
    ['validateIssuer: process.env.VALIDATE', 'by-hand option-not-boolean'],
    ["isB2C: 'true'", 'by-hand option-not-boolean'],
    ['passReqToCallback: `true`', 'by-hand option-not-boolean'],
    ["loggingNoPII: process.env['NO_PII']", 'by-hand option-not-boolean'],
    ['validateIssuer: false', 'note tenants-to-list'],
    ['clockSkew: 301', 'by-hand option-value'],
    ['clockSkew: 0', 'note option-value'],
    ["clockSkew: '300'", 'by-hand option-value'],
    ['clockSkew: process.env.SKEW', 'by-hand option-value'],
    ["scope: ''", 'note option-value'],
    ["scope: 'Orders.Read'", 'by-hand option-value'],
    ["scope: ['Orders.Read', 'api://orders/Orders.Write']", 'by-hand option-value'],
    ['audience: []', 'by-hand option-value'],
    ["loggingLevel: 'verbose'", 'by-hand option-value'],
    [`identityMetadata: '${V2.replace('openid-', 'openid_')}'`, 'by-hand option-value'],
    [`identityMetadata: '${V2.replace('contoso.example', 'organizations')}'`, 'by-hand tenants-to-list'],
    [`identityMetadata: '${V2.replace('contoso.example', 'common')}'`, 'note tenants-to-list'],
  ])('%s', (option, expected) => {
    const { options, findings } = optionsMoved(`${ID}, ${option}`);
    expect(options).toBe(`${ID}, ${option}`);
    expect(findings).toEqual([expect.stringContaining(`${expected}: `)]);
  });

  it.each([
    ["clientID: 'api://orders'", 'by-hand option-value: clientID is not a GUID.'],
    ["clientID: '00001111-aaaa-2222-bbbb-3333cccc4444 '", 'by-hand option-value: clientID is not a GUID.'],
    ["clientID: process.env.ID || '-'", 'by-hand option-value: clientID falls back to text'],
    ['audience', 'by-hand client-id-missing'],
  ])('%s', (option, expected) => {
    const { options, findings } = optionsMoved(option);
    expect(options).toBe(option);
    expect(findings).toEqual([expect.stringContaining(expected)]);
  });

  it('says what text was taken for: only false itself turned validateIssuer off, only true itself turned isB2C on', () => {
    const [issuer] = optionsMoved(`${ID}, validateIssuer: 'false'`).findings;
    expect(issuer).toContain('was taken for true');
    const [b2c] = optionsMoved(`${ID}, isB2C: 'true'`).findings;
    expect(b2c).toContain('was taken for false');
  });
});

describe('an option that the new strategy has stays as it is', () => {
  it.each([
    `identityMetadata: '${V2}'`,
    `identityMetadata: '${V2}/'`,
    `identityMetadata: '${V2}?appid=x'`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
    'identityMetadata: `https://${host}/${tenant}/.well-known/${document}`',
    "identityMetadata: host + '/.well-known/' + discovery",
    `identityMetadata: '${V2.replace('contoso.example', 'common')}', issuer: issuers`,
    `identityMetadata: '${V2.replace('contoso.example', 'organizations')}', tenants: list`,
    'audience: [a, b]',
    "scope: ['Orders.Read']",
    'scope: config.scopes',
    'clockSkew: 300',
    'clockSkew: Number(process.env.SKEW)',
    'validateIssuer: true',
    "validateIssuer: process.env.VALIDATE !== 'false'",
    'validateIssuer: false, tenants: list',
    'isB2C: true, policyName: policy, validateIssuer: false',
    'loggingNoPII: false, legacyResponses: true',
    "loggingLevel: 'info'",
    'clientSecret: secret, responseType: type',
    'passReqToCallback() {}',
    '[computed]: 1',
  ])('%s', (options) => {
    expect(optionsMoved(`${ID}, ${options}`)).toEqual({ options: `${ID}, ${options}`, findings: [] });
  });
});
