import {
  BearerStrategy,
  ConfigurationError,
  type IBearerStrategyOption,
  type LogEntry,
} from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentenceOf } from '../../support/sentences.js';
import { act, outcome } from './acting.js';
import { everybody, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const PERSONAL_ACCOUNTS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const metadata = (tenant: string, version = '/v2.0') =>
  `https://login.microsoftonline.com/${tenant}${version}/.well-known/openid-configuration`;
const v1 = (tenant: string) => `https://sts.windows.net/${tenant}/`;
const v2 = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;

type Options = Partial<IBearerStrategyOption>;
type Row = readonly [
  name: string,
  options: () => Options,
  token: () => { headers: { authorization: string } },
  outcome: string,
];

const ada = (claims: object = {}) => entra.user('ada', { scp: 'Orders.Read', ...claims });
const home = () => entra.tenantId;
const fabrikam = () => entra.tenantIdOf('fabrikam');
const fromFabrikam = () => ada({ tenant: 'fabrikam' });
const personal = () => ada({ tenant: PERSONAL_ACCOUNTS });
/** A version 1 token, whose audience is the application ID URI. */
const versionOne = () => ada({ ver: '1.0' });
const uri = () => entra.options().applicationIdUri ?? `api://${entra.options().clientId}`;

const rows: readonly Row[] = [
  ['the tenant of identityMetadata', () => ({}), ada, 'accepted'],
  ['another tenant', () => ({}), fromFabrikam, 'invalid_token'],
  [
    'the tenant as a domain',
    () => ({ identityMetadata: metadata('contoso.onmicrosoft.com') }),
    ada,
    'accepted',
  ],
  [
    'the tenant as a domain, another tenant',
    () => ({ identityMetadata: metadata('contoso.onmicrosoft.com') }),
    fromFabrikam,
    'invalid_token',
  ],
  ['an extra slash at the end', () => ({ identityMetadata: `${metadata(home())}/` }), ada, 'accepted'],
  [
    "the API's own signing keys, by its client ID",
    () => ({ identityMetadata: `${metadata(home())}?appid=${entra.options().clientId}` }),
    ada,
    'accepted',
  ],
  ['another query', () => ({ identityMetadata: `${metadata(home())}?slice=one` }), ada, 'accepted'],
  ['the authority alone', () => ({ identityMetadata: v2(home()) }), ada, 'accepted'],
  ['a version 1 token with version 2 metadata', () => ({ audience: uri() }), versionOne, 'invalid_token'],
  [
    'a version 1 token with version 1 metadata',
    () => ({ audience: uri(), identityMetadata: metadata(home(), '') }),
    versionOne,
    'accepted',
  ],
  [
    'a version 2 token with version 1 metadata',
    () => ({ identityMetadata: metadata(home(), '') }),
    ada,
    'invalid_token',
  ],
  [
    'a version 1 issuer with version 2 metadata',
    () => ({ audience: uri(), issuer: v1(home()) }),
    versionOne,
    'accepted',
  ],
  ['a version 1 issuer, and a version 2 token', () => ({ issuer: v1(home()) }), ada, 'invalid_token'],
  ['both issuers', () => ({ issuer: [v1(home()), v2(home())] }), ada, 'accepted'],
  [
    'an issuer of another tenant than the metadata',
    () => ({ issuer: v2(fabrikam()) }),
    fromFabrikam,
    'accepted',
  ],
  [
    "an issuer of another tenant than the metadata, and a token of the metadata's tenant",
    () => ({ issuer: v2(fabrikam()) }),
    ada,
    'invalid_token',
  ],
  ['an empty issuer, which means the default', () => ({ issuer: '' }), ada, 'accepted'],
  ['an empty list of issuers', () => ({ issuer: [] }), fromFabrikam, 'invalid_token'],
  ['an issuer with an extra slash', () => ({ issuer: `${v2(home())}/` }), ada, 'invalid_token'],
  [
    'common and issuers',
    () => ({ identityMetadata: metadata('common'), issuer: [v2(home()), v2(fabrikam())] }),
    fromFabrikam,
    'accepted',
  ],
  [
    'common and issuers, another tenant',
    () => ({ identityMetadata: metadata('common'), issuer: v2(home()) }),
    fromFabrikam,
    'invalid_token',
  ],
  [
    'common and tenants',
    () => ({ identityMetadata: metadata('common'), tenants: [fabrikam()] }),
    fromFabrikam,
    'accepted',
  ],
  [
    'common and tenants, another tenant',
    () => ({ identityMetadata: metadata('common'), tenants: [fabrikam()] }),
    ada,
    'invalid_token',
  ],
  [
    'common without validation of issuers',
    () => ({ identityMetadata: metadata('common'), validateIssuer: false }),
    fromFabrikam,
    'accepted',
  ],
  [
    'the same, personal accounts',
    () => ({ identityMetadata: metadata('common'), validateIssuer: false }),
    personal,
    'accepted',
  ],
  [
    'common without validation of issuers, and an issuer that is not Entra',
    () => ({ identityMetadata: metadata('common'), validateIssuer: false }),
    () => entra.wrong.issuer(),
    'invalid_token',
  ],
  [
    'common without validation of issuers, and tid and iss of two tenants',
    () => ({ identityMetadata: metadata('common'), validateIssuer: false }),
    () => entra.wrong.tenantMismatch(),
    'invalid_token',
  ],
  [
    'common without validation of issuers, and an unpublished key',
    () => ({ identityMetadata: metadata('common'), validateIssuer: false }),
    () => entra.wrong.stranger(),
    'invalid_token',
  ],
  ['one tenant without validation of issuers', () => ({ validateIssuer: false }), fromFabrikam, 'accepted'],
  [
    'organizations without validation of issuers',
    () => ({ identityMetadata: metadata('organizations'), validateIssuer: false }),
    fromFabrikam,
    'accepted',
  ],
  [
    'the same, personal accounts',
    () => ({ identityMetadata: metadata('organizations'), validateIssuer: false }),
    personal,
    'invalid_token',
  ],
  [
    'organizations with any-organization',
    () => ({ identityMetadata: metadata('organizations'), tenants: 'any-organization' }),
    fromFabrikam,
    'accepted',
  ],
  ['consumers', () => ({ identityMetadata: metadata('consumers') }), personal, 'accepted'],
  ['consumers, an organisation', () => ({ identityMetadata: metadata('consumers') }), ada, 'invalid_token'],
  [
    'consumers without validation of issuers, an organisation',
    () => ({ identityMetadata: metadata('consumers'), validateIssuer: false }),
    ada,
    'invalid_token',
  ],
  [
    'the client ID as audience by default',
    () => ({}),
    () => ada({ aud: entra.options().clientId }),
    'accepted',
  ],
  [
    'the client ID with spn: as audience by default',
    () => ({}),
    () => ada({ aud: `spn:${entra.options().clientId}` }),
    'accepted',
  ],
  ['the URI, which is not among the audiences', () => ({}), () => ada({ aud: uri() }), 'invalid_token'],
  ['an audience', () => ({ audience: 'api://orders' }), () => ada({ aud: 'api://orders' }), 'accepted'],
  ['an audience, and a token for the client ID', () => ({ audience: 'api://orders' }), ada, 'invalid_token'],
  [
    'one of the audiences',
    () => ({ audience: ['api://orders', 'api://reports'] }),
    () => ada({ aud: 'api://reports' }),
    'accepted',
  ],
  [
    'an audience in other case',
    () => ({ audience: 'api://orders' }),
    () => ada({ aud: 'api://Orders' }),
    'invalid_token',
  ],
  [
    'null as audience, which means the default',
    () => ({ audience: null as unknown as string }),
    ada,
    'accepted',
  ],
  [
    'a list of audiences in the token',
    () => ({ allowMultiAudiencesInToken: true }),
    () => entra.sign({ ...ada().claims, aud: [entra.options().clientId] }),
    'invalid_token',
  ],
];

describe('which tokens are accepted', () => {
  it.each(rows)('%s', async (_, options, token, expected) => {
    expect(await outcome(trusting(entra, options()), token())).toBe(expected);
  });
});

describe('the clock', () => {
  const late = (seconds: number) => {
    const now = Math.floor(Date.now() / 1000);
    return { now: () => now * 1000, token: ada({ iat: now - 4000, nbf: now - 4000, exp: now - seconds }) };
  };
  it.each([
    [undefined, 299, 'accepted'],
    [undefined, 300, 'invalid_token'],
    [10, 9, 'accepted'],
    [10, 10, 'invalid_token'],
    [0, 0, 'invalid_token'],
  ])('with clockSkew %s, expired %i s ago: %s', async (clockSkew, seconds, expected) => {
    const { now, token } = late(seconds);
    expect(await outcome(trusting(entra, { clockSkew, now }), token)).toBe(expected);
  });
});

describe('the tenant of each request', () => {
  const common = (): IBearerStrategyOption => trusting(entra, { identityMetadata: metadata('common') });

  it.each<readonly [string, () => string, () => { headers: { authorization: string } }, string]>([
    ['its GUID', home, ada, 'accepted'],
    ['its domain', () => 'contoso.onmicrosoft.com', ada, 'accepted'],
    ["its GUID, and another tenant's token", home, fromFabrikam, 'invalid_token'],
  ])('is in tenantIdOrName: %s', async (_, tenantIdOrName, token, expected) => {
    expect(await outcome(common(), token(), { tenantIdOrName: tenantIdOrName() })).toBe(expected);
  });

  it.each([
    ['nothing', undefined],
    ['an alias', 'common'],
    ['a path', `${'..'}/contoso`],
    ['a query', 'contoso?x='],
    ['no text', ['contoso.onmicrosoft.com']],
  ])('is an error of the application, not of the caller, if it is %s', async (_, tenantIdOrName) => {
    const entries: LogEntry[] = [];
    const options = { ...common(), log: (entry: LogEntry) => void entries.push(entry) };
    const { did, error } = await act(new BearerStrategy(options, everybody), ada(), { tenantIdOrName });
    expect(did).toBe('error');
    expect(error).toMatchObject({
      status: 500,
      code: 'configuration_invalid',
      message: sentenceOf('configuration_invalid'),
    });
    expect((error as Error).cause).toSatisfy((cause) => ConfigurationError.is(cause));
    expect(entries).toMatchObject([{ level: 'error', code: 'configuration_invalid' }]);
  });

  it('may be any amount of junk from the URL: known tenants keep their keys, and the log stays short', async () => {
    const own = await startEntra();
    const entries: LogEntry[] = [];
    const options = trusting(own, {
      identityMetadata: metadata('common'),
      log: (entry) => void entries.push(entry),
    });
    const strategy = new BearerStrategy(options, everybody);
    const { headers } = own.user('ada', { scp: 'Orders.Read' });
    const atHome = () => act(strategy, { headers }, { tenantIdOrName: own.tenantId });
    expect((await atHome()).did).toBe('success');
    const junk = { headers: { authorization: 'Bearer junk' } };
    for (let count = 0; count < 300; count++) {
      for (const tenantIdOrName of [`junk-${count}.example`, `../${count}`, `${'x'.repeat(count)}`]) {
        expect((await act(strategy, junk, { tenantIdOrName })).did).not.toBe('success');
      }
    }
    expect(entries.length).toBeLessThanOrEqual(20);
    own.fail('metadata', 503);
    own.fail('keys', 503);
    expect((await atHome()).did).toBe('success');
    await own.close();
  });

  it.each([
    'common',
    'contoso',
    'a b.example',
    `${'a'.repeat(64)}.example`,
    '%2e%2e',
    'contoso.example.',
    ' ',
  ])('causes no request if it does not have the form of a tenant: %s', async (tenantIdOrName) => {
    entra.requests.length = 0;
    const answer = await act(new BearerStrategy(common(), everybody), ada(), { tenantIdOrName });
    expect(answer).toMatchObject({ did: 'error', error: { code: 'configuration_invalid' } });
    expect(entra.requests).toEqual([]);
  });

  it('is ignored if identityMetadata names a tenant', async () => {
    expect(await outcome(trusting(entra), ada(), { tenantIdOrName: 'fabrikam.onmicrosoft.com' })).toBe(
      'accepted',
    );
  });
});

describe('invalid options', () => {
  const refused: readonly (readonly [string, Options, RegExp])[] = [
    ['no clientID', { clientID: undefined as unknown as string }, /clientID cannot be empty/],
    ['a clientID that is not a GUID', { clientID: '-' }, /clientID is -, which is not a GUID/],
    [
      'no identityMetadata',
      { identityMetadata: undefined as unknown as string },
      /identityMetadata must be provided/,
    ],
    [
      'a URL object',
      { identityMetadata: new URL('https://login.microsoftonline.com') as unknown as string },
      /must be a https url/,
    ],
    [
      'http',
      { identityMetadata: metadata('contoso.onmicrosoft.com').replace('https', 'http') },
      /which is not https/,
    ],
    ['a space', { identityMetadata: metadata('contoso .example') }, /must be a https url/],
    [
      'a tenant that is undefined',
      { identityMetadata: metadata('undefined') },
      /identityMetadata is 'undefined'/,
    ],
    [
      'a document that is misspelt',
      { identityMetadata: `${v2('contoso.onmicrosoft.com')}/.well-known/openid_configuration` },
      /has to end in \/\.well-known\/openid-configuration/,
    ],
    ['an invalid escape', { identityMetadata: metadata('%zz') }, /invalid percent-encoding/],
    [
      'organizations without tenants',
      { identityMetadata: metadata('organizations') },
      /tenants: 'any-organization'/,
    ],
    [
      'an issuer without a GUID',
      { issuer: 'https://login.microsoftonline.com/undefined/v2.0' },
      /does not contain the GUID of a tenant/,
    ],
    [
      'an issuer that is not a string',
      { issuer: [undefined as unknown as string] },
      /issuer contains something that is not a string/,
    ],
    [
      'an audience that is undefined',
      { audience: [undefined as unknown as string] },
      /audience holds undefined/,
    ],
    ['no audience at all', { audience: [] }, /audience is neither/],
    ['an audience that is not a string', { audience: 1 as unknown as string }, /audience is neither/],
    [
      'tenants with an authority of one tenant',
      {
        identityMetadata: 'https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0',
        tenants: 'any-organization',
      },
      /tenants is set/,
    ],
    ['a string for a boolean', { isB2C: 'true' as unknown as boolean }, /isB2C is not a boolean/],
    [
      'a string for validateIssuer',
      { validateIssuer: 'false' as unknown as boolean },
      /validateIssuer is not a boolean/,
    ],
    [
      'a string for allowIdTokens',
      { allowIdTokens: 'false' as unknown as boolean },
      /allowIdTokens is not a boolean/,
    ],
    ['B2C without a policy', { isB2C: true }, /invalid policy for B2C/],
    ['B2C with an invalid policy', { isB2C: true, policyName: 'signin' }, /invalid policy for B2C/],
    ['ignoreExpiration', { ignoreExpiration: true } as Options, /ignoreExpiration is not supported/],
    [
      'a proxy',
      { proxy: { host: 'proxy', port: '8080', protocol: 'http' } },
      /Set fetch to a function that uses the proxy/,
    ],
    ['a clockSkew with a fraction', { clockSkew: 1.5 }, /clockSkew must be a positive integer/],
    ['a negative clockSkew', { clockSkew: -1 }, /clockSkew must be a positive integer/],
    ['a clockSkew that is not a number', { clockSkew: Number.NaN }, /clockSkew must be a positive integer/],
    ['ten minutes', { clockSkew: 600 }, /clockSkew is 600/],
    ['no scope', { scope: [] }, /scope must be a non-empty array/],
    [
      'a scope that is not a list',
      { scope: 'Orders.Read' as unknown as string[] },
      /scope must be a non-empty array/,
    ],
    ['a clientID that is not a string', { clientID: 7 as unknown as string }, /clientID is not a text/],
    ["the text 'undefined' as clientID", { clientID: 'undefined' }, /clientID is the text 'undefined'/],
    ['an unset scope', { scope: [undefined as unknown as string] }, /undefined/],
    [
      'an unset scope before another',
      { scope: [undefined as unknown as string, 'Orders.Read'] },
      /undefined/,
    ],
    ['a scope in full', { scope: ['api://orders/Orders.Read'] }, /Orders\.Read/],
    ['an unknown loggingLevel', { loggingLevel: 'verbose' as 'info' }, /loggingLevel/],
    [
      'compareWith that is neither a strategy nor a validator',
      { compareWith: {} as never },
      /compareWith can neither/,
    ],
    [
      "answerFrom 'other' without compareWith",
      { answerFrom: 'other' },
      /answerFrom is 'other', but compareWith is not set/,
    ],
    [
      "a validator's answers",
      { answerFrom: 'other', compareWith: { validate: async () => ({}) as never } },
      /finds no user/,
    ],
    ['an unknown answerFrom', { answerFrom: 'mine' as 'other' }, /answerFrom is neither/],
  ];
  it.each(refused)('%s', (_, options, sentence) => {
    let error: unknown;
    try {
      new BearerStrategy(trusting(entra, options), everybody);
    } catch (thrown) {
      error = thrown;
    }
    expect(ConfigurationError.is(error)).toBe(true);
    expect(String(error)).toMatch(/In BearerStrategy constructor: /);
    expect(String(error)).toMatch(sentence);
  });

  it.each(['', false, 0, null])(
    'are not empty scopes, which mean that no scope is required: %s',
    async (scope) => {
      const entries: LogEntry[] = [];
      const options = trusting(entra, {
        scope: scope as unknown as string[],
        log: (entry) => void entries.push(entry),
      });
      expect(await outcome(options, ada())).toBe('accepted');
      expect(await outcome(options, entra.wrong.withoutPermissions())).toBe('insufficient_scope');
      const warned = entries.filter(({ message }) => message.startsWith('scope is empty'));
      expect(warned).toHaveLength(scope === null ? 0 : 1);
    },
  );

  it('are missing options and a missing verify', () => {
    expect(() => new BearerStrategy(undefined as never, everybody)).toThrow('options is required');
    expect(() => new BearerStrategy(trusting(entra), undefined as never)).toThrow('verifyFn is required');
  });

  it('are reported at start, also if each request names its tenant', () => {
    const options = trusting(entra, { identityMetadata: metadata('common'), clientID: '-' });
    expect(() => new BearerStrategy(options, everybody)).toThrow('clientID');
  });
});

describe('options', () => {
  it('may contain unknown members', async () => {
    const options = {
      ...trusting(entra),
      responseType: 'id_token',
      clientSecret: 'FAKE',
      skipUserProfile: true,
    };
    expect(await outcome(options, ada())).toBe('accepted');
  });

  it('are neither kept nor changed', async () => {
    const options = trusting(entra);
    const before = { ...options };
    const strategy = new BearerStrategy(Object.freeze(options), everybody);
    expect(options).toEqual(before);
    const changeable = { ...options };
    const other = new BearerStrategy(changeable, everybody);
    changeable.clientID = 'changed';
    changeable.validateIssuer = false;
    expect((await act(other, fromFabrikam())).did).toBe('fail');
    const audience = [entra.options().clientId];
    const identityMetadata = metadata('common');
    const later = { ...options, identityMetadata, audience };
    const perRequest = new BearerStrategy(later, everybody);
    later.audience[0] = 'api://changed';
    later.clientID = 'changed';
    later.identityMetadata = metadata('fabrikam.onmicrosoft.com');
    expect((await act(perRequest, ada(), { tenantIdOrName: home() })).did).toBe('success');
    expect((await act(perRequest, fromFabrikam(), { tenantIdOrName: home() })).did).toBe('fail');
    expect((await act(strategy, ada())).did).toBe('success');
  });
});
