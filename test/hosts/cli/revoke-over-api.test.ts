import { entraGuard, memoryRevocations, revocationRoutes, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import express from 'express5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../../../packages/cli/test/run-command.js';
import { listen } from '../../support/listen.js';

const because = 'left the company, HR-1234';
const OBJECT = '11111111-2222-3333-4444-555555555555';
const ALL = ['Revocations.Revoke.All', 'Revocations.Lift.All'];

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({
    apps: {
      orders: {
        scopes: ['Orders.Read'],
        appRoles: Object.fromEntries([...ALL, 'Orders.Read.All'].map((role) => [role, ['Application']])),
      },
    },
  });
});
afterAll(() => entra.close());

/** An API with the routes below a path, and a command line that an operator with some permissions runs. */
async function serving(roles: readonly string[] = ALL, at = '/admin') {
  const revocations = memoryRevocations({ margin: 0 });
  const guard = entraGuard({ ...entra.options(), revocations, log: false });
  const app = express();
  app.use(at, revocationRoutes(guard));
  app.get('/orders', guard.require(scopes('Orders.Read')), (_req, res) => void res.json([]));
  const host = await listen(app);
  onTestFinished(() => host.close());
  const api = `${host.origin}${at}`;
  const { token } = entra.app('job', { roles: [...roles] });
  const run = (...args: string[]) =>
    runCommand([...args, '--api', api, '--token', '-'], {
      input: token,
      fetch: globalThis.fetch,
      now: () => Date.now(),
    });
  const orders = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${host.origin}/orders`, { headers })).status;
  return { revocations, run, orders, api, token };
}

describe('entra-guard revoke --api', { timeout: 30_000 }, () => {
  it('shuts a user out of the API, lists and lets her in again', async () => {
    const { run, orders } = await serving();
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const { oid, tid } = ada.claims as { readonly oid: string; readonly tid: string };
    const user = ['user', oid, '--tenant', tid];
    expect(await orders(ada.headers)).toBe(200);
    const revoked = await run('revoke', ...user, '--because', because, '--json');
    expect(revoked.code).toBe(0);
    const record = JSON.parse(revoked.stdout);
    expect(record).toMatchObject({
      target: { user: oid, tenantId: tid },
      because,
      until: null,
      source: 'api/cli',
    });
    expect(await orders(ada.headers)).toBe(401);
    const again = await run('revoke', ...user, '--because', because);
    expect(again.stdout).toMatch(/^Was revoked before: user /);
    expect(again.stderr).toMatch(
      /^note: http:\/\/127\.0\.0\.1:\d+\/admin keeps revocations in one process\./,
    );
    expect(JSON.parse((await run('revocations', 'list', ...user, '--json')).stdout)).toEqual({
      revocations: [record],
    });
    expect((await run('revocations', 'list')).stdout).toContain('1 revocation.');
    const lift = ['revocations', 'lift', record.id, '--because', 'back'];
    expect(await run(...lift)).toMatchObject({ code: 0, stdout: `Lifted: ${record.id}\n` });
    expect(await orders(ada.headers)).toBe(200);
    const gone = await run(...lift);
    expect([gone.code, gone.stdout]).toEqual([2, '']);
    expect(gone.stderr).toContain(`has no revocation ${record.id} within reach of this caller`);
  });

  it('sends times as the routes read them', async () => {
    const { run, revocations } = await serving();
    const { tenantId = '' } = entra.options();
    const before = new Date(Date.now() - 60_000).toISOString();
    for (const args of [
      ['app', OBJECT, '--tenant', String(tenantId), '--before', before],
      ['token', 'Abc', '--tenant', String(tenantId), '--expires', '2999-01-01'],
      [
        'session',
        'Def',
        '--tenant',
        String(tenantId),
        '--until',
        '2998-01-01T00:00:00+01:00',
        '--source',
        'desk',
      ],
    ])
      expect(await run('revoke', ...args, '--because', because)).toMatchObject({ code: 0 });
    expect(revocations.list()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ issuedBefore: Date.parse(before) }),
        expect.objectContaining({ target: { token: 'Abc', tenantId, expiresAt: Date.parse('2999-01-01') } }),
        expect.objectContaining({ until: Date.parse('2997-12-31T23:00:00Z'), source: 'api/desk' }),
      ]),
    );
    expect((await run('revocations', 'list', 'token', 'Abc', '--tenant', String(tenantId))).stdout).toContain(
      '1 revocation.',
    );
    expect((await run('revocations', 'list', 'everyone')).stdout).toBe('No revocations.\n');
  });

  it.each<[string, string[], string[], string]>([
    [
      'a permission is missing',
      ['Orders.Read.All'],
      ['user', OBJECT, '--tenant', 'OWN'],
      'Revocations.Revoke.All or Revocations.Manage.All',
    ],
    ['the target is too wide', ALL, ['tenant', 'OWN'], 'have to be named in allow'],
    [
      'a cutoff is in the future',
      ALL,
      ['user', OBJECT, '--tenant', 'OWN', '--before', '2999-01-01'],
      'A date more than 5 minutes ahead',
    ],
    ['the reason is blank', ALL, ['user', OBJECT, '--tenant', 'OWN', '--because', ' '], 'because is blank'],
  ])('says what to do where %s, and nothing has changed', async (_, roles, args, hint) => {
    const { run, revocations } = await serving(roles);
    const own = String(entra.options().tenantId);
    const { code, stdout, stderr } = await run(
      'revoke',
      '--because',
      because,
      ...args.map((arg) => (arg === 'OWN' ? own : arg)),
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
    expect(revocations.list()).toEqual([]);
  });

  it('says what to do about a token that is refused, a path without routes, and no token', async () => {
    const { api, token } = await serving();
    const list = (url: string, input: string) =>
      runCommand(['revocations', 'list', '--api', url, '--token', '-'], { input, fetch: globalThis.fetch });
    const refused = await list(api, entra.wrong.expired().token);
    expect(refused.stderr).toMatch(
      /does not accept the access token \(401\).*\nSee why with: entra-guard explain -/,
    );
    expect((await list(api.replace('/admin', '/other'), token)).stderr).toContain(
      'app.use(revocationRoutes(guard))',
    );
    // What follows the base may be pasted with it.
    expect(await list(`${api}/revocations/`, token)).toMatchObject({ code: 0, stderr: '' });
    expect((await list(api, '')).stderr).toContain('There is no token.');
  });
});

describe('entra-guard revoke --api keeps the access token to itself', () => {
  const list = (api: string, more: object = {}, ...flags: string[]) =>
    runCommand(['revocations', 'list', '--api', api, ...flags], {
      env: { ENTRA_GUARD_TOKEN: 'eyJsecret' },
      ...more,
    });

  it.each([
    ['http://orders.contoso.example', 'which is not https'],
    ['ftp://orders.contoso.example', 'is not the URL of an API'],
    ['orders.contoso.example', 'is not the URL of an API'],
    ['https://ada:pw@orders.contoso.example', 'is not the URL of an API'],
    ['https://orders.contoso.example/?a=b', 'is not the URL of an API'],
  ])('sends nothing to %s', async (api, message) => {
    let asked = 0;
    const { code, stderr } = await list(api, { fetch: async () => new Response(String(++asked)) });
    expect([code, asked]).toEqual([2, 0]);
    expect(stderr).toContain(message);
  });

  it('does not take it from the command line', async () => {
    const { code, stderr } = await list('https://orders.contoso.example', {}, '--token', 'eyJother');
    expect(code).toBe(2);
    expect(stderr).toContain('is in the list of processes');
    expect(stderr).not.toContain('eyJ');
  });

  it('does not follow a redirect', async () => {
    const asked: RequestInit[] = [];
    const fetch = async (_: unknown, init?: RequestInit) => {
      asked.push(init ?? {});
      return new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/' } });
    };
    const { code, stderr } = await list('https://orders.contoso.example', { fetch });
    expect([code, asked.length, asked[0]?.redirect]).toEqual([2, 1, 'manual']);
    expect(new Headers(asked[0]?.headers).get('authorization')).toBe('Bearer eyJsecret');
    expect(stderr).toContain('redirects to https://elsewhere.example/, and that is not followed');
  });

  it.each<[string, () => Response, string]>([
    ['429', () => new Response('{}', { status: 429, headers: { 'retry-after': '7' } }), 'again in 7 seconds'],
    ['503', () => Response.json({ detail: 'Not now.' }, { status: 503 }), "can't do it now (503): Not now."],
    ['400', () => Response.json({}, { status: 400 }), 'another release of entra-guard'],
    ['a web page', () => new Response('<html>'), 'does not answer as the routes of revocations do (200)'],
    ['other JSON', () => Response.json({ revocations: [{ id: 5 }] }), 'does not answer as the routes'],
    ['nothing', () => Response.error(), 'does not answer as the routes'],
  ])('says what to do about %s', async (_, answer, message) => {
    const { code, stdout, stderr } = await list('https://orders.contoso.example', {
      fetch: async () => answer(),
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it.each([
    [new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }), 'connect ECONNREFUSED'],
    [Object.assign(new Error('late'), { name: 'TimeoutError' }), 'no answer within 15 s'],
    [new Error('odd'), 'odd'],
  ])('says that the API is not reachable: %s', async (error, why) => {
    const { code, stderr } = await list('https://orders.contoso.example', {
      fetch: () => Promise.reject(error),
    });
    expect(code).toBe(2);
    expect(stderr).toContain(`https://orders.contoso.example is not reachable: ${why}`);
  });
});
