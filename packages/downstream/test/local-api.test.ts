import { createGuard } from '@entra-guard/core';
import { type LocalApi, startEntra } from '@entra-guard/testing';
import { describe, expect, it } from 'vitest';
import { type ApiOptions, createDownstream } from '../src/index.js';
import { credential, errorOf, SECRET } from './stage.js';

const nbf = { access_token: { nbf: { essential: true, value: '1604106651' } } };

/** The orders API and a local stock API that it calls for Ada. Both tests and applications set it up like this. */
async function staged({ port, ...changes }: Partial<ApiOptions> & { readonly port?: number } = {}) {
  const entra = await startEntra({
    ...(port === undefined ? {} : { port }),
    apps: {
      orders: { scopes: ['Orders.Read'], secret: SECRET },
      stock: {
        scopes: ['Stock.Read'],
        appRoles: { 'Stock.Read.All': ['Application'] },
        assignments: { orders: ['Stock.Read.All'] },
      },
    },
  });
  const stock = await entra.downstream({ api: 'stock', ...(port === undefined ? {} : { port }) });
  stock.answer('/items', ({ caller }) => ({ for: caller.objectId }));
  const guard = createGuard({ ...entra.options('orders'), log: false });
  const { apis } = createDownstream({ guard, credential, apis: { stock: { ...stock.options, ...changes } } });
  const req = { headers: { ...entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).headers } };
  await guard.authenticate(req);
  return { entra, stock, api: apis.stock, forAda: apis.stock.forCaller(req) };
}

const statuses = (stock: LocalApi) => stock.requests.map(({ status }) => status);

describe.each<[string, { readonly port?: number }]>([
  ['in process', {}],
  ['on ports', { port: 0 }],
])('a local API %s', (_, where) => {
  it('sees the user, and this API between', async () => {
    const { entra, stock, api, forAda } = await staged(where);
    expect(await forAda.json('/items')).toEqual({ for: entra.objectIdOf('ada') });
    const orders = entra.clientIdOf('orders');
    expect(stock.requests[0]?.caller).toMatchObject({
      kind: 'user',
      objectId: entra.objectIdOf('ada'),
      clientId: orders,
      scopes: ['Stock.Read'],
    });
    await api.asApp().json('/items');
    expect(stock.requests[1]?.caller).toMatchObject({
      kind: 'app',
      clientId: orders,
      roles: ['Stock.Read.All'],
    });
    await entra.close();
  });

  it('demands another token, and gets one', async () => {
    const { entra, stock, forAda } = await staged(where);
    stock.challenge({ claims: nbf }, { times: 1 });
    expect(await forAda.json('/items')).toEqual({ for: entra.objectIdOf('ada') });
    expect(statuses(stock)).toEqual([401, 200]);
    stock.challenge({ claims: nbf });
    expect(await errorOf(() => forAda.json('/items'))).toMatchObject({ code: 'downstream_step_up_required' });
    await entra.close();
  });

  it('is busy, fails and redirects', async () => {
    const { entra, stock, forAda } = await staged({ ...where, retry: { attempts: 1 } });
    stock.redirect('/old', '/items');
    expect(await forAda.json('/old')).toEqual({ for: entra.objectIdOf('ada') });
    stock.fail(429, { times: 1, headers: { 'retry-after': '0' } });
    expect(await forAda.json('/items')).toEqual({ for: entra.objectIdOf('ada') });
    stock.fail(500, { times: 1 });
    expect(await errorOf(() => forAda.json('/items'))).toMatchObject({
      code: 'downstream_answer',
      answeredStatus: 500,
    });
    stock.redirect('/away', 'https://elsewhere.example/');
    await errorOf(() => forAda.json('/away'));
    expect(statuses(stock)).toEqual([302, 200, 429, 200, 500, 302]);
    await entra.close();
  });
});
