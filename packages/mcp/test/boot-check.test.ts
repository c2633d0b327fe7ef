import {
  appPermissions,
  authenticated,
  ConfigurationError,
  createGuard,
  definePermissions,
  type LogEntry,
  memoryRevocations,
  noAgents,
  scopes,
} from '@entra-guard/core';
import { standInGuard, testAuth } from '@entra-guard/core/testing';
import { type EntraMcpOptions, entraMcp } from '@entra-guard/mcp';
import { describe, expect, it } from 'vitest';

const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
const RESOURCE = 'https://mcp.contoso.com/mcp';
const good = {
  tenantId: TENANT,
  clientId: CLIENT,
  log: false,
  resource: RESOURCE,
  tools: { 'orders.list': scopes('Orders.Read') },
} as const;
const ordersOf = (api: string) =>
  definePermissions({
    api,
    owner: { team: 'Orders' },
    scopes: {
      'Orders.Read': { description: 'Read orders.', consent: 'user', because: 'Sales works with them.' },
    },
  });

/** The sentence with which it does not start. */
function refusalOf(options: object): string {
  try {
    entraMcp(options as EntraMcpOptions);
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    return error.message;
  }
  throw new Error('it started');
}

it.each<[string, object]>([
  ['a tenant by its GUID', good],
  ['the application ID URI, said', { ...good, applicationIdUri: RESOURCE }],
  ['a national cloud', { ...good, cloud: 'usgov' }],
  ['a list of one tenant', { ...good, tenantId: undefined, tenants: [TENANT] }],
  [
    'an authority on this machine',
    {
      ...good,
      tenantId: undefined,
      authority: `http://localhost:8080/${TENANT}/v2.0`,
      resource: 'http://localhost:3000/mcp',
    },
  ],
  ['settings of a guard', { ...good, explain: true, revocations: memoryRevocations() }],
  [
    'a guard of the core',
    {
      guard: createGuard({ tenantId: TENANT, clientId: CLIENT, applicationIdUri: RESOURCE, log: false }),
      resource: RESOURCE,
      tools: good.tools,
    },
  ],
  [
    'no scope at all, only application permissions',
    { ...good, tools: { sync: appPermissions('Orders.Sync.All') } },
  ],
  [
    'several scopes, with the first ones said',
    { ...good, tools: { a: scopes('A'), b: scopes('B') }, initialScopes: ['B'] },
  ],
  ['a scope of a catalogue', { ...good, tools: { a: ordersOf(RESOURCE).scopes('Orders.Read') } }],
])('starts with %s', (_, options) => {
  const { tenantId, ...rest } = options as { tenantId?: string };
  expect(Object.keys(entraMcp((tenantId === undefined ? rest : options) as EntraMcpOptions))).toContain(
    'express',
  );
});

describe('does not start, and says what Entra or clients would have answered', () => {
  it.each<[string, object, readonly string[]]>([
    ['an api:// URI', { resource: `api://${CLIENT}` }, ['resource is', 'AADSTS9010010', 'api://']],
    ['plain http', { resource: 'http://mcp.contoso.com/mcp' }, ['AADSTS500011', 'https']],
    ['no path', { resource: 'https://mcp.contoso.com' }, ['AADSTS9010010', 'https://mcp.contoso.com/mcp']],
    ['a slash at the end', { resource: `${RESOURCE}/` }, ['AADSTS9010010', 'Remove the slash']],
    ['a query', { resource: `${RESOURCE}?v=2` }, ['AADSTS9010010', 'query']],
    ['a fragment', { resource: `${RESOURCE}#a` }, ['AADSTS9010010', 'fragment']],
    ['nothing', { resource: undefined }, ['resource is missing']],
    [
      'another application ID URI',
      { applicationIdUri: `api://${CLIENT}` },
      [`applicationIdUri is 'api://${CLIENT}'`, RESOURCE, 'AADSTS9010010'],
    ],
    ['the domain of the tenant', { tenantId: 'contoso.com' }, ['contoso.com', 'GUID', 'IssuerMismatchError']],
    [
      'a v1.0 authority',
      { tenantId: undefined, authority: `https://login.microsoftonline.com/${TENANT}` },
      ['/v2.0', 'requestedAccessTokenVersion'],
    ],
    [
      'several tenants',
      { tenantId: undefined, tenants: [TENANT, CLIENT.replace('0', '1')] },
      ['several tenants', 'AADSTS50194'],
    ],
    ['any tenant', { tenantId: undefined, tenants: 'any-organization' }, ['several tenants']],
    [
      'Azure AD B2C',
      {
        tenantId: undefined,
        authority: 'https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin/v2.0',
      },
      ['B2C'],
    ],
    [
      'several scopes, and none said',
      { tools: { a: scopes('A'), b: scopes('B') } },
      ['initialScopes is missing', 'A, B', 'AADSTS900144'],
    ],
    ['an empty list of scopes', { initialScopes: [] }, ['initialScopes is empty', 'AADSTS900144']],
    [
      'a scope that nothing asks for',
      { initialScopes: ['Orders.Write'] },
      ["'Orders.Write'", 'AADSTS650053', 'Orders.Read'],
    ],
    [
      'a scope by its full name',
      { initialScopes: [`${RESOURCE}/Orders.Read`] },
      ['AADSTS650053', 'short names'],
    ],
    ['undefined among the scopes', { initialScopes: ['Orders.Read', undefined] }, ['undefined']],
    ['scopes as text', { initialScopes: 'Orders.Read' }, ["initialScopes is 'Orders.Read'"]],
    [
      'a tool without a requirement',
      { tools: { 'orders.list': undefined } },
      ["tools['orders.list']", 'instead of a requirement'],
    ],
    [
      'a tool with a scope as text',
      { tools: { 'orders.list': 'Orders.Read' } },
      ["tools['orders.list']", 'Orders.Read'],
    ],
    [
      'a tool that is only narrowed',
      { tools: { 'orders.list': noAgents() } },
      ["tools['orders.list']", 'only narrows'],
    ],
    ['no tools', { tools: undefined }, ['tools is missing']],
    ['tools in a list', { tools: [scopes('A')] }, ['tools is an array']],
    ['a tool without a name', { tools: { '': scopes('A') } }, ['no tool can have']],
    ['a tool called __proto__', { tools: JSON.parse('{"__proto__":1}') }, ['no tool can have']],
    ['a resource that is not a URI', { resources: { orders: scopes('A') } }, ["resources has 'orders'"]],
    ['another word for stepUp', { stepUp: 'both ways' }, ["stepUp is 'both ways'", "'http', 'tool', 'both'"]],
    ['another word for denied', { denied: 'hidden' }, ["denied is 'hidden'"]],
    [
      'an origin with a path',
      { allowedOrigins: ['http://localhost:6274/'] },
      ['allowedOrigins', 'not an origin'],
    ],
    ['the opaque origin', { allowedOrigins: ['null'] }, ['allowedOrigins']],
    ['any origin', { allowedOrigins: ['*'] }, ['allowedOrigins']],
    ['origins as text', { allowedOrigins: 'http://localhost:6274' }, ['allowedOrigins is']],
    ['exposeToken as text', { exposeToken: 'true' }, ["exposeToken is 'true'"]],
    ['a length that is not a number', { maxBodyBytes: '1mb' }, ["maxBodyBytes is '1mb'"]],
    ['no length', { maxBodyBytes: 0 }, ['maxBodyBytes is 0']],
    ['an empty name', { resourceName: ' ' }, ["resourceName is ' '"]],
    [
      'another façade',
      { authorizationServer: { facade: 'proxy' } },
      ["authorizationServer.facade is 'proxy'"],
    ],
    ['a façade as text', { authorizationServer: 'metadata' }, ["authorizationServer is 'metadata'"]],
    [
      'an unknown option of the façade',
      { authorizationServer: { facade: 'metadata', pkce: true } },
      ["'pkce'"],
    ],
    ['a misspelt option', { tool: {} }, ["'tool'", "Did you mean 'tools'?"]],
    ['an option of the guard, misspelt', { clientID: CLIENT }, ["Did you mean 'clientId'?"]],
  ])('%s', (_, changes, words) => {
    const options = Object.fromEntries(
      Object.entries({ ...good, ...changes }).filter(
        ([name, value]) => value !== undefined || name !== 'tenantId',
      ),
    );
    const sentence = refusalOf(options);
    for (const word of words) expect(sentence).toContain(word);
  });

  it.each<[string, object, string]>([
    [
      'that accepts another application ID URI',
      createGuard({ tenantId: TENANT, clientId: CLIENT, log: false }),
      'AADSTS9010010',
    ],
    [
      'of several authorities',
      createGuard({
        authorities: [
          { tenantId: TENANT, clientId: CLIENT },
          { tenantId: CLIENT, clientId: CLIENT.replace('0', '1') },
        ],
      }),
      '2 authorities',
    ],
    ['that is a stand-in', standInGuard(testAuth({ kind: 'app' })), 'no authority'],
    ['that is something else', {}, 'guard is not a guard'],
  ])('a guard %s', (_, guard, words) => {
    expect(refusalOf({ guard, resource: RESOURCE, tools: good.tools })).toContain(words);
  });

  it('options of a guard next to a guard', () => {
    const guard = createGuard({ tenantId: TENANT, clientId: CLIENT, applicationIdUri: RESOURCE, log: false });
    expect(refusalOf({ guard, tenantId: TENANT, resource: RESOURCE, tools: good.tools })).toContain(
      'next to guard',
    );
  });

  it.each([undefined, null, 'options'])('%s in the place of options', (given) => {
    expect(refusalOf(given as never)).toContain('entraMcp(...) was given');
  });

  it('a scope that its catalogue does not have', () => {
    const tools = { a: ordersOf(RESOURCE).scopes('Orders.Read'), b: scopes('Orders.Wirte') };
    expect(refusalOf({ ...good, tools, initialScopes: ['Orders.Read'] })).toMatch(
      /Orders\.Wirte.*AADSTS650053/,
    );
  });
});

it.each(['api://orders.contoso.example', CLIENT])('a catalogue of another API does not start: %s', (api) => {
  const tools = { a: ordersOf(api).scopes('Orders.Read') };
  expect(refusalOf({ ...good, tools })).toMatch(/a catalogue for 'api:.*AADSTS9010010/);
});

it('warns of a host that no tenant can verify, and starts', () => {
  const log: LogEntry[] = [];
  entraMcp({ ...good, resource: 'https://orders.azurewebsites.net/mcp', log: (entry) => log.push(entry) });
  expect(log).toMatchObject([
    { level: 'warn', event: 'configuration', message: expect.stringContaining('azurewebsites.net') },
  ]);
});

it('warns of a tool that any client of a user may call', () => {
  const log: LogEntry[] = [];
  entraMcp({ ...good, tools: { ...good.tools, who: authenticated() }, log: (entry) => log.push(entry) });
  expect(log).toMatchObject([{ level: 'warn', handler: 'tool who' }]);
});
