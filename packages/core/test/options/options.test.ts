import { afterEach, describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  API,
  DAEMON,
  OTHER_API,
  OTHER_TENANT,
  ofTenant,
  signed,
  TENANT,
  userClaims,
} from '../../../../test/support/forger.js';
import { createValidator, type ValidatorOptions } from '../../src/index.js';
import { resolveSettings } from '../../src/options/settings.js';
import { configurationSentence, refusalOf } from '../refusals.js';

/** As a JavaScript caller may write them. */
type AnyOptions = Readonly<Record<string, unknown>>;
const build = (options: unknown) => createValidator(options as ValidatorOptions);

type Row = [what: string, changes: AnyOptions, ...keyWords: string[]];

/** Each row changes options that are good otherwise: one tenant, or an authority. */
function refuses(rows: readonly Row[], good: AnyOptions = { tenantId: TENANT, clientId: API }): void {
  it.each(rows)('%s', (_, changes, ...keyWords) => {
    const sentence = configurationSentence(() => build({ ...good, ...changes }));
    for (const keyWord of keyWords) expect(sentence).toContain(keyWord);
  });
}

describe('clientId: the error names it, what was given, and the fix', () => {
  refuses([
    ['missing', { clientId: undefined }, 'clientId is missing', 'unset'],
    ['empty', { clientId: '' }, "clientId is ''", 'unset'],
    ["the text 'undefined'", { clientId: 'undefined' }, "'undefined'", 'unset'],
    ["the text 'null'", { clientId: 'null' }, "'null'", 'unset'],
    ['null', { clientId: null }, 'clientId is null', 'not a GUID', 'overview page'],
    ['a number', { clientId: 7 }, 'clientId is 7', 'not a GUID'],
    ['a list', { clientId: [API] }, 'an array of 1'],
    ['a GUID with a character missing', { clientId: API.slice(1) }, API.slice(1), 'not a GUID'],
    ['a GUID in capitals with a character missing', { clientId: API.slice(1).toUpperCase() }, 'not a GUID'],
    ['a GUID with a hyphen in the wrong place', { clientId: API.replace('1-a', '-1a') }, 'not a GUID'],
    ['a GUID with a blank behind it', { clientId: `${API} ` }, 'not a GUID'],
    ['a name', { clientId: 'orders-api' }, 'orders-api', 'not a GUID'],
    ['a short name that looks like more', { clientId: 'Orders_API_2' }, 'Orders_API_2', 'not a GUID'],
    // Long ones may be anything: they are not repeated.
    ['a long name', { clientId: 'orders-of-contoso' }, '17 characters, not shown', 'not a GUID'],
    ['a name of 16 characters', { clientId: 'orders-of-online' }, '16 characters, not shown'],
    ['a long name that ends in letters of a GUID', { clientId: 'the-orders-api-face' }, '19 characters'],
    ['a long name that begins with letters of a GUID', { clientId: 'face-the-orders-api' }, '19 characters'],
    ['an application ID URI', { clientId: `api://${API}` }, `api://${API}`, 'applicationIdUri'],
    ["the tenant's GUID", { clientId: TENANT.toUpperCase() }, 'same GUID', 'Directory (tenant) ID'],
  ]);

  it.each<[string, string]>([
    ['as Entra makes them', 'Abc8Q~FAKE_fake.FAKE-fake.FAKE_fake12345'],
    ['with small letters alone', 'abc8q~fake-fake-fake-fake-fake-fake12345'],
    // Before 2021 secrets had any punctuation, or were base64.
    ['as the portal made them before', 'FAKEfakeFAKE/fake+FAKEfakeFAKEfakeFAKEfake0='],
    ['with the punctuation of before', 'FAKE[fake]FAKE?fake@FAKE:fake=12'],
  ])('a client secret is recognised and not repeated: %s', (_, secret) => {
    const sentence = configurationSentence(() => build({ tenantId: TENANT, clientId: secret }));
    expect(sentence).toContain('clientId looks like a client secret');
    for (let start = 0; start + 6 <= secret.length; start++) {
      expect(sentence).not.toContain(secret.slice(start, start + 6));
    }
  });
});

describe('an authority on this machine', () => {
  afterEach(() => vi.unstubAllEnvs());
  const loopback = { clientId: API, authority: 'http://localhost:8484/contoso/v2.0' };

  it.each([
    'http://localhost:8484/contoso/v2.0',
    'https://localhost/contoso/v2.0',
    'https://127.0.0.1:8443/contoso/v2.0',
    'http://[::1]:8484/contoso/v2.0',
  ])('is refused in production: %s', (authority) => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(configurationSentence(() => build({ ...loopback, authority }))).toMatch(
      /^authority is on this machine \(http.*\), and NODE_ENV is "production"\. .*dangerouslyAllowLoopbackAuthority: true/,
    );
  });

  it('is accepted elsewhere, and where the option says so', () => {
    vi.stubEnv('NODE_ENV', 'development');
    expect(() => build(loopback)).not.toThrow();
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => build({ ...loopback, dangerouslyAllowLoopbackAuthority: true })).not.toThrow();
    expect(() =>
      build({ clientId: API, authority: 'https://localhost.contoso.example/x/v2.0' }),
    ).not.toThrow();
  });

  it('is not accepted for anything but true', () => {
    vi.stubEnv('NODE_ENV', 'production');
    for (const value of ['true', 1, {}]) {
      const options = { ...loopback, dangerouslyAllowLoopbackAuthority: value };
      expect(configurationSentence(() => build(options))).toContain('Pass true or false');
    }
    expect(
      configurationSentence(() =>
        build({ clientId: API, tenantId: TENANT, dangerouslyAllowLoopbackAuthority: true }),
      ),
    ).toContain('is set without authority');
  });
});

describe('whose tokens are accepted: exactly one way', () => {
  refuses([
    [
      'none',
      { tenantId: undefined },
      'None of tenantId, tenants and authority',
      'tenantId is there, and undefined',
    ],
    [
      'tenantId and tenants',
      { tenants: [OTHER_TENANT] },
      'tenantId and tenants are set at once',
      'exactly one',
    ],
    [
      'tenantId and authority',
      { authority: `https://localhost/${TENANT}` },
      'tenantId and authority are set at once',
    ],
    [
      'policies of one tenant',
      { policies: ['B2C_1_x'] },
      'policies is set without authority',
      'b2clogin.com',
    ],
  ]);

  it('none at all', () => {
    expect(configurationSentence(() => build({ clientId: API }))).toContain(
      'None of tenantId, tenants and authority is set.',
    );
    expect(configurationSentence(() => build([]))).toContain('No authority was given');
  });

  it.each([[undefined], [null], ['https://login.microsoftonline.com'], [7], [[[]]]])(
    'options that are %j',
    (options) => {
      expect(configurationSentence(() => build(options))).toMatch(/^The options are .*Pass an object/);
    },
  );
});

describe('tenantId: the error names it, what was given, and the fix', () => {
  refuses([
    ['empty', { tenantId: '' }, "tenantId is ''", 'unset'],
    ['blank', { tenantId: '  ' }, 'tenantId is', 'unset'],
    ["the text 'undefined'", { tenantId: 'undefined' }, "'undefined'", 'unset'],
    ["the text 'null'", { tenantId: 'null' }, "'null'", 'unset'],
    ['null', { tenantId: null }, 'tenantId is null'],
    ['a number', { tenantId: 7 }, 'tenantId is 7'],
    ['common', { tenantId: 'common' }, "'common'", 'many tenants', "tenants: 'any-organization'"],
    ['Common', { tenantId: 'Common' }, "'Common'", 'many tenants'],
    ['organizations', { tenantId: 'organizations' }, 'many tenants'],
    ['consumers', { tenantId: 'consumers' }, 'many tenants'],
    ['the template', { tenantId: '{tenantid}' }, 'many tenants'],
    [
      'a GUID with a character missing',
      { tenantId: TENANT.slice(1) },
      TENANT.slice(1),
      'almost a GUID: 35 characters',
    ],
    ['a GUID without hyphens', { tenantId: TENANT.replaceAll('-', '') }, 'almost a GUID: 32 characters'],
    ['a URL', { tenantId: `https://login.microsoftonline.com/${TENANT}` }, 'For a URL use authority'],
    ['a path', { tenantId: `${TENANT}/v2.0` }, 'verified domains'],
    ['a domain with a path', { tenantId: 'contoso.com/v2.0' }, 'verified domains'],
    ['a domain with an underscore', { tenantId: 'orders_contoso.com' }, 'verified domains'],
    [
      'a domain that is too long',
      { tenantId: `${'contoso-contoso-contoso-contoso-contoso-contoso-x.'.repeat(6)}com` },
      'verified domains',
    ],
    ['a domain with a blank behind it', { tenantId: 'contoso.com ' }, 'contoso.com'],
    ['a word', { tenantId: 'contoso' }, 'contoso.onmicrosoft.com'],
    ['a line break', { tenantId: 'contoso.com\nX' }, '\\u000a'],
  ]);

  it.each(['contoso.com', 'x.org', 'Contoso.onmicrosoft.com', TENANT.toUpperCase()])(
    'takes %s in any case',
    (tenantId) => {
      expect(resolveSettings(contoso({ tenantId })).tenancy).toEqual({
        kind: 'single',
        tenant: tenantId.toLowerCase(),
      });
    },
  );
});

const isHome = (tenantId: string): boolean => tenantId === TENANT;

describe('tenants: the error names it, what was given, and the fix', () => {
  refuses(
    [
      ['an empty list', { tenants: [] }, 'tenants is an empty list', 'any-organization'],
      ['one GUID that is not a list', { tenants: TENANT }, TENANT, 'a list of tenant GUIDs'],
      ['a domain', { tenants: ['contoso.com'] }, 'contoso.com', 'a domain may change hands'],
      ['one of them unset', { tenants: [TENANT, undefined] }, 'undefined', 'not a GUID'],
      ['common', { tenants: ['common'] }, 'common', 'not a GUID'],
      ['a star', { tenants: '*' }, '*', 'any-organization'],
      ['any organisation, spelt the other way', { tenants: 'any-organisation' }, 'any-organization'],
      ['null', { tenants: null }, 'tenants is null'],
      [
        'personal accounts in a national cloud',
        { tenants: ['9188040d-6c67-4c5b-b112-36a304b66dad'], cloud: 'usgov' },
        'personal Microsoft accounts',
        'national clouds',
      ],
    ],
    { clientId: API },
  );

  it.each<[string, AnyOptions, unknown]>([
    ['a list', { tenants: [TENANT.toUpperCase(), TENANT] }, { kind: 'list', tenants: new Set([TENANT]) }],
    ['every organisation, spelt out', { tenants: 'any-organization' }, { kind: 'any', accepts: undefined }],
    ['a function', { tenants: isHome }, { kind: 'any', accepts: isHome }],
  ])('takes %s', (_, options, tenancy) => {
    expect(resolveSettings({ clientId: API, ...options } as ValidatorOptions).tenancy).toEqual(tenancy);
  });
});

it.each([
  ['as many as the default of maxBytes holds', { maxEntries: 10_446 }],
  ['as many as maxBytes holds', { maxEntries: 2, maxBytes: 6424 }],
  ['one, whatever maxBytes holds', { maxEntries: 1, maxBytes: 1 }],
])('cache.maxEntries may be %s', (_, cache) => {
  expect(resolveSettings({ tenantId: TENANT, clientId: API, cache }).cache).toMatchObject(cache);
});

describe('authority: the error names it, what was given, and the fix', () => {
  const b2c = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com';
  refuses(
    [
      [
        'not a URL',
        { authority: 'contoso.ciamlogin.com' },
        'contoso.ciamlogin.com',
        'not a URL',
        '.well-known',
      ],
      ['empty', { authority: '' }, 'authority is', 'not a URL'],
      ['null', { authority: null }, 'authority is null', 'not a URL'],
      ['http', { authority: `http://login.contoso.example/${TENANT}/v2.0` }, 'not https', 'localhost'],
      [
        'http on a name that begins like this machine',
        { authority: `http://localhost.evil.example/${TENANT}` },
        'not https',
      ],
      [
        'http on a name that begins like its number',
        { authority: `http://127.0.0.1.evil.example/${TENANT}` },
        'not https',
      ],
      ['a file', { authority: 'file:///etc/passwd' }, 'not https'],
      ['a URL object', { authority: new URL(`https://login.contoso.example/${TENANT}`) }, 'an object'],
      ['a user name', { authority: `https://ada@login.contoso.example/${TENANT}` }, 'with credentials'],
      ['a password', { authority: `https://:FAKE@login.contoso.example/${TENANT}` }, 'with credentials'],
      ['a fragment', { authority: `https://login.contoso.example/${TENANT}#x` }, 'fragment'],
      [
        'a query behind no metadata URL',
        { authority: `https://login.contoso.example/${TENANT}?x=1` },
        'with a query',
      ],
      [
        'common',
        { authority: 'https://login.microsoftonline.com/common/v2.0' },
        "'common'",
        'many tenants',
        'any-organization',
      ],
      [
        'organizations',
        { authority: 'https://login.microsoftonline.com/organizations/' },
        "'organizations'",
        'many tenants',
      ],
      ['Consumers', { authority: 'https://login.microsoftonline.com/Consumers/v2.0' }, 'many tenants'],
      ['common, escaped', { authority: 'https://login.microsoftonline.com/c%6fmmon/v2.0' }, 'many tenants'],
      ['the template', { authority: 'https://login.microsoftonline.com/{tenantid}/v2.0' }, 'many tenants'],
      ['a broken escape', { authority: `https://login.contoso.example/%zz/${TENANT}` }, 'authority is'],
      ['no tenant', { authority: 'https://login.contoso.example/' }, 'names no tenant', '{tenant}/v2.0'],
      ['B2C without a policy', { authority: `${b2c}/v2.0` }, 'names no policy', '{policy}/v2.0'],
      [
        'policies without one in the authority',
        { authority: `${b2c}/v2.0`, policies: ['B2C_1_a'] },
        'names no policy',
      ],
      ['no policies', { authority: `${b2c}/B2C_1_a/v2.0`, policies: [] }, 'policies is an array of 0'],
      [
        'one policy that is not a list',
        { authority: `${b2c}/B2C_1_a/v2.0`, policies: 'B2C_1_a' },
        'policies is B2C_1_a',
      ],
      ['an unset policy', { authority: `${b2c}/B2C_1_a/v2.0`, policies: [undefined] }, 'policies is'],
      [
        'one of several unset',
        { authority: `${b2c}/B2C_1_a/v2.0`, policies: ['a', undefined] },
        'policies is',
      ],
      ['an empty policy', { authority: `${b2c}/B2C_1_a/v2.0`, policies: [''] }, 'policies is'],
    ],
    { clientId: API },
  );

  it.each<[string, string, string]>([
    ['', 'login.contoso.example', `https://login.contoso.example/${TENANT}/v2.0, with credentials`],
    [' even where it is not a URL', 'login.contoso.example:port', 'which is not a URL'],
  ])('does not repeat a password in it%s', (_, host, keyWord) => {
    const authority = `https://orders:FAKEpassword@${host}/${TENANT}/v2.0`;
    const sentence = configurationSentence(() => build({ clientId: API, authority }));
    expect(sentence).toContain(keyWord);
    expect(sentence).not.toContain('FAKE');
  });

  const wellKnown = '/.well-known/openid-configuration';
  it.each<[string, string, string]>([
    [
      'the URL before the well-known path',
      `https://login.contoso.example/${TENANT}/v2.0`,
      `https://login.contoso.example/${TENANT}/v2.0${wellKnown}`,
    ],
    [
      'a slash behind it',
      `https://login.contoso.example/${TENANT}/v2.0/`,
      `https://login.contoso.example/${TENANT}/v2.0${wellKnown}`,
    ],
    [
      'two slashes behind it',
      `https://login.contoso.example/${TENANT}/v2.0//`,
      `https://login.contoso.example/${TENANT}/v2.0${wellKnown}`,
    ],
    [
      'a path that only holds what a policy begins with',
      `https://login.contoso.example/${TENANT}/not-b2c_1_a/v2.0`,
      `https://login.contoso.example/${TENANT}/not-b2c_1_a/v2.0${wellKnown}`,
    ],
    [
      'a host that only begins like one of B2C',
      `https://orders.b2clogin.com.contoso.example/${TENANT}/v2.0`,
      `https://orders.b2clogin.com.contoso.example/${TENANT}/v2.0${wellKnown}`,
    ],
    [
      'the whole metadata URL',
      `https://login.contoso.example/${TENANT}${wellKnown}?x=1`,
      `https://login.contoso.example/${TENANT}${wellKnown}?x=1`,
    ],
    [
      'External ID by its host alone',
      'https://contoso.ciamlogin.com/',
      `https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0${wellKnown}`,
    ],
    [
      'http on this machine',
      `http://localhost:8080/${TENANT}`,
      `http://localhost:8080/${TENANT}${wellKnown}`,
    ],
    [
      'http on this machine by number',
      `http://127.0.0.1:8080/${TENANT}`,
      `http://127.0.0.1:8080/${TENANT}${wellKnown}`,
    ],
    ['a policy in the query', `${b2c}/v2.0?p=B2C_1_a`, `${b2c}/v2.0${wellKnown}?p=B2C_1_a`],
  ])('takes %s', (_, authority, metadataUrl) => {
    expect(resolveSettings({ clientId: API, authority }).tenancy).toEqual({
      kind: 'authority',
      metadataUrl,
      b2c: metadataUrl.includes('?p=') ? expect.anything() : undefined,
    });
  });
});

describe('every other option: the error names it, what was given, and the fix', () => {
  const b2c = 'https://contosob2c.b2clogin.com/contosob2c.onmicrosoft.com/B2C_1_a/v2.0';
  refuses([
    [
      'applicationIdUri that is not a URI',
      { applicationIdUri: 'orders' },
      'applicationIdUri is orders',
      'Expose an API',
    ],
    ['applicationIdUri that is empty', { applicationIdUri: '' }, 'applicationIdUri', 'not a URI'],
    ['applicationIdUri that is a URL object', { applicationIdUri: new URL(`api://${API}`) }, 'an object'],
    ['applicationIdUri that is null', { applicationIdUri: null }, 'applicationIdUri is null'],
    ['audience that is empty', { audience: '' }, 'an empty string', 'in full'],
    ['audience that is unset', { audience: 'undefined' }, 'undefined'],
    ['audience of blanks', { audience: ' ' }, 'audience holds'],
    ['audience with a star', { audience: 'https://*.contoso.com' }, 'https://*.contoso.com'],
    [
      'one of several audiences unset',
      { audience: ['https://api.contoso.com', undefined] },
      'audience holds undefined',
    ],
    ['audience that is a slash', { audience: '/' }, "audience holds '/', which names no API"],
    ['audience that is a scheme', { audience: ['api://'] }, 'names no API'],
    ['audience of an unset name', { audience: 'api://undefined' }, 'names no API', 'environment variable'],
    ['applicationIdUri of an unset name', { applicationIdUri: 'api://undefined' }, 'applicationIdUri holds'],
    ['applicationIdUri without a name', { applicationIdUri: 'api:/' }, 'names no API'],
    ['applicationIdUri of Graph', { applicationIdUri: 'https://graph.microsoft.com' }, 'Microsoft Graph'],
    ["Graph's client ID", { clientId: '00000003-0000-0000-c000-000000000000' }, 'clientId holds'],
    ...[
      ['00000003-0000-0000-C000-000000000000', 'Microsoft Graph'],
      ['spn:00000003-0000-0000-c000-000000000000', 'Microsoft Graph'],
      ['00000003-0000-0000-c000-000000000000/graph.microsoft.com', 'Microsoft Graph'],
      ['https://graph.microsoft.com', 'Microsoft Graph'],
      ['https://graph.microsoft.com/', 'Microsoft Graph'],
      ['https://GRAPH.microsoft.com/.default', 'Microsoft Graph'],
      ['https://graph.microsoft.us', 'Microsoft Graph'],
      ['https://dod-graph.microsoft.us', 'Microsoft Graph'],
      ['https://microsoftgraph.chinacloudapi.cn', 'Microsoft Graph'],
      ['graph.microsoft.com', 'Microsoft Graph'],
      ['https://graph.windows.net/', 'Azure AD Graph'],
      ['00000002-0000-0000-c000-000000000000', 'Azure AD Graph'],
      ['https://management.azure.com/', 'Azure Resource Manager'],
      ['https://management.core.windows.net/', 'Azure Resource Manager'],
      ['https://contoso.vault.azure.net', 'Azure Key Vault'],
      ['https://contoso.sharepoint.com', 'SharePoint'],
      ['https://outlook.office365.com', 'Office 365'],
      ['00000007-0000-0000-c000-000000000000', 'an application of Microsoft'],
      ['00000004-0000-0ff1-ce00-000000000000', 'an application of Microsoft'],
      ['api://AzureADTokenExchange', 'workload identity federation'],
    ].map(([audience = '', owner = '']): [string, Readonly<Record<string, unknown>>, ...string[]] => [
      `audience ${audience}, which is another API's`,
      { audience: ['https://api.contoso.com', audience] },
      `the audience of ${owner.startsWith('Off') ? 'Exchange or ' : ''}${owner}`,
      'api://{clientId}/{scope}',
    ]),
    ['audience by pattern', { audience: /contoso/ }, 'audience holds an object'],
    ['cloud', { cloud: 'germany' }, 'cloud is germany', "'public', 'usgov', 'china'"],
    ['cloud that every object has', { cloud: 'constructor' }, 'cloud is constructor'],
    ['appClients outside B2C', { appClients: [DAEMON] }, 'appClients', 'not Azure AD B2C'],
    ['customSigningKeys', { customSigningKeys: 'false' }, 'customSigningKeys is false', 'true or false'],
    [
      'clockTolerance in milliseconds',
      { clockTolerance: 60_000 },
      'clockTolerance is 60000',
      "Did you mean '1m'?",
    ],
    ['clockTolerance 301', { clockTolerance: 301 }, '301', "At most '5m'", "the default is '1m'"],
    ['clockTolerance below nothing', { clockTolerance: -1 }, '-1'],
    ['clockTolerance NaN', { clockTolerance: Number.NaN }, 'NaN'],
    ['clockTolerance in a string', { clockTolerance: '60' }, 'clockTolerance is 60'],
    ['clockTolerance null', { clockTolerance: null }, 'clockTolerance is null'],
    ['algorithms none', { algorithms: ['none'] }, '[none]', 'RS256'],
    ['algorithms HS256 with RS256', { algorithms: ['RS256', 'HS256'] }, '[RS256, HS256]'],
    ['algorithms empty', { algorithms: [] }, 'algorithms is []'],
    ['algorithms in a string', { algorithms: 'RS256' }, 'algorithms is RS256'],
    ['fetch', { fetch: 'undici' }, 'fetch is undici', 'a function'],
    ['fetch null', { fetch: null }, 'fetch is null'],
    ['now that is a time', { now: 1_790_000_000_000 }, 'now is 1790000000000', 'a function'],
    ['log', { log: true }, 'log is true', 'a function'],
    ['log that is a logger', { log: console }, 'log is an object', 'a function'],
    ['isRevoked', { isRevoked: ['token'] }, 'isRevoked is an array of 1'],
    ['owner without a team', { owner: { contact: 'a@contoso.example' } }, 'owner names no team'],
    ['owner that is a name', { owner: 'Orders' }, 'owner', "team: 'Orders'"],
    ['owner null', { owner: null }, 'owner'],
    ['owner with an empty team', { owner: { team: '' } }, 'owner names no team'],
    ['owner with another contact', { owner: { team: 'Orders', contact: 7 } }, 'owner'],
    ['owner with an unknown member', { owner: { team: 'Orders', mail: 'a@contoso.example' } }, 'mail'],
    ['keys.softAge', { keys: { softAge: 0 } }, 'keys.softAge is 0', "At least '1s'", "the default is '1h'"],
    ['keys.softAge in ms', { keys: { softAge: 3_600_000 } }, 'a number is in seconds', "Did you mean '1h'?"],
    ['keys.hardAge in ms', { keys: { hardAge: 86_400_000 } }, "Did you mean '1d'?", "write '86400000s'"],
    ['keys.coolDown in ms', { keys: { coolDown: 30_000 } }, 'keys.coolDown is 30000', "Did you mean '30s'?"],
    ['keys.timeout in ms', { keys: { timeout: 5000 } }, 'keys.timeout is 5000', "Did you mean '5s'?"],
    ['keys.timeout in odd ms', { keys: { timeout: 2500 } }, 'Did you mean 2.5?'],
    ['cache', { cache: true }, 'cache is true', '{ maxEntries, maxBytes, maxAge }, or false'],
    ['cache as null', { cache: null }, 'cache is null'],
    [
      'cache.maxEntries',
      { cache: { maxEntries: 0 } },
      'cache.maxEntries is 0',
      'a whole number of tokens, from 1 to 1000000; 10000 by default',
      'set cache: false',
    ],
    [
      'cache.maxEntries above what the default of cache.maxBytes allows',
      { cache: { maxEntries: 50_000 } },
      'cache.maxEntries is 50000, and cache.maxBytes (33554432) holds about 10446 tokens',
      'Set maxBytes to 160600000 or more, or maxEntries to at most 10446.',
    ],
    [
      'cache.maxEntries above what cache.maxBytes allows',
      { cache: { maxEntries: 3, maxBytes: 6424 } },
      'cache.maxEntries is 3, and cache.maxBytes (6424) holds about 2 tokens',
      'maxEntries to at most 2.',
    ],
    ['cache.maxEntries without bounds', { cache: { maxEntries: Number.POSITIVE_INFINITY } }, 'is Infinity'],
    ['cache.maxBytes', { cache: { maxBytes: 1.5 } }, 'cache.maxBytes is 1.5', 'bytes', '33554432 by default'],
    ['cache.maxAge', { cache: { maxAge: 86_401 } }, 'cache.maxAge is 86401', "At most '1d' is allowed"],
    ['cache.maxAge as text', { cache: { maxAge: '60' } }, 'cache.maxAge is 60'],
    ['keys.hardAge', { keys: { hardAge: Number.POSITIVE_INFINITY } }, 'keys.hardAge is Infinity'],
    [
      'keys.hardAge below keys.softAge',
      { keys: { hardAge: 1800 } },
      'keys.hardAge (30m)',
      'keys.softAge (1h)',
    ],
    ['keys.coolDown', { keys: { coolDown: 0 } }, 'keys.coolDown is 0', "At least '1s'"],
    [
      'keys.timeout',
      { keys: { timeout: '5 s' } },
      'keys.timeout is 5 s, which is not a duration',
      "the default is '5s'",
    ],
    ['keys.timeout too short', { keys: { timeout: 0.001 } }, 'At least 0.01 seconds'],
    ['keys.maxBytes', { keys: { maxBytes: 1 } }, 'keys.maxBytes is 1', 'bytes'],
    ['keys null', { keys: null }, 'keys'],
    ['keys that are a number', { keys: 3600 }, 'keys'],
  ]);
  refuses(
    [
      ['appClients that is not a list', { appClients: DAEMON }, 'appClients', 'client IDs'],
      ['appClients by name', { appClients: ['nightly'] }, 'appClients', 'GUIDs'],
    ],
    { authority: b2c, clientId: API },
  );
  refuses([['appClients of External ID', { appClients: [DAEMON] }, 'appClients', 'not Azure AD B2C']], {
    authority: 'https://contoso.ciamlogin.com',
    clientId: API,
  });
});

describe('an unknown option is refused', () => {
  refuses([
    ['a misspelt one', { clienId: API }, "'clienId'", "Did you mean 'clientId'"],
    ['in another case', { tenantID: TENANT }, "'tenantID'", "Did you mean 'tenantId'"],
    ['in capitals', { TENANTID: TENANT }, "'TENANTID'", "Did you mean 'tenantId'"],
    ['with a unit', { clockToleranceMs: 60 }, "'clockToleranceMs'", "Did you mean 'clockTolerance'"],
    ['three letters away', { tenantKey: TENANT }, "'tenantKey'", 'Known: tenantId'],
    ["another library's", { audiences: [API] }, "'audiences'", "Did you mean 'audience'"],
    ['a foreign one', { validateIssuer: false }, "'validateIssuer'", 'Known: tenantId'],
    ['one of every object', { toString: 1 }, "'toString'"],
    ['with a line break in its name', { 'a\nb': 1 }, "'a\\u000ab'"],
    ['a misspelt one among the keys options', { keys: { softage: 5000 } }, "'softage'", "'softAge'"],
    ['a misspelt one among the cache options', { cache: { maxage: 60 } }, "'maxage'", "'maxAge'"],
    ['even if it is undefined', { issuer: undefined }, "'issuer'"],
  ]);
});

describe('options are read once', () => {
  it('with these defaults', () => {
    expect(resolveSettings({ tenantId: TENANT, clientId: API })).toEqual({
      tenancy: { kind: 'single', tenant: TENANT },
      audiences: {
        clientId: API,
        applicationIdUri: `api://${API}`,
        accepted: new Set([API, `api://${API}`]),
      },
      cloud: 'public',
      appClients: new Set(),
      customSigningKeys: false,
      clockTolerance: 60,
      algorithms: ['RS256'],
      fetch: expect.any(Function),
      now: expect.any(Function),
      log: undefined,
      limits: {
        softAgeMs: 3_600_000,
        hardAgeMs: 86_400_000,
        coolDownMs: 30_000,
        timeoutMs: 5000,
        maxBytes: 1_048_576,
      },
      cache: { maxEntries: 10_000, maxBytes: 33_554_432, maxAgeSeconds: 86_400 },
      isRevoked: undefined,
      owner: undefined,
      concessions: {
        audiences: undefined,
        issuers: undefined,
        version: undefined,
        idTokens: false,
        otherPolicies: false,
      },
    });
  });

  it.each([[{ team: 'Orders' }], [{ team: 'Orders', contact: 'orders@contoso.example' }]])(
    'with the owner as given: %j',
    (owner) => {
      expect(resolveSettings(contoso({ owner })).owner).toStrictEqual(owner);
    },
  );

  it('with a hard age that is the soft age, and no log', () => {
    const { limits, log } = resolveSettings(contoso({ keys: { softAge: '90m', hardAge: 5400 } }));
    expect(limits).toMatchObject({ softAgeMs: 5_400_000, hardAgeMs: 5_400_000 });
    expect(log).toBe(false);
  });

  it('into a frozen object', () => {
    const settings = resolveSettings(contoso({ keys: {}, cache: {}, owner: { team: 'Orders' } }));
    const { audiences, algorithms, limits, cache, owner } = settings;
    for (const part of [settings, audiences, algorithms, limits, cache, owner])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('but the fetch and the clock of the platform are looked up at each use, so that tests can replace them', async () => {
    const { fetch: ours, now: ourClock, ...common } = contoso();
    const validator = createValidator(common);
    vi.stubGlobal('fetch', ours);
    vi.spyOn(Date, 'now').mockImplementation(ourClock ?? (() => 0));
    try {
      await expect(validator.validate(signed(userClaims()))).resolves.toMatchObject({ kind: 'user' });
    } finally {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    }
  });

  it('so that changing them afterwards changes nothing', async () => {
    const tenants = [TENANT];
    const audience = ['https://api.contoso.example'];
    const { tenantId: _, ...common } = contoso();
    const options = { ...common, tenants, audience, clockTolerance: 0, isRevoked: () => false };
    const validator = createValidator(options);
    tenants.push(OTHER_TENANT);
    audience.push(OTHER_API);
    Object.assign(options, { clockTolerance: 300, clientId: OTHER_API, isRevoked: () => true });
    const { exp } = userClaims() as { exp: number };
    const late = createValidator({
      ...options,
      clientId: API,
      now: () => exp * 1000,
      isRevoked: () => false,
    });

    await expect(validator.validate(signed(userClaims()))).resolves.toMatchObject({ kind: 'user' });
    await expect(
      refusalOf(validator.validate(signed(ofTenant(OTHER_TENANT, userClaims())))),
    ).resolves.toMatchObject({ code: 'tenant_not_accepted' });
    await expect(
      refusalOf(validator.validate(signed(userClaims({ aud: OTHER_API })))),
    ).resolves.toMatchObject({ code: 'audience_not_accepted' });
    await expect(late.validate(signed(userClaims()))).resolves.toMatchObject({ kind: 'user' });
  });

  it('with a clockTolerance of 0 to 300 seconds', () => {
    for (const clockTolerance of [0, 60, 300]) {
      expect(resolveSettings(contoso({ clockTolerance })).clockTolerance).toBe(clockTolerance);
    }
  });
});
