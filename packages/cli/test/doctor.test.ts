import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../src/doctor/check.js';
import { runCommand, type World } from './run-command.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');

let entra: InProcessEntra;
let configuration: string[];
beforeAll(async () => {
  entra = await startEntra();
  const { tenantId, clientId } = entra.options();
  configuration = ['--tenant', tenantId, '--client', clientId];
});
afterAll(() => entra.close());

type Answer = (url: string) => Response | Promise<Response>;

/** The local Entra, with a clock, and whatever a test puts in its way. */
const authority =
  (headers: Record<string, string> = { date: new Date(NOW).toUTCString() }, instead?: Answer): typeof fetch =>
  async (input, init) => {
    const url = String(input);
    if (instead !== undefined) return instead(url);
    const { status, body, headers: given } = await entra.fetch(input, init);
    return new Response(body, { status, headers: { ...Object.fromEntries(given), ...headers } });
  };

const failing = (code: string, message: string): typeof fetch =>
  authority({}, () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
  });

/** The checks of a doctor's visit, by name. */
async function examined(world: World = {}, flags: readonly string[] = configuration) {
  const all = { fetch: authority(), now: () => NOW, ...world };
  const { code, stdout, stderr } = await runCommand(['doctor', '--json', ...flags], all);
  const { ok, checks } = JSON.parse(stdout) as { readonly ok: boolean; readonly checks: readonly Check[] };
  expect([ok, stderr]).toEqual([code === 0, '']);
  const of = (name: Check['name']) => {
    const { status, found, hint } = checks.find((check) => check.name === name) as Check;
    return `${status}: ${found}${hint === undefined ? '' : ` → ${hint}`}`;
  };
  return { code, of, problems: checks.filter(({ status }) => status === 'problem').map(({ name }) => name) };
}

describe('doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    const { code, of } = await examined();
    expect(code).toBe(0);
    const { tenantId, clientId } = entra.options();
    const base = `https://login.microsoftonline.com/${tenantId}`;
    expect({
      configuration: of('configuration'),
      node: of('node'),
      proxy: of('proxy'),
      certificates: of('certificates'),
      reachability: of('reachability'),
      clock: of('clock'),
      metadata: of('metadata'),
    }).toEqual({
      configuration: `ok: tenant ${tenantId}, client ${clientId}`,
      node: 'ok: 20.19.0',
      proxy: 'ok: none is set',
      certificates: 'ok: that of login.microsoftonline.com holds',
      reachability: 'ok: https://login.microsoftonline.com answers',
      clock: "ok: agrees with the authority's",
      metadata: `ok: ${base}/v2.0/.well-known/openid-configuration`,
    });
    expect(of('keys')).toMatch(/^ok: 1 that can be used: /);
    expect(of('issuers')).toMatch(
      `ok: ${base}/v2.0 and https://sts.windows.net/${tenantId}/ → Which one a token has`,
    );
  });

  it('is content with a local Entra on a port', async () => {
    const local = await startEntra({ port: 0 });
    onTestFinished(() => local.close());
    const { authority: url, clientId } = local.options();
    const flags = ['--authority', url, '--client', clientId];
    const { code, of } = await examined({ fetch, now: () => Date.now() }, flags);
    expect(code).toBe(0);
    expect(of('certificates')).toMatch(/^ok: none: \S+ is this machine$/);
    expect(of('issuers')).toContain(`${url} and `);
  });

  it('looks at what all tenants share, where any may call', async () => {
    const flags = ['--tenants', 'any-organization', '--client', entra.options().clientId];
    const { code, of } = await examined({}, flags);
    expect([code, of('configuration')]).toEqual([0, expect.stringContaining('tenants any-organization')]);
    expect(of('issuers')).toContain('/{tenantid}/v2.0 and https://sts.windows.net/{tenantid}/');
  });

  it('writes a page for people', async () => {
    const { code, stdout } = await runCommand(['doctor', ...configuration], {
      fetch: authority({ date: new Date(NOW - 90_000).toUTCString() }),
      now: () => NOW,
      env: { HTTPS_PROXY: 'http://ada:secret@proxy.contoso.example:3128' },
    });
    expect(code).toBe(1);
    expect(stdout).toContain(
      "! proxy          HTTPS_PROXY is http://proxy.contoso.example:3128, and Node's fetch goes past it\n    → ",
    );
    expect(stdout).toContain(
      "✗ clock          90 s ahead of the authority's, and 60 s are tolerated: tokens expire too early\n    → Set the clock",
    );
    expect(stdout).toMatch(/\n\n1 problem, 1 warning\.\n$/);
    expect(stdout).not.toContain('secret');
  });
});

describe('doctor says what is wrong with the configuration', () => {
  it.each<[string, string[], Record<string, string>, string]>([
    [
      'where there is none',
      [],
      {},
      'The environment has no ENTRA_GUARD_TENANT_ID and no ENTRA_GUARD_CLIENT_ID.',
    ],
    [
      'where the client is missing',
      [],
      { AZURE_TENANT_ID: 'contoso.example' },
      'The environment has no ENTRA_GUARD_CLIENT_ID.',
    ],
    [
      'where a workload has an identity of its own',
      ['--tenant', 'contoso.example'],
      { AZURE_CLIENT_ID: 'x', AZURE_FEDERATED_TOKEN_FILE: '/t' },
      'The environment has no ENTRA_GUARD_CLIENT_ID.',
    ],
    ['where the client is not a GUID', ['--tenant', 'contoso.example', '--client', 'orders'], {}, 'clientId'],
    [
      'where an authority is on http',
      ['--authority', 'http://contoso.example/v2.0', '--client', '00001111-aaaa-2222-bbbb-3333cccc4444'],
      {},
      'authority is http://contoso.example/v2.0, which is not https.',
    ],
    [
      'where everybody is a tenant',
      ['--tenant', 'common', '--client', '00001111-aaaa-2222-bbbb-3333cccc4444'],
      {},
      'common',
    ],
  ])('%s', async (_, flags, env, message) => {
    const { code, of, problems } = await examined({ env }, flags);
    expect([code, problems]).toEqual([1, ['configuration']]);
    expect(of('configuration')).toContain(message);
    expect(of('configuration')).toMatch(/ → .+\.$/);
    expect(of('reachability')).toBe('skipped: there is no configuration');
  });

  it.each([
    ['doctor --nonsense', "unknown option '--nonsense'"],
    ['doctor now', 'too many arguments'],
    ['doctor --clock-tolerance soon', 'It is a whole number of seconds, or one with its unit: 90s, 5m.'],
  ])('and ends with 2 for %s', async (line, message) => {
    const { code, stderr } = await runCommand(line.split(' '));
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('doctor says what is wrong with the way to the authority', () => {
  it.each([
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND', 'The name cannot be resolved'],
    ['ECONNREFUSED', 'connect ECONNREFUSED', 'Nothing listens there'],
    ['ECONNRESET', 'read ECONNRESET', 'firewall'],
    ['UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error', 'firewall'],
    ['UNKNOWN', 'something else', 'Nothing answers'],
  ])('where it ends with %s', async (code, message, hint) => {
    const { of, problems } = await examined({ fetch: failing(code, message) });
    expect(problems).toEqual(['reachability']);
    expect(of('reachability')).toContain(`gives no answer: ${message} → ${hint}`.slice(0, 30));
    expect(of('reachability')).toContain(hint);
    expect(of('metadata')).toContain('skipped: ');
    expect(of('keys')).toContain('skipped: ');
    expect(of('clock')).toBe('skipped: the authority was not reached');
    expect(of('issuers')).toBe('skipped: there is no metadata');
  });

  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_HAS_EXPIRED', 'certificate has expired', 'has expired'],
    ['CERT_NOT_YET_VALID', 'certificate is not yet valid', 'clock of this machine'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname does not match certificate's altnames", 'another name'],
  ])('where the certificate fails with %s', async (code, message, hint) => {
    const { of, problems } = await examined({ fetch: failing(code, message) });
    expect(problems).toEqual(['certificates']);
    expect(of('certificates')).toContain(`of login.microsoftonline.com: ${message}`);
    expect(of('certificates')).toContain(hint);
  });

  const html = { 'content-type': 'text/html' };
  it.each<[string, number, Record<string, string>, string, string]>([
    ['a page', 200, html, 'answers 200, and no JSON but text/html', 'a sign-in page'],
    ['400', 400, {}, 'answers 400', 'compare the tenant'],
    ['404', 404, html, 'answers 404', 'compare the tenant'],
    ['407', 407, {}, 'answers 407', 'The proxy wants to know'],
    ['429', 429, {}, 'answers 429', 'Too many requests'],
    ['503', 503, {}, 'answers 503', 'Try again'],
    ['418', 418, {}, 'answers 418', 'Something else answers there'],
  ])('where it answers with %s', async (_, status, headers, found, hint) => {
    const answer = () => new Response('<html></html>', { status, headers });
    const { of, problems } = await examined({ fetch: authority({}, answer) });
    expect(problems).toEqual(['reachability']);
    expect(of('reachability')).toContain(found);
    expect(of('reachability')).toContain(hint);
  });

  it('where it is slow', async () => {
    let time = NOW;
    const slow: typeof fetch = (input, init) => {
      time += 3000;
      return authority({})(input, init);
    };
    expect((await examined({ fetch: slow, now: () => time })).of('reachability')).toMatch(
      /^warning: https:\/\/login\.microsoftonline\.com took [36]000 ms to answer → /,
    );
  });
});

describe('doctor compares the clock with that of the authority', () => {
  it.each([
    [0, 'ok: '],
    [5, 'ok: '],
    [-30, "warning: 30 s behind the authority's → "],
    [60, "warning: 60 s ahead of the authority's → "],
    [-61, "problem: 61 s behind the authority's, and 60 s are tolerated: new tokens are not valid yet → "],
    [3600, "problem: 3600 s ahead of the authority's, and 60 s are tolerated: tokens expire too early → "],
  ])('%i s apart', async (seconds, expected) => {
    // The authority's clock has whole seconds, half of one on average too few.
    const world = { now: () => NOW + seconds * 1000 + 500 };
    expect((await examined(world)).of('clock').slice(0, expected.length)).toBe(expected);
  });

  it('with the tolerance that is configured', async () => {
    const flags = [...configuration, '--clock-tolerance', '300'];
    expect((await examined({ now: () => NOW + 200_500 }, flags)).of('clock')).toMatch(
      /^warning: 200 s ahead/,
    );
  });

  it('counting how long a cache has held the answer', async () => {
    const headers = { date: new Date(NOW - 120_000).toUTCString(), age: '120' };
    expect((await examined({ fetch: authority(headers) })).of('clock')).toMatch(/^ok/);
  });

  it('not where there is none to compare with', async () => {
    for (const headers of [{ date: 'yesterday' }, {}]) {
      const { of } = await examined({ fetch: authority(headers) });
      expect(of('clock')).toBe('skipped: the answers have no Date');
    }
  });
});

describe('doctor looks at the environment', () => {
  it.each<[string, Record<string, string>, string, string]>([
    [
      'a proxy that Node can not use',
      { HTTPS_PROXY: 'http://proxy:3128' },
      '20.19.0',
      'warning: HTTPS_PROXY is http://proxy:3128, and Node',
    ],
    [
      'a proxy that Node does not use',
      { https_proxy: 'http://proxy:3128' },
      '24.1.0',
      'warning: https_proxy is http://proxy:3128, and Node',
    ],
    [
      'a proxy that Node uses',
      { HTTPS_PROXY: 'http://proxy:3128', NODE_USE_ENV_PROXY: '1' },
      '24.0.0',
      'ok: HTTPS_PROXY is http://proxy:3128, and is used',
    ],
    [
      'the same, on 22',
      { HTTPS_PROXY: 'http://proxy:3128', NODE_OPTIONS: '--use-env-proxy' },
      '22.21.0',
      'ok: HTTPS_PROXY is http://proxy:3128, and is used',
    ],
    [
      'a Node that knows it not yet',
      { HTTPS_PROXY: 'http://proxy:3128', NODE_USE_ENV_PROXY: '1' },
      '22.20.0',
      'warning: ',
    ],
    [
      'a variable that Node does not know',
      { ALL_PROXY: 'http://proxy:3128', NODE_USE_ENV_PROXY: '1' },
      '24.0.0',
      'warning: ALL_PROXY',
    ],
    [
      'a proxy with a password',
      { HTTPS_PROXY: 'http://ada:secret@proxy:3128/' },
      '20.19.0',
      'warning: HTTPS_PROXY is http://proxy:3128, ',
    ],
    [
      'a proxy that is not a URL',
      { HTTPS_PROXY: 'ada:secret@proxy:3128' },
      '20.19.0',
      'warning: HTTPS_PROXY is proxy:3128, ',
    ],
    [
      'an exemption',
      { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost,.microsoftonline.com' },
      '20.19.0',
      'ok: HTTPS_PROXY is http://proxy:3128, and NO_PROXY exempts',
    ],
    [
      'an exemption of others',
      { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'online.com' },
      '20.19.0',
      'warning: ',
    ],
    ['a proxy for http', { HTTP_PROXY: 'http://proxy:3128' }, '20.19.0', 'ok: none is set'],
  ])('%s', async (_, env, nodeVersion, expected) => {
    const { code, of } = await examined({ env, nodeVersion });
    expect(code).toBe(0);
    expect(of('proxy').slice(0, expected.length)).toBe(expected);
    expect(of('proxy')).not.toContain('secret');
  });

  it.each([
    ['20.18.3', 'problem: 20.18.3, which is too old'],
    ['18.20.8', 'problem: 18.20.8, which is too old'],
    ['20.19.0', 'ok: 20.19.0'],
    ['26.10.0', 'ok: 26.10.0'],
  ])('Node %s', async (nodeVersion, expected) => {
    expect((await examined({ nodeVersion })).of('node')).toContain(expected);
  });

  it.each([
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'problem: NODE_TLS_REJECT_UNAUTHORIZED is 0'],
    [
      { NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' },
      'problem: NODE_EXTRA_CA_CERTS is /nowhere/ca.pem, which is not there',
    ],
    [{ NODE_EXTRA_CA_CERTS: import.meta.filename }, 'ok: '],
  ])('%j', async (env, expected) => {
    expect((await examined({ env })).of('certificates')).toContain(expected);
  });
});

describe('doctor looks at metadata and keys as the API would', () => {
  const answers = (change: (document: Record<string, unknown>, url: string) => unknown) =>
    authority({}, async (url) =>
      Response.json(change((await (await entra.fetch(url)).json()) as Record<string, unknown>, url)),
    );
  const OTHER = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
  const renamed = (text: unknown) => JSON.parse(JSON.stringify(text).replaceAll(entra.tenantId, OTHER));

  it('and finds the metadata of another tenant', async () => {
    const { of, problems } = await examined({ fetch: answers(renamed) });
    expect(problems).toContain('metadata');
    expect(of('metadata')).toContain(`names tenant ${OTHER}, expected ${entra.tenantId}`);
    expect(of('issuers')).toBe('skipped: the metadata is not accepted: see metadata');
  });

  const elsewhere = (document: Record<string, unknown>) => ({
    ...document,
    ...(typeof document.issuer === 'string'
      ? { issuer: document.issuer.replace(/^https:\/\/[^/]+/, 'https://evil.example') }
      : {}),
  });

  it.each([
    ['a tenant', () => configuration],
    ['any tenant', () => ['--tenants', 'any-organization', '--client', entra.options().clientId]],
  ])('and ticks no issuer that it refused, of %s', async (_, flags) => {
    const all = await examined({ fetch: answers(elsewhere) }, flags());
    expect(all.of('metadata')).toContain('does not belong to the authority: evil.example');
    expect(all.of('issuers')).toBe('skipped: the metadata is not accepted: see metadata');
    const fetch = answers((document, url) => (url.includes('/v2.0') ? document : elsewhere(document)));
    const { of, problems } = await examined({ fetch }, flags());
    expect(problems).toEqual(['issuers']);
    expect(of('issuers')).toContain('does not belong to the authority: evil.example');
  });

  it('and finds that the versions are of two tenants', async () => {
    const fetch = answers((document, url) =>
      url.includes('/v2.0') || url.includes('keys') ? document : renamed(document),
    );
    const { of, problems } = await examined({ fetch });
    expect(problems).toEqual(['issuers']);
    expect(of('issuers')).toContain(`is of ${entra.tenantId}, and `);
  });

  it('and finds keys that are none', async () => {
    const { of, problems } = await examined({
      fetch: answers((document) => ('keys' in document ? { keys: [] } : document)),
    });
    expect(problems).toEqual(['keys']);
    expect(of('keys')).toContain('/discovery/v2.0/keys: ');
  });

  it('and can do without metadata of version 1', async () => {
    const fetch = authority({}, (url) =>
      url.includes('/v2.0') ? entra.fetch(url) : new Response('', { status: 404 }),
    );
    const { of, code } = await examined({ fetch });
    expect([code, of('issuers')]).toEqual([0, expect.stringMatching(/^ok: .*, and no other version$/)]);
  });
});
