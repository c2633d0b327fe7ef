import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createGuard,
  type EntraGuardError,
  entryLine,
  type LogEntry,
  scopes,
  toHttp,
} from '@entra-guard/core';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { AADSTS_CODES } from '../../testing/src/aadsts-codes.js';
import { OAuthError, oauthErrorBody } from '../../testing/src/endpoints/oauth-error.js';
import { AADSTS } from '../src/pasted/aadsts.js';
import { OWN_CODES } from '../src/pasted/own-codes.js';
import { recognise } from '../src/pasted/recognise.js';
import { runCommand } from './run-command.js';

const explain = (input: string, args: readonly string[] = []) =>
  runCommand(['explain', '-', ...args], { input });
const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';

describe('every code', () => {
  it.each(AADSTS.map((one) => [one.code, one] as const))(
    'AADSTS%s says what it means, whose it is, and one change',
    async (code, { means, whose, change }) => {
      const { code: exit, stdout } = await explain(`AADSTS${code}: some text. Trace ID: x`);
      expect(exit).toBe(1);
      for (const part of [`AADSTS${code}`, means, whose, change]) expect(stdout).toContain(part);
    },
  );

  it('stands once, and with a heading on the page', () => {
    expect(new Set(AADSTS.map(({ code }) => code)).size).toBe(AADSTS.length);
    const page = readFileSync(join(import.meta.dirname, '../../../docs/troubleshooting.md'), 'utf8');
    const headings = new Set([...page.matchAll(/^#{3} `?([A-Za-z0-9_]+)`?/gm)].map(([, name]) => name));
    const missing = [...AADSTS.map(({ code }) => `AADSTS${code}`), ...Object.keys(OWN_CODES)].filter(
      (name) => !headings.has(name),
    );
    expect(missing).toEqual([]);
  });

  it.each(Object.keys(OWN_CODES))('of ours says whose it is and what to change: %s', async (code) => {
    const { code: exit, stdout } = await explain(code);
    expect([exit, stdout]).toEqual([1, expect.stringContaining(`docs/troubleshooting.md#${code}`)]);
    expect(stdout).toMatch(/whose: [\s\S]*change: ./);
  });

  it('that is not known is looked up at Microsoft', async () => {
    const { code, stdout } = await explain('AADSTS99999999');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('https://login.microsoftonline.com/error?code=99999999'),
    ]);
  });
});

describe('what is recognised', () => {
  it.each<[string, object]>([
    ['50011', { kind: 'entra-error', codes: ['50011'] }],
    [
      'Error: AADSTS50011: The redirect URI. Correlation ID: 11112222-bbbb-3333-cccc-4444dddd5555',
      { codes: ['50011'], correlationId: '11112222-bbbb-3333-cccc-4444dddd5555' },
    ],
    [
      '{"error":"invalid_grant","error_description":"AADSTS50173: x","error_codes":[50173]}',
      { from: 'token endpoint', codes: ['50173'], error: 'invalid_grant' },
    ],
    ['{"error":"invalid_request","error_description":"no code"}', { from: 'token endpoint', codes: [] }],
    [
      'http://localhost/cb?error=access_denied&error_description=AADSTS65004%3A+x&state=s',
      { from: 'redirect', codes: ['65004'] },
    ],
    ['https://app.example/#error=x&error_description=AADSTS50105', { from: 'redirect', codes: ['50105'] }],
    ['https://app.example/cb?tenant=a#error=x&error_description=AADSTS50105', { codes: ['50105'] }],
    ['https://login.microsoftonline.com/error?code=50020', { codes: ['50020'] }],
    ['https://login.microsoftonline.com/t/oauth2/v2.0/authorize?client_id=x', { kind: 'authorize-url' }],
    [
      '{"title":"Forbidden","status":403,"code":"scope_missing"}',
      { kind: 'own-code', from: 'answer', codes: ['scope_missing'] },
    ],
    [
      '{"type":"decision","outcome":"deny","code":"role_missing","owner":{"team":"T","onCall":"t@x"}}',
      { from: 'event', owner: 'T (t@x)' },
    ],
    [
      '{"level":40,"decision":{"type":"decision","outcome":"deny","code":"role_missing","owner":{"team":"T","onCall":"t@x"}},"msg":"x"}',
      { from: 'event', codes: ['role_missing'], owner: 'T (t@x)' },
    ],
    ['{"decision":null}', { kind: 'unknown' }],
    [
      '{"level":"warn","event":"refused","code":"token_expired","owner":"T (t@x)"}',
      { from: 'log', owner: 'T (t@x)' },
    ],
    [
      'entra-guard: 401 audience_not_accepted: x | owner: Orders (a@b) | correlation ID: 1',
      { codes: ['audience_not_accepted'], owner: 'Orders (a@b)' },
    ],
    [
      'WWW-Authenticate: Bearer realm="x", error="insufficient_scope", scope="a"',
      { from: 'challenge', codes: ['scope_missing'] },
    ],
    ['Bearer realm="x", error="invalid_token"', { from: 'challenge', codes: ['token_not_accepted'] }],
    [
      'Nov 30 10:00:01 orders[7]: {"level":"warn","code":"token_expired","owner":"T (t@x)","hint":"Compare clocks."}',
      { from: 'log', owner: 'T (t@x)', hint: 'Compare clocks.' },
    ],
    [
      'ClientAuthError: token request failed {"error":"invalid_grant","error_description":"AADSTS50173: x"}',
      { from: 'token endpoint', codes: ['50173'], error: 'invalid_grant' },
    ],
    ['token_expired in {"a":1}', { from: 'log', codes: ['token_expired'] }],
    [
      'entra-guard: 403 scope_missing: x | at GET /orders | Ask for Orders.Write. | client: c, user: u, tenant: t',
      { codes: ['scope_missing'], hint: 'Ask for Orders.Write.' },
    ],
    ['entra-guard: token_expired: x | at GET /orders | owner: T', { owner: 'T', hint: undefined }],
    ['Bearer realm="x"', { from: 'challenge', codes: ['credentials_missing'] }],
    ['{"access_token":"a.b.c"}', { kind: 'token' }],
    ['Bearer eyJhbGciOi.eyJhdWQi.c2ln', { kind: 'token' }],
    ['Hello there', { kind: 'unknown' }],
    ['{"a":1}', { kind: 'unknown' }],
    ['https://contoso.example/', { kind: 'unknown' }],
  ])('%s', (text, expected) => {
    expect(recognise(text)).toMatchObject(expected);
  });

  it('shows nothing secret of it, and steers no terminal', async () => {
    const secrets = ['0.AXcode', 'state-1', 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln', 'top-secret'];
    const texts = [
      `https://login.microsoftonline.com/t/oauth2/v2.0/authorize?client_id=${CLIENT}&scope=User.Read&state=state-1&login_hint=top-secret&id_token_hint=${secrets[2]}`,
      `http://localhost/cb?code=0.AXcode&state=state-1&error=x&error_description=AADSTS50011+top-secret`,
      `{"error":"invalid_client","error_description":"AADSTS7000215: top-secret \\u001b[31m","error_codes":[7000215]}`,
      `entra-guard: token_expired ${secrets[2]} | owner: \u001b[31mred`,
      `entra-guard: token_expired | It was ${secrets[2]} \u001b[31m | owner: x`,
      `{"level":"warn","code":"token_expired","hint":"It was ${secrets[2]} \\u001b[31m"}`,
    ];
    for (const text of texts) {
      for (const args of [[], ['--json']]) {
        const { stdout, stderr, code } = await explain(text, args);
        expect(code).toBe(1);
        for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
        expect(stdout).not.toContain('\u001b');
      }
    }
  });

  it('is otherwise an error that says what can be pasted', async () => {
    const { code, stderr } = await explain('Hello there');
    expect([code, stderr]).toEqual([2, expect.stringContaining('an error with its AADSTS code')]);
    expect((await explain('  ')).code).toBe(2);
  });
});

describe('a request to sign in', () => {
  const url = (
    change: (query: URLSearchParams) => void,
    path = `${CLIENT}/oauth2/v2.0/authorize`,
  ): string => {
    const made = new URL(`https://login.microsoftonline.com/${path}`);
    const query = {
      client_id: CLIENT,
      redirect_uri: 'https://a.example/cb',
      scope: 'openid api://orders/Orders.Read',
      response_type: 'code',
      code_challenge: 'x',
      state: 's',
    };
    for (const [name, value] of Object.entries(query)) made.searchParams.set(name, value);
    change(made.searchParams);
    return made.href;
  };

  it('that is sound is said to be', async () => {
    expect((await explain(url(() => {}))).stdout).toContain('Nothing is wrong');
  });

  it.each<[string, (query: URLSearchParams) => void, RegExp]>([
    ['a short scope', (query) => query.set('scope', 'openid Orders.Read'), /AADSTS650053/],
    ['no scope', (query) => query.delete('scope'), /AADSTS900144/],
    ['two APIs', (query) => query.set('scope', 'openid api://a/A api://b/B'), /several APIs/],
    ['no API', (query) => query.set('scope', 'openid profile'), /no access token/],
    ['itself', (query) => query.set('scope', `openid api://${CLIENT}/A`), /AADSTS90009/],
    ['no PKCE', (query) => query.delete('code_challenge'), /code_challenge is missing/],
    ['plain PKCE', (query) => query.set('code_challenge_method', 'plain'), /is plain/],
    ['the implicit grant', (query) => query.set('response_type', 'token'), /implicit grant/],
    ['prompt=consent', (query) => query.set('prompt', 'consent'), /AADSTS90094/],
    ['no client', (query) => query.delete('client_id'), /client_id is missing/],
    ['a name for a client', (query) => query.set('client_id', 'orders'), /not a GUID/],
    ['no redirect URI', (query) => query.delete('redirect_uri'), /AADSTS50011/],
    ['no state', (query) => query.delete('state'), /state is missing/],
    ['a resource', (query) => query.set('resource', 'x'), /AADSTS9010010/],
  ])('with %s', async (_, change, words) => {
    expect((await explain(url(change))).stdout).toMatch(words);
  });

  it('of every tenant, and of version 1', async () => {
    expect((await explain(url(() => {}, 'common/oauth2/v2.0/authorize'))).stdout).toContain('AADSTS50194');
    expect((await explain(url(() => {}, 'common/oauth2/authorize'))).stdout).toContain('version 1');
  });
});

describe('every error that the local Entra answers', () => {
  it.each(AADSTS_CODES)('AADSTS%s is explained, by its answer and by its redirect', async (number) => {
    const error = new OAuthError('invalid_request', number, 'what it says');
    const body = oauthErrorBody(error, { trace: CLIENT, correlation: CLIENT, now: 0 });
    const redirect = new URLSearchParams({ error: error.error, error_description: error.description });
    for (const pasted of [JSON.stringify(body), `https://web.example/cb?${redirect}`]) {
      const { stdout, code } = await explain(pasted);
      expect([code, stdout]).toEqual([1, expect.stringContaining(`docs/troubleshooting.md#aadsts${number}`)]);
    }
  });
});

describe('errors of a local Entra', () => {
  let entra: LocalEntra;
  afterEach(() => entra.close());
  const start = () =>
    startEntra({
      apps: {
        orders: {
          scopes: ['Orders.Read'],
          appRoles: { 'Orders.Read.All': ['Application'] },
          secret: 'right',
        },
        web: { secret: 'right', redirectUris: ['https://web.example/cb'] },
        workflow: { federatedCredentials: [{ issuer, subject: 'repo:contoso/orders', jwks: { keys: [] } }] },
      },
    });
  const ask = async (fields: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams({
      client_id: entra.clientIdOf('web'),
      client_secret: 'right',
      ...fields,
    });
    const answer = await entra.fetch(`${entra.authority.replace(/\/v2\.0$/, '')}/oauth2/v2.0/token`, {
      method: 'POST',
      body,
    });
    return answer.text();
  };

  const issuer = 'https://token.actions.githubusercontent.com';
  /** A request with an assertion that fits the federated credential, but for these claims. */
  const assertion = (claims: object): Record<string, string> => {
    const fitting = { iss: issuer, sub: 'repo:contoso/orders', aud: 'api://AzureADTokenExchange' };
    const parts = [{ alg: 'RS256' }, { ...fitting, ...claims }];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return {
      client_id: entra.clientIdOf('workflow'),
      client_secret: '',
      grant_type: 'client_credentials',
      scope: `api://${entra.clientIdOf('orders')}/.default`,
      client_assertion: `${text}.AAAA`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
  };

  it.each<[string, () => Record<string, string>]>([
    [
      'AADSTS7000215',
      () => ({
        client_secret: 'wrong',
        grant_type: 'client_credentials',
        scope: `api://${entra.clientIdOf('orders')}/.default`,
      }),
    ],
    [
      'AADSTS1002012',
      () => ({ grant_type: 'client_credentials', scope: `api://${entra.clientIdOf('orders')}/Orders.Read` }),
    ],
    ['AADSTS500011', () => ({ grant_type: 'client_credentials', scope: 'api://nothing/.default' })],
    ['AADSTS900144', () => ({ grant_type: 'client_credentials' })],
    ['AADSTS700016', () => ({ client_id: CLIENT, grant_type: 'client_credentials', scope: 'x/.default' })],
    ['AADSTS70003', () => ({ grant_type: 'password' })],
    ['AADSTS700211', () => assertion({ iss: 'https://elsewhere.example' })],
    ['AADSTS700212', () => assertion({ aud: 'api://elsewhere' })],
    ['AADSTS700213', () => assertion({ sub: 'repo:contoso/stock' })],
    ['AADSTS9002313', () => ({ grant_type: 'refresh_token', refresh_token: 'x', scope: 'openid' })],
  ])('are explained from the answer of the token endpoint: %s', async (code, fields) => {
    entra = await start();
    const answer = await ask(fields());
    const { stdout, code: exit } = await explain(answer);
    expect([exit, stdout]).toEqual([1, expect.stringContaining(code)]);
    expect(stdout).not.toContain('not among the codes');
    expect(stdout).toMatch(/whose: .*\n {2}change: ./);
    expect(stdout).toContain('In the sign-in logs of Entra');
  });

  it('are explained of an account that is disabled', async () => {
    entra = await start();
    const query = new URLSearchParams({
      client_id: entra.clientIdOf('web'),
      redirect_uri: 'https://web.example/cb',
      response_type: 'code',
      scope: `openid offline_access api://${entra.clientIdOf('orders')}/.default`,
      login_hint: 'ada',
    });
    const endpoints = `${entra.authority.replace(/\/v2\.0$/, '')}/oauth2/v2.0`;
    const answer = await entra.fetch(`${endpoints}/authorize?${query}`, { redirect: 'manual' });
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
    entra.disable('ada');
    const refused = await ask({
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'https://web.example/cb',
    });
    const { stdout, code: exit } = await explain(refused);
    expect([exit, stdout]).toEqual([1, expect.stringContaining('AADSTS50057')]);
    expect(stdout).toContain('Enable the account');
  });
});

/** The refusals that fill issue trackers, each as an API logs it. */
describe('fifteen classic refusals, from the log line alone and from explain alone', () => {
  let entra: LocalEntra;
  afterEach(() => entra.close());
  type Make = (entra: LocalEntra) => string | undefined;
  const token =
    (make: (entra: LocalEntra) => { readonly token: string }): Make =>
    (one) =>
      make(one).token;
  it.each<[string, Make, string, RegExp]>([
    [
      'a token of Microsoft Graph',
      token(({ sign, ...one }) =>
        one.user('ada', { scp: 'Orders.Read', aud: '00000003-0000-0000-c000-000000000000' }),
      ),
      'audience_not_accepted',
      /scope|ask for/i,
    ],
    ['an ID token', token((one) => one.wrong.idToken()), 'not_an_access_token', /access token/],
    ['another audience', token((one) => one.wrong.audience()), 'audience_not_accepted', /ask for/i],
    ['another tenant', token((one) => one.wrong.tenant()), 'tenant_not_accepted', /tenant/],
    ['another issuer', token((one) => one.wrong.issuer()), 'issuer_not_accepted', /issuer|tenant|version/],
    ['an expired token', token((one) => one.wrong.expired()), 'token_expired', /new token|acquire/],
    ['a forged signature', token((one) => one.wrong.stranger()), 'signature_invalid', /signature/],
    ['no algorithm', token((one) => one.wrong.algNone()), 'algorithm_not_allowed', /./],
    ['what is not a token', () => 'abc', 'token_malformed', /token/],
    ['no token', () => undefined, 'credentials_missing', /Authorization/],
    [
      'a scope that is missing',
      token((one) => one.user('ada', { scp: 'Orders.Write' })),
      'scope_missing',
      /scope/,
    ],
    ['an app without a role', token((one) => one.app('job', { roles: [] })), 'scope_missing', /scope/],
    [
      'an app where a user is needed',
      token((one) => one.app('job', { roles: ['Orders.Read.All'] })),
      'scope_missing',
      /scope/,
    ],
    ['two headers', () => 'a, Bearer b', 'credentials_malformed', /one/],
    ['a token that is too large', () => 'a'.repeat(20_000), 'token_too_large', /claims|KiB|large/],
  ])('%s', async (_, make, expected, fix) => {
    entra = await startEntra();
    const entries: LogEntry[] = [];
    const guard = createGuard({
      ...entra.options(),
      owner: { team: 'Orders', onCall: 'orders-oncall@contoso.example' },
      log: (entry) => entries.push(entry),
    });
    const given = make(entra);
    const headers = given === undefined ? {} : { authorization: `Bearer ${given}` };
    let error: unknown;
    await guard.require({ headers }, scopes('Orders.Read')).catch((thrown: unknown) => {
      error = thrown;
    });
    await guard.close();
    const { code } = error as EntraGuardError;
    expect(code).toBe(expected);
    const entry = entries.find(({ event }) => event === 'refused');
    if (entry === undefined) {
      // What carries no credentials is not logged: any scanner would fill the log. The answer says it.
      expect(expected).toBe('credentials_missing');
      const { stdout } = await explain(JSON.stringify(toHttp(error).body));
      expect(stdout).toMatch(fix);
      return;
    }
    const line = entryLine(entry);
    expect(line).toMatch(fix);
    expect(line).toContain('orders-oncall@contoso.example');
    for (const pasted of [`entra-guard: ${toHttp(error).status} ${line}`, JSON.stringify(entry)]) {
      const { stdout, code: exit } = await explain(pasted);
      expect([exit, stdout]).toEqual([1, expect.stringContaining(expected)]);
      expect(stdout).toMatch(/whose: .*\n {2}change: ./);
      expect(stdout).toContain('Call: Orders (orders-oncall@contoso.example)');
      // What the log says of this very case is more exact than what the code says.
      if (entry.hint !== undefined) expect(stdout).toContain(`In this case: ${entry.hint}`);
    }
    if (given !== undefined && given.length > 10) expect(line).not.toContain(given.slice(0, 40));
  });
});
