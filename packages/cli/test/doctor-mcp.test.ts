import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../src/doctor/check.js';
import { CLIENTS, type ClientName } from '../src/mcp/clients.js';
import type { Verdict } from '../src/mcp/verdicts.js';
import {
  type Answered,
  CHALLENGE,
  foreignServer,
  type Instead,
  MCP,
  metadata,
  ORIGIN,
} from './foreign-mcp-server.js';
import { runCommand } from './run-command.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

interface Report {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly clients: readonly Verdict[];
}

/** What the doctor says of a server that differs from a correct one. */
async function examined(
  instead?: Instead,
  { url = MCP, fetch }: { url?: string; fetch?: typeof globalThis.fetch } = {},
) {
  const server = await foreignServer(entra, instead);
  onTestFinished(() => server.close());
  const { code, stdout, stderr } = await runCommand(['doctor', '--mcp', url, '--json'], {
    fetch: fetch ?? server.fetch,
  });
  const report = JSON.parse(stdout) as Report;
  expect([report.ok, stderr]).toEqual([code === 0, '']);
  const faults = report.checks.flatMap(({ fault }) => fault ?? []);
  const judged = (verdict: Verdict['verdict']) =>
    report.clients.filter((one) => one.verdict === verdict).map(({ client }) => client);
  return { ...report, seen: server.seen, faults, stopped: judged('stopped'), hindered: judged('hindered') };
}

/** What is said of a correct server at Entra: as Entra is, and nothing that could be changed there. */
const AS_ENTRA_IS = ['pkce_not_advertised', 'no_registration', 'consent_every_time'];
const HINDERED_BY_ENTRA: readonly ClientName[] = [
  'Claude (web, Desktop)',
  'Claude Code',
  'ChatGPT',
  'MCP Inspector',
  'SDK v2',
];

describe('doctor --mcp, with a server that does as MCP and Entra want', () => {
  it('finds nothing to change', async () => {
    const { ok, faults, stopped, hindered, checks } = await examined();
    expect([ok, faults, stopped, hindered]).toEqual([true, AS_ENTRA_IS, [], HINDERED_BY_ENTRA]);
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'url ok',
      'answer ok',
      'challenge ok',
      'metadata ok',
      'resource ok',
      'scopes ok',
      'cors ok',
      'authority ok',
      'discovery ok',
      'issuer ok',
      'pkce ok',
      'registration ok',
      'consent ok',
      'token ok',
      'origin ok',
      'stream ok',
    ]);
  });

  it('says what is to be registered for each client', async () => {
    const { clients } = await examined();
    expect(clients.map(({ client }) => client)).toEqual(CLIENTS);
    const setUp = (name: ClientName) => clients.find(({ client }) => client === name)?.setUp.join(' ');
    expect(setUp('VS Code')).toContain('aebc6443-996d-45c2-90f0-388ff96faa56');
    expect(setUp('Claude (web, Desktop)')).toContain(
      'https://claude.ai/api/mcp/auth_callback, https://claude.com/api/mcp/auth_callback under "Mobile and desktop applications"',
    );
    expect(setUp('Copilot Studio')).toContain('under "Web", with a client secret');
  });

  it('asks each thing once, and sends no token, only text that is not one', async () => {
    const { seen } = await examined();
    expect([...seen].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      'GET /.well-known/oauth-protected-resource',
      'GET /.well-known/oauth-protected-resource/mcp',
      'GET /mcp',
      'POST /mcp',
      'POST /mcp',
      'POST /mcp',
      'POST /mcp',
      'POST /mcp with a token',
    ]);
  });

  it('is content with one on this machine, and a local Entra that advertises PKCE', async () => {
    const local = await startEntra({ port: 0 });
    onTestFinished(() => local.close());
    const { listen } = await import('../../../test/support/listen.js');
    const server = await listen(({ url: path, headers }, response) => {
      const origin = `http://${headers.host}`;
      if (path?.startsWith('/.well-known/')) {
        const document = {
          ...metadata(''),
          resource: `${origin}/mcp`,
          authorization_servers: [local.options().authority],
          scopes_supported: [`${origin}/mcp/Orders.Read`],
        };
        response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
        response.end(JSON.stringify(document));
        return;
      }
      response.writeHead(401, { 'www-authenticate': CHALLENGE.replaceAll(ORIGIN, origin) }).end();
    });
    onTestFinished(() => server.close());
    const { ok, checks } = await examined(undefined, { url: `${server.origin}/mcp`, fetch });
    expect([ok, checks.find(({ name }) => name === 'origin')?.status]).toEqual([true, 'skipped']);
  });

  it('writes a page for people', async () => {
    const server = await foreignServer(entra);
    onTestFinished(() => server.close());
    const { code, stdout } = await runCommand(['doctor', '--mcp', MCP], { fetch: server.fetch });
    expect(code).toBe(0);
    expect(stdout).toContain('✓ answer         401 without a token\n');
    expect(stdout).toContain(
      'No problems.\n\nClients:\n✓ VS Code                nothing known stands in its way\n    → It signs in',
    );
    expect(stdout).toContain(
      '! ChatGPT                may have trouble: its metadata has no code_challenge_methods_supported\n',
    );
  });
});

const change =
  (members: Readonly<Record<string, unknown>>): Instead =>
  ({ url }) =>
    url?.startsWith('/.well-known/')
      ? {
          status: 200,
          headers: { 'access-control-allow-origin': '*' },
          body: { ...metadata(entra.tenantId), ...members },
        }
      : undefined;

const challenged =
  (challenge: string): Instead =>
  ({ url, method, headers }) =>
    url === '/mcp' && method === 'POST' && headers.origin === undefined
      ? { status: 401, headers: { 'www-authenticate': challenge } }
      : undefined;

const onPost =
  (answer: Answered, asked: (headers: NodeJS.Dict<string | string[]>) => boolean): Instead =>
  ({ method, headers }) =>
    method === 'POST' && asked(headers) ? answer : undefined;

const withoutToken = (headers: NodeJS.Dict<string | string[]>) => headers.authorization === undefined;
const AS = 'https://login.microsoftonline.com';
const ALL = [...CLIENTS];
const READERS = ALL.filter((client) => client !== 'Copilot Studio');
const RESOURCE_SENDERS = READERS.filter((client) => client !== 'mcp-remote');
const SCOPE_READERS = READERS.filter((client) => client !== 'Cursor' && client !== 'Claude Code');

describe('doctor --mcp says which clients a fault stops', () => {
  it.each<[string, Instead, string, string | undefined, readonly ClientName[]]>([
    [
      'the resource is an api:// URI',
      change({ resource: 'api://orders' }),
      'resource_is_api_uri',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    [
      'the resource ends in a slash',
      change({ resource: `${MCP}/` }),
      'resource_differs_by_slash',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    [
      'the resource is the origin',
      change({ resource: ORIGIN }),
      'resource_is_parent',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    [
      'the resource is a sibling',
      change({ resource: `${ORIGIN}/other` }),
      'resource_is_other',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    [
      'the resource is a longer name',
      change({ resource: `${ORIGIN}/mc` }),
      'resource_is_other',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    [
      'the resource is of another host',
      change({ resource: 'https://h.example/mcp' }),
      'resource_is_other',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    ['there is no resource', change({ resource: undefined }), 'resource_missing', undefined, READERS],
    [
      'scopes are short in the metadata',
      change({ scopes_supported: ['Orders.Read'] }),
      'scopes_short',
      'AADSTS650053',
      SCOPE_READERS,
    ],
    [
      'scopes are short in the challenge',
      challenged(CHALLENGE.replace(`${MCP}/Orders.Read`, 'Orders.Read')),
      'scopes_short',
      'AADSTS650053',
      SCOPE_READERS,
    ],
    [
      'scopes are those of another application ID URI',
      change({ scopes_supported: ['api://orders/Orders.Read'] }),
      'scopes_of_other_resource',
      'AADSTS9010010',
      RESOURCE_SENDERS,
    ],
    [
      'no scope is named',
      (request) =>
        challenged(CHALLENGE.replace(/, scope=.*/, ''))(request) ??
        change({ scopes_supported: undefined })(request),
      'scopes_nowhere',
      'AADSTS900144',
      SCOPE_READERS,
    ],
    [
      'offline_access is asked for',
      change({ scopes_supported: [`${MCP}/Orders.Read`, 'offline_access'] }),
      'offline_access_asked',
      'AADSTS90094',
      [],
    ],
    [
      'the challenge names no scope',
      challenged(CHALLENGE.replace(/, scope=.*/, '')),
      'scope_not_in_challenge',
      'AADSTS900144',
      [],
    ],
    [
      'no authorization server is named',
      change({ authorization_servers: [] }),
      'no_authorization_server',
      undefined,
      READERS,
    ],
    [
      'the authorization server is http',
      change({ authorization_servers: ['http://as.example'] }),
      'authority_not_usable',
      undefined,
      READERS,
    ],
    [
      'the authorization server is not a URL',
      change({ authorization_servers: ['contoso'] }),
      'authority_not_usable',
      undefined,
      READERS,
    ],
    [
      'tenants share the metadata',
      change({ authorization_servers: [`${AS}/common/v2.0`] }),
      'tenant_shared',
      undefined,
      ['MCP Inspector', 'SDK v2'],
    ],
    [
      'the tenant is named by its domain',
      change({ authorization_servers: [`${AS}/contoso.example/v2.0`] }),
      'tenant_by_name',
      undefined,
      ['MCP Inspector', 'SDK v2'],
    ],
    [
      'the 401 is a 200',
      onPost({ status: 200, body: { jsonrpc: '2.0', id: 1, result: {} } }, withoutToken),
      'open',
      undefined,
      [],
    ],
    [
      'the 401 is a 403',
      onPost({ status: 403 }, withoutToken),
      'refused_for_good',
      undefined,
      READERS.slice(1),
    ],
    ['the 401 is a 404', onPost({ status: 404 }, withoutToken), 'no_401', undefined, ALL],
    [
      'the 401 is a redirect',
      onPost({ status: 308, headers: { location: '/mcp/' } }, withoutToken),
      'redirects',
      'AADSTS9010010',
      [],
    ],
    [
      'server/discover is open',
      onPost({ status: 200, body: {} }, (headers) => headers['mcp-method'] !== undefined),
      'discover_open',
      undefined,
      [],
    ],
    [
      'there is no challenge',
      ({ url, method }) => (url === '/mcp' && method === 'POST' ? { status: 401 } : undefined),
      'no_resource_metadata',
      undefined,
      [],
    ],
    [
      'the challenge is another',
      challenged('Basic realm="a", charset="UTF-8"'),
      'no_resource_metadata',
      undefined,
      [],
    ],
    [
      'the scheme is in small letters',
      challenged(CHALLENGE.replace('Bearer', 'bearer')),
      'scheme_in_other_letters',
      undefined,
      [],
    ],
    [
      'the challenge names no metadata',
      challenged(`Bearer scope="${MCP}/Orders.Read"`),
      'no_resource_metadata',
      undefined,
      [],
    ],
    [
      'the challenge leads nowhere',
      challenged(`Bearer resource_metadata="${ORIGIN}/nowhere", scope="${MCP}/Orders.Read"`),
      'header_leads_nowhere',
      undefined,
      READERS,
    ],
    [
      'the challenge leads to http',
      challenged('Bearer resource_metadata="http://169.254.169.254/latest"'),
      'header_not_usable',
      undefined,
      READERS,
    ],
    [
      'there is no metadata',
      ({ url }) =>
        url === '/mcp'
          ? challenged('Bearer')({ url, method: 'POST', headers: {} } as never)
          : { status: 404 },
      'no_metadata',
      undefined,
      READERS,
    ],
    [
      'metadata is a page',
      ({ url }) => (url === '/mcp' ? undefined : { status: 200, body: '<html></html>' }),
      'header_leads_nowhere',
      undefined,
      READERS,
    ],
    [
      'metadata is at the root only',
      ({ url }) =>
        url === '/mcp'
          ? challenged('Bearer')({ url, method: 'POST', headers: {} } as never)
          : url?.endsWith('/mcp')
            ? { status: 404 }
            : undefined,
      'no_metadata_at_path',
      undefined,
      [],
    ],
    [
      'copies of the metadata differ',
      ({ url }) =>
        url?.endsWith('/oauth-protected-resource')
          ? change({ scopes_supported: [] })({ url } as never)
          : undefined,
      'copies_differ',
      undefined,
      [],
    ],
    [
      'pages may not read the metadata',
      ({ url }) =>
        url?.startsWith('/.well-known/') ? { status: 200, body: metadata(entra.tenantId) } : undefined,
      'no_cors',
      undefined,
      [],
    ],
    [
      'text that is not a token is accepted',
      onPost({ status: 200, body: {} }, (headers) => !withoutToken(headers)),
      'garbage_accepted',
      undefined,
      [],
    ],
    [
      'text that is not a token is answered 500',
      onPost({ status: 500 }, (headers) => !withoutToken(headers)),
      'garbage_not_401',
      undefined,
      [],
    ],
    [
      'a foreign page is answered',
      onPost({ status: 200, body: {} }, ({ origin }) => origin === 'https://attacker.example'),
      'foreign_origin_accepted',
      undefined,
      [],
    ],
    [
      'a foreign page may read, with cookies',
      onPost(
        {
          status: 401,
          headers: {
            'access-control-allow-origin': 'https://attacker.example',
            'access-control-allow-credentials': 'true',
          },
        },
        ({ origin }) => origin === 'https://attacker.example',
      ),
      'foreign_origin_accepted',
      undefined,
      [],
    ],
    [
      'the Inspector is refused',
      onPost({ status: 403 }, ({ origin }) => origin === 'http://localhost:6274'),
      'inspector_refused',
      undefined,
      [],
    ],
    [
      'the stream is open',
      ({ method, url }) =>
        method === 'GET' && url === '/mcp'
          ? { status: 200, headers: { 'content-type': 'text/event-stream' } }
          : undefined,
      'stream_open',
      undefined,
      [],
    ],
    [
      'the stream fails',
      ({ method, url }) => (method === 'GET' && url === '/mcp' ? { status: 500 } : undefined),
      'stream_fails',
      undefined,
      [],
    ],
  ])('%s', async (_, instead, name, code, stops) => {
    const { faults, checks, stopped, ok, clients } = await examined(instead);
    expect(faults.filter((one) => !AS_ENTRA_IS.includes(one))).toContain(name);
    const check = checks.find(({ fault }) => fault === name);
    expect([check?.code, stopped]).toEqual([code, stops]);
    expect(check?.hint).toMatch(/.+[.?)]$/);
    expect(ok).toBe(checks.every(({ status }) => status !== 'problem'));
    if (stops.length > 0) {
      expect(ok).toBe(false);
      expect(
        clients.find(({ verdict }) => verdict === 'stopped')?.because.map(({ fault }) => fault),
      ).toContain(name);
    }
  });
});

/** A server whose resource is its origin, in all places. */
const atOrigin: Instead = (request) =>
  challenged(CHALLENGE.replace(`${MCP}/Orders.Read`, `${ORIGIN}/Orders.Read`))(request) ??
  change({ resource: ORIGIN, scopes_supported: [`${ORIGIN}/Orders.Read`] })(request);

describe('doctor --mcp hinders clients by name', () => {
  it.each<[string, Instead, string, readonly ClientName[]]>([
    ['a resource that is the origin', atOrigin, 'resource_is_parent', READERS],
    [
      'a scheme in small letters',
      challenged(CHALLENGE.replace('Bearer', 'bearer')),
      'scheme_in_other_letters',
      ['VS Code'],
    ],
    [
      'a scope that is not in the challenge',
      challenged(CHALLENGE.replace(/, scope=.*/, '')),
      'scope_not_in_challenge',
      ['Claude (web, Desktop)', 'Claude Code', 'ChatGPT'],
    ],
    [
      'the Inspector that is refused',
      onPost({ status: 403 }, ({ origin }) => origin === 'http://localhost:6274'),
      'inspector_refused',
      ['MCP Inspector'],
    ],
    [
      'a refused token that is not answered 401',
      onPost({ status: 400 }, (headers) => !withoutToken(headers)),
      'garbage_not_401',
      ALL,
    ],
  ])('%s', async (_, instead, name, expected) => {
    const { clients } = await examined(instead);
    const concerned = clients.filter(({ because }) => because.some(({ fault }) => fault === name));
    const stops = clients.filter(({ verdict }) => verdict === 'stopped').map(({ client }) => client);
    expect(stops).toEqual(name === 'resource_is_parent' ? ['VS Code', 'Claude Code'] : []);
    expect(concerned.map(({ client }) => client)).toEqual(expected);
  });
});

describe('doctor --mcp looks at the authorization server', () => {
  const served = (
    document: Readonly<Record<string, unknown>> | undefined,
    named = 'https://as.contoso.com/v2',
  ) => {
    const answers: Instead = change({ authorization_servers: [named] });
    return async () => {
      const server = await foreignServer(entra, answers);
      onTestFinished(() => server.close());
      const fetch: typeof globalThis.fetch = (input, init) => {
        const url = String(input);
        if (!url.startsWith('https://as.contoso.com/')) return server.fetch(input, init);
        const found = document !== undefined && url.endsWith('/.well-known/oauth-authorization-server/v2');
        return Promise.resolve(found ? Response.json(document) : new Response('', { status: 404 }));
      };
      return examined(answers, { fetch });
    };
  };
  const good = {
    issuer: 'https://as.contoso.com/v2',
    authorization_endpoint: 'https://as.contoso.com/authorize',
    registration_endpoint: 'https://as.contoso.com/register',
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['offline_access'],
  };

  it('which is not Entra, and lets clients register: nothing is left to do', async () => {
    const { faults, stopped, hindered, clients } = await served(good)();
    expect([faults, stopped, hindered]).toEqual([[], [], []]);
    expect(clients.filter(({ setUp }) => setUp.length > 0).map(({ client }) => client)).toEqual([
      'Copilot Studio',
    ]);
  });

  it('which takes the URL of metadata as client ID', async () => {
    const { registration_endpoint: _, ...rest } = good;
    const { clients } = await served({ ...rest, client_id_metadata_document_supported: true })();
    const setUp = (name: ClientName) => clients.find(({ client }) => client === name)?.setUp.join(' ');
    expect(setUp('Claude Code')).toContain('https://claude.ai/oauth/claude-code-client-metadata');
    expect(setUp('VS Code')).toContain('https://vscode.dev/oauth/client-metadata.json');
    expect(setUp('Cursor')).toContain('Register a client');
  });

  const DISCOVERERS = READERS.filter((client) => client !== 'VS Code');
  it.each<[string, Readonly<Record<string, unknown>> | undefined, string, readonly ClientName[]]>([
    ['has no metadata', undefined, 'no_authority_metadata', READERS],
    [
      'calls itself so, with a slash',
      { ...good, issuer: 'https://as.contoso.com/v2/' },
      'issuer_differs_by_slash',
      [],
    ],
    [
      'calls itself otherwise',
      { ...good, issuer: 'https://as.contoso.com/v1' },
      'issuer_differs',
      ['MCP Inspector', 'SDK v2'],
    ],
    ['has no issuer', { ...good, issuer: undefined }, 'issuer_missing', READERS],
    [
      'advertises plain alone',
      { ...good, code_challenge_methods_supported: ['plain'] },
      'pkce_refused',
      DISCOVERERS,
    ],
    [
      'advertises nothing of PKCE',
      { ...good, code_challenge_methods_supported: undefined },
      'pkce_not_advertised',
      [],
    ],
    ['knows no clients', { ...good, registration_endpoint: undefined }, 'no_registration', []],
  ])('which %s', async (_, document, name, stops) => {
    const { faults, stopped } = await served(document)();
    expect([faults, stopped]).toEqual([[name], stops]);
  });

  it('whose metadata leads to Entra: the rules of Entra hold, and VS Code needs a client ID', async () => {
    const document = {
      ...good,
      registration_endpoint: undefined,
      authorization_endpoint: `${AS}/${entra.options().tenantId}/oauth2/v2.0/authorize`,
    };
    const { clients, faults } = await served(document)();
    expect(faults).toContain('consent_every_time');
    expect(clients[0]?.setUp.join(' ')).toContain('oauth.clientId in mcp.json');
  });

  it('not by codes of Entra, where another signs users in', async () => {
    const server = await foreignServer(
      entra,
      change({ authorization_servers: ['https://as.contoso.com/v2'], resource: `${MCP}/` }),
    );
    onTestFinished(() => server.close());
    const fetch: typeof globalThis.fetch = (input, init) =>
      String(input).startsWith('https://as.contoso.com/')
        ? Promise.resolve(Response.json(good))
        : server.fetch(input, init);
    const { checks } = await examined(undefined, { fetch });
    const check = checks.find(({ fault }) => fault === 'resource_differs_by_slash');
    expect([check?.status, check?.code]).toEqual(['problem', undefined]);
  });
});

describe('doctor --mcp judges the URL itself', () => {
  const at = (
    url: string,
    fetch: typeof globalThis.fetch = () => Promise.resolve(new Response('', { status: 401 })),
  ) => examined(undefined, { url, fetch });

  it.each([
    ['https://mcp.contoso.com/', 'AADSTS9010010', 'no path'],
    ['https://mcp.contoso.com/mcp/', 'AADSTS9010010', 'slash'],
    ['https://mcp.contoso.com/mcp?v=2', 'AADSTS9010010', 'query'],
    ['http://mcp.contoso.com/mcp', 'AADSTS500011', 'https'],
  ])('%s', async (url, code, hint) => {
    const { checks, stopped } = await at(url);
    const check = checks.find(({ fault }) => fault === 'url_unfit');
    expect([check?.code, check?.hint]).toEqual([code, expect.stringContaining(hint)]);
    expect(stopped).toEqual(ALL);
  });

  it('and warns of a host whose domain no tenant has', async () => {
    const { checks } = await at('https://orders.azurewebsites.net/mcp');
    const check = checks.find(({ fault }) => fault === 'host_unverified');
    expect([check?.status, check?.code]).toEqual(['warning', 'AADSTS500011']);
  });

  it.each([
    ['mcp.contoso.com', 'which is not an http or https URL'],
    ['file:///etc/passwd', 'which is not an http or https URL'],
    ['https://ada:secret@mcp.contoso.com/mcp', '--mcp holds a user or a password.'],
  ])('and ends with 2 for %s', async (url, message) => {
    const { code, stderr } = await runCommand(['doctor', '--mcp', url]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr).not.toContain('secret');
  });

  it.each(['--tenant contoso.example', '--redis redis://localhost', '--prefix a'])(
    'and with 2 next to %s',
    async (other) => {
      const { code, stderr } = await runCommand(['doctor', '--mcp', MCP, ...other.split(' ')]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('Leave out the other options')]);
    },
  );
});

describe('doctor --mcp, with something else than a guarded MCP server', () => {
  it.each<[string, number, string, readonly ClientName[]]>([
    ['a server that asks for nothing', 200, 'open', []],
    ['a site without MCP', 404, 'no_401', ALL],
  ])('%s owes no metadata', async (_, status, name, stops) => {
    const { faults, stopped, clients, checks } = await examined(({ url }) => ({
      status: url === '/mcp' ? status : 404,
    }));
    expect([faults, stopped]).toEqual([[name], stops]);
    expect(clients.flatMap(({ setUp }) => setUp)).toEqual([]);
    for (const skipped of ['challenge', 'metadata', 'discovery', 'token', 'origin', 'stream']) {
      expect(checks.find((check) => check.name === skipped)?.status).toBe('skipped');
    }
  });
});

describe('doctor --mcp is careful with a server that is not ours', () => {
  it('says that it was not reached', async () => {
    const fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }));
    const { faults, stopped, checks } = await examined(undefined, { fetch });
    expect([faults, stopped]).toEqual([['unreachable'], ALL]);
    expect(checks.find(({ name }) => name === 'answer')?.found).toBe('no answer: connect ECONNREFUSED');
  });

  it('follows no redirect to another origin', async () => {
    const { faults } = await examined(({ url }) =>
      url?.startsWith('/.well-known/')
        ? { status: 302, headers: { location: 'https://elsewhere.example/' } }
        : undefined,
    );
    expect(faults).toContain('header_leads_nowhere');
  });

  it('follows a few within the origin', async () => {
    const { faults } = await examined(({ url }) =>
      url === '/.well-known/oauth-protected-resource/mcp'
        ? { status: 302, headers: { location: '/.well-known/oauth-protected-resource' } }
        : undefined,
    );
    expect(faults).toEqual(AS_ENTRA_IS);
    const endless = await examined(({ url }) =>
      url?.startsWith('/.well-known/') ? { status: 302, headers: { location: `${url}a` } } : undefined,
    );
    expect(endless.faults).toContain('header_leads_nowhere');
  });

  it('reads no endless document', async () => {
    const { faults } = await examined(change({ resource_name: 'x'.repeat(70_000) }));
    expect(faults).toContain('header_leads_nowhere');
  });

  it('asks no address inside that the server names', async () => {
    const asked: string[] = [];
    const server = await foreignServer(
      entra,
      change({ authorization_servers: ['http://127.0.0.1:9200/v2.0', 'https://as.contoso.com'] }),
    );
    onTestFinished(() => server.close());
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(new URL(String(input)).origin);
      return server.fetch(input, init);
    };
    await examined(undefined, { fetch });
    expect([...new Set(asked)]).toEqual([ORIGIN]);
  });

  it('escapes what steers a terminal, and bounds it', async () => {
    const server = await foreignServer(entra, change({ resource: `\u001b[2Japi\u202e${'x'.repeat(1000)}` }));
    onTestFinished(() => server.close());
    const { stdout } = await runCommand(['doctor', '--mcp', MCP], {
      fetch: server.fetch,
      terminal: true,
      env: { NO_COLOR: '1' },
    });
    expect(stdout).not.toMatch(/\p{Cc}(?<!\n)|\p{Cf}/u);
    expect(stdout).toContain('\\u{1b}[2Japi');
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThan(700);
  });

  it('reads own members only', async () => {
    const { faults } = await examined(change({ resource: undefined, ['__proto__']: { resource: MCP } }));
    expect(faults).toContain('resource_missing');
  });
});
