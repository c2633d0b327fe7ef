import { createGuard } from '@entra-guard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorOf, type Stage, stage } from './stage.js';

const oid = ({ entra }: Stage, user: string) => entra.user(user, { api: 'orders' }).claims.oid;

describe('a call on behalf of the caller', () => {
  it('goes with a token of that user for the other API', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const request = await made.accepted('ada');
    expect(await apis.stock.forCaller(request).json('/items?top=1')).toEqual({
      for: oid(made, 'ada'),
      tenant: made.entra.tenantId,
    });
    expect(made.received).toMatchObject([
      { url: 'https://stock.contoso.example/v1/items?top=1', method: 'GET', auth: { kind: 'user' } },
    ]);
    expect([...(made.received[0]?.auth.scopes ?? [])]).toEqual(['Stock.Read']);
  });

  it('exchanges the token that the guard accepted, and no other', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const request = await made.accepted('ada');
    const api = apis.stock.forCaller(request);
    request.headers.authorization = (await made.accepted('bob')).headers.authorization;
    expect(await errorOf(() => api.json('/items'))).toMatchObject({
      code: 'caller_token_changed',
      status: 500,
    });
    expect(await errorOf(() => apis.stock.forCaller(request))).toMatchObject({
      code: 'caller_token_changed',
    });
    expect(made.forms).toEqual([]);
  });

  it('is refused at once for a request that no guard has accepted yet', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const { headers } = made.entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    expect(() => apis.stock.forCaller({ headers })).toThrow('has not accepted a token');
  });

  it('is refused at once for an app-only caller', async () => {
    const made = await stage();
    const { headers } = made.entra.app('nightly', { api: 'orders', roles: ['Orders.Read.All'] });
    const request = { headers };
    await made.guard.authenticate(request);
    expect(await errorOf(() => made.downstream().apis.stock.forCaller(request))).toMatchObject({
      code: 'caller_kind_not_allowed',
      status: 403,
    });
  });

  it('is made once for fifty that come at the same time, and then from the memory', async () => {
    const made = await stage();
    const { apis } = made.downstream();
    const request = await made.accepted('ada');
    const calls = Array.from({ length: 50 }, () => apis.stock.forCaller(request).json('/items'));
    expect(new Set((await Promise.all(calls)).map((one) => JSON.stringify(one))).size).toBe(1);
    await apis.stock.forCaller(request).json('/items');
    expect(made.forms).toHaveLength(1);
    expect(made.received).toHaveLength(51);
  });

  it('has no refresh token, and asks for none', async () => {
    const made = await stage();
    await made
      .downstream()
      .apis.stock.forCaller(await made.accepted('ada'))
      .json('/items');
    expect(made.forms[0]?.get('scope')).not.toContain('offline_access');
  });

  it("never goes with another user's token, whatever the order, the tenants and the failures", async () => {
    const made = await stage({ tenants: ['contoso', 'fabrikam'] }, { manyTenants: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            user: fc.constantFrom('ada', 'bob', 'carol'),
            tenant: fc.constantFrom('contoso', 'fabrikam'),
            fails: fc.boolean(),
            wait: fc.nat({ max: 2 }),
          }),
          { minLength: 2, maxLength: 10 },
        ),
        async (calls) => {
          made.received.length = 0;
          const { apis } = made.downstream();
          const failures: (() => void)[] = [];
          await Promise.all(
            calls.map(async ({ user, tenant, fails, wait }) => {
              const request = await made.accepted(user, { tenant });
              for (let turn = 0; turn < wait; turn++) await Promise.resolve();
              if (fails) failures.push(made.entra.fail('token', 500, { times: 1 }));
              const expected = made.guard.authOf(request);
              const got = await apis.stock
                .forCaller(request)
                .json('/items', { headers: { 'x-asked-for': expected?.subjectKey ?? '' } })
                .catch((error: { code: string }) => error.code);
              if (got === 'downstream_unavailable') return;
              expect(got).toEqual({ for: expected?.objectId, tenant: expected?.tenantId });
            }),
          );
          for (const restore of failures) restore();
          for (const { headers, auth } of made.received)
            expect(headers.get('x-asked-for')).toBe(auth.subjectKey);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a call as this API itself', () => {
  it('goes with a token of the app', async () => {
    const made = await stage();
    await made.downstream().apis.stock.asApp().json('/items');
    expect(made.received[0]?.auth).toMatchObject({ kind: 'app' });
    expect(made.forms.map((form) => form.get('grant_type'))).toEqual(['client_credentials']);
  });

  it('needs a tenant where the guard accepts several, and one of these', async () => {
    const made = await stage({ tenants: ['contoso', 'fabrikam', 'foreign'] }, { manyTenants: true });
    const { apis } = made.downstream();
    expect(() => apis.stock.asApp()).toThrow('without a tenant');
    expect(() => apis.stock.asApp({ tenantId: 'contoso' })).toThrow('tenantId is');
    const ada = made.guard.authOf(await made.accepted('ada', { tenant: 'fabrikam' }));
    await apis.stock.asApp({ tenantId: ada?.tenantId as string }).json('/items');
    expect(made.received[0]?.auth.tenantId).toBe(ada?.tenantId);
    const foreign = '99999999-2222-4333-8444-555555555555';
    expect(await errorOf(() => apis.stock.asApp({ tenantId: foreign }).json('/items'))).toMatchObject({
      code: 'downstream_misconfigured',
    });
  });

  it('asks the authority that accepts the tenant, where the guard has several', async () => {
    const made = await stage({ tenants: ['contoso', 'fabrikam'] }, { manyTenants: true });
    const { clientId, fetch, now } = made.entra.options('orders');
    const fabrikam = made.guard.authOf(await made.accepted('ada', { tenant: 'fabrikam' }))
      ?.tenantId as string;
    const common = { clientId, fetch, now, log: false } as const;
    const guard = createGuard({
      authorities: [
        { ...common, tenantId: made.entra.tenantId },
        { ...common, tenantId: fabrikam },
      ],
    });
    const { apis } = made.downstream({ guard, fetch: made.fetch });
    expect(() => apis.stock.asApp()).toThrow('without a tenant');
    await apis.stock.asApp({ tenantId: fabrikam }).json('/');
    expect(made.received[0]?.auth.tenantId).toBe(fabrikam);
  });

  it('never goes with the token of another tenant', async () => {
    const made = await stage({ tenants: ['contoso', 'fabrikam'] }, { manyTenants: true });
    const { apis } = made.downstream();
    const fabrikam = made.guard.authOf(await made.accepted('ada', { tenant: 'fabrikam' }))
      ?.tenantId as string;
    for (const tenantId of [made.entra.tenantId, fabrikam]) await apis.stock.asApp({ tenantId }).json('/');
    expect(made.received.map(({ auth }) => auth.tenantId)).toEqual([made.entra.tenantId, fabrikam]);
  });
});
