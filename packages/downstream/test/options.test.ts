import { createGuard } from '@entra-guard/core';
import { standInGuard, testAuth } from '@entra-guard/core/testing';
import { describe, expect, it } from 'vitest';
import { contoso } from '../../../test/support/contoso.js';
import { createDownstream } from '../src/index.js';
import { credential, errorOf, STOCK, stage } from './stage.js';

const guard = createGuard(contoso());
const api = { baseUrl: STOCK, scopes: ['api://stock/Stock.Read'] };
const good = { guard, credential, apis: { stock: api } };

describe('options are checked when they are given', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'was given missing'],
    ['an unknown option', { ...good, api }, "called 'api'"],
    ['no guard', { ...good, guard: {} }, 'guard is not a guard'],
    [
      'a stand-in',
      { ...good, guard: standInGuard(testAuth({ kind: 'user', scopes: ['X'] })) },
      'no authority',
    ],
    [
      'a B2C authority',
      {
        ...good,
        guard: createGuard({
          authority: 'https://c.b2clogin.com/c.onmicrosoft.com/B2C_1_a/v2.0',
          clientId: contoso().clientId,
          log: false,
        }),
      },
      'Azure AD B2C',
    ],
    [
      'custom signing keys',
      { ...good, guard: createGuard(contoso({ customSigningKeys: true })) },
      'customSigningKeys',
    ],
    ['no credential', { ...good, credential: undefined }, 'credential is missing'],
    ['a credential that is text', { ...good, credential: 's3cret' }, 'text, which is not shown'],
    ['a fetch that is not one', { ...good, fetch: 'x' }, "fetch is 'x'"],
    ['no APIs', { ...good, apis: {} }, 'apis is empty'],
    ['APIs as a list', { ...good, apis: [api] }, 'apis is a list'],
    ['an odd name', { ...good, apis: { 'a b': api } }, "the name 'a b'"],
    ['an API that is text', { ...good, apis: { stock: STOCK } }, 'apis.stock is '],
    [
      'an unknown member of an API',
      { ...good, apis: { stock: { ...api, scope: 'x' } } },
      "apis.stock called 'scope'",
    ],
    [
      'neither scopes nor appScope',
      { ...good, apis: { stock: { baseUrl: STOCK } } },
      'neither scopes nor appScope',
    ],
    ['no base URL', { ...good, apis: { stock: { ...api, baseUrl: undefined } } }, 'baseUrl is missing'],
    [
      'a base URL on http',
      { ...good, apis: { stock: { ...api, baseUrl: 'http://stock.example/' } } },
      'not an https URL',
    ],
    [
      'a base URL with a query',
      { ...good, apis: { stock: { ...api, baseUrl: 'https://stock.example/?code=x' } } },
      'a query',
    ],
    [
      'a base URL with a password',
      { ...good, apis: { stock: { ...api, baseUrl: 'https://a:pass@stock.example/' } } },
      'has a user',
    ],
    ['empty scopes', { ...good, apis: { stock: { ...api, scopes: [] } } }, 'scopes is an empty list'],
    ['scopes as text', { ...good, apis: { stock: { ...api, scopes: 'api://stock/a' } } }, 'scopes is '],
    ['a short scope', { ...good, apis: { stock: { ...api, scopes: ['Stock.Read'] } } }, "holds 'Stock.Read'"],
    [
      'a scope of sign-ins',
      { ...good, apis: { stock: { ...api, scopes: ['offline_access'] } } },
      'offline_access',
    ],
    [
      'an app scope that is one permission',
      { ...good, apis: { stock: { ...api, appScope: 'api://stock/Stock.Read' } } },
      'appScope is',
    ],
    ['an unknown identity', { ...good, apis: { stock: { ...api, as: 'user' } } }, "as is 'user'"],
    ['a word for cae', { ...good, apis: { stock: { ...api, cae: 'yes' } } }, "cae is 'yes'"],
    ['a retry that is a number', { ...good, apis: { stock: { ...api, retry: 3 } } }, 'retry is 3'],
    ['too many attempts', { ...good, apis: { stock: { ...api, retry: { attempts: 9 } } } }, 'attempts is 9'],
    [
      'an unknown member of retry',
      { ...good, apis: { stock: { ...api, retry: { times: 9 } } } },
      "called 'times'",
    ],
    ['a memory that is a number', { ...good, memory: 9 }, 'memory is 9'],
    ['a part of an entry', { ...good, memory: { maxEntries: 0.5 } }, 'maxEntries is 0.5'],
    ['a timeout that is none', { ...good, timeout: 'soon' }, 'timeout'],
  ])('%s', (_, given, message) => {
    const error = (() => {
      try {
        createDownstream(given as never);
      } catch (thrown) {
        return thrown as Error & { code: string };
      }
      throw new Error('accepted');
    })();
    expect(error.code).toBe('configuration_invalid');
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/s3cret|pass@|code=x/);
  });

  it.each(['https://stock.example', 'http://localhost:3000/v1', 'http://127.0.0.1:1/', 'http://[::1]:1/'])(
    '%s is a base URL',
    (baseUrl) => {
      expect(Object.keys(createDownstream({ ...good, apis: { stock: { ...api, baseUrl } } }).apis)).toEqual([
        'stock',
      ]);
    },
  );

  it('names what an API lacks when it is called for', async () => {
    const made = await stage();
    const scopes = [`api://${made.entra.options('stock').clientId}/Stock.Read`];
    const { apis } = createDownstream({
      guard: made.guard,
      credential,
      apis: { user: { baseUrl: STOCK, scopes }, app: { baseUrl: STOCK, appScope: 'api://stock/.default' } },
    });
    const request = await made.accepted('ada');
    expect(() => apis.user.asApp()).toThrow("'user', which has no appScope");
    expect(() => apis.app.forCaller(request)).toThrow("'app', which has no scopes");
    expect(() => apis.app.asApp({ tenant: 'x' } as never)).toThrow("called 'tenant'");
  });
});

describe('what is kept', () => {
  it('is bounded by count and bytes, and the least recently used goes first', async () => {
    const made = await stage();
    const { apis } = made.downstream({ memory: { maxEntries: 2 } });
    const requests = await Promise.all(['ada', 'bob', 'carol'].map((user) => made.accepted(user)));
    const call = (at: number) => apis.stock.forCaller(requests[at] as object).json('/');
    for (const at of [0, 1, 0, 2, 0]) await call(at);
    expect(made.forms).toHaveLength(3);
    await call(1);
    expect(made.forms).toHaveLength(4);
    const { apis: small } = made.downstream({ memory: { maxBytes: 100 } });
    for (let times = 0; times < 2; times++) await small.stock.forCaller(requests[0] as object).json('/');
    expect(made.forms).toHaveLength(6);
  });

  it('is forgotten for a user, also while it is being got', async () => {
    const made = await stage();
    const { apis, forget, close } = made.downstream();
    const request = await made.accepted('ada');
    const other = await made.accepted('bob');
    const auth = made.guard.authOf(request);
    const api = apis.stock.forCaller(request);
    await Promise.all([api.json('/'), apis.stock.forCaller(other).json('/')]);
    await forget(auth as never);
    await Promise.all([api.json('/'), apis.stock.forCaller(other).json('/')]);
    expect(made.forms).toHaveLength(3);
    await forget(auth as never);
    const getting = api.json('/');
    await expect.poll(() => made.forms.length).toBe(4);
    await forget(auth as never);
    await getting;
    await api.json('/');
    expect(made.forms).toHaveLength(5);
    await close();
    await api.json('/');
    expect(made.forms).toHaveLength(6);
  });

  it('ends with the token that was exchanged, and never outlives it', async () => {
    const made = await stage();
    const api = made.downstream().apis.stock.forCaller(await made.accepted('ada'));
    await api.json('/');
    made.pass(3_600_000);
    expect(await errorOf(() => api.json('/'))).toMatchObject({ code: 'token_expired', status: 401 });
  });

  it('is not used once the caller’s access was revoked', async () => {
    const { memoryRevocations } = await import('@entra-guard/core');
    const made = await stage();
    const revocations = memoryRevocations({ margin: 0, now: made.now, oneProcess: true });
    const revocable = made.guarded({ revocations });
    const { apis } = made.downstream({ guard: revocable });
    const request = await made.accepted('ada', {}, revocable);
    const { objectId = '', tenantId = '' } = revocable.authOf(request) ?? {};
    const api = apis.stock.forCaller(request);
    await api.json('/');
    await revocations.revoke({ user: objectId, tenantId }, { because: 'left the company' });
    expect(await errorOf(() => api.json('/'))).toMatchObject({ code: 'token_revoked', status: 401 });
  });
});
