import type { AddressInfo } from 'node:net';
import { createDownstream, secretFrom } from '@entra-guard/downstream';
import { entraGuard, scopes } from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import { describe, expect, it } from 'vitest';
import { majors } from './majors.js';

const SECRET = 'local-secret-of-orders';

/** The orders API, which calls the stock API for its callers; both on loopback, with a local Entra in process. */
async function started(make: (typeof majors)[number][1]) {
  const entra = await startEntra({
    apps: { orders: { secret: SECRET, scopes: ['Orders.Read'] }, stock: { scopes: ['Stock.Read'] } },
  });
  const stock = make();
  const stockGuard = entraGuard({ ...entra.options('stock'), log: false });
  stock.get('/v1/items', stockGuard.require(scopes('Stock.Read')), (req, res) => {
    res.json({ of: req.auth.objectId, through: req.auth.clientId });
  });
  const server = stock.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;

  const guard = entraGuard({ ...entra.options('orders'), log: false });
  const { apis } = createDownstream({
    guard,
    credential: secretFrom(() => SECRET),
    fetch: globalThis.fetch,
    apis: {
      stock: {
        baseUrl: `http://127.0.0.1:${port}/v1`,
        scopes: [`api://${entra.options('stock').clientId}/Stock.Read`],
      },
    },
  });
  const orders = make();
  orders.get('/items', guard.require(scopes('Orders.Read')), async (req, res, next) => {
    try {
      res.json(await apis.stock.forCaller(req).json('/items'));
    } catch (error) {
      next(error);
    }
  });
  orders.use(guard.answerErrors());
  const front = orders.listen(0, '127.0.0.1');
  await new Promise((resolve) => front.once('listening', resolve));
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/items`;
  return {
    entra,
    get: (headers: Readonly<Record<string, string>>) => fetch(url, { headers }),
    async [Symbol.asyncDispose]() {
      for (const one of [server, front]) {
        one.closeAllConnections();
        one.close();
      }
    },
  };
}

describe.each(majors)('an API on %s that calls another one', (_, make) => {
  it('acts for its caller, and the other API sees both', async () => {
    await using api = await started(make);
    const ada = api.entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const answer = await api.get(ada.headers);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { of: ada.claims.oid, through: api.entra.options('orders').clientId },
    ]);
  });

  it('hands on what Entra demands of the user', async () => {
    await using api = await started(make);
    const claims = { access_token: { acrs: { essential: true, value: 'c1' } } };
    const lift = api.entra.conditionalAccess('ada', 'stock', { claims });
    const ada = api.entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const answer = await api.get(ada.headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain(
      `error="insufficient_claims", claims="${Buffer.from(JSON.stringify(claims)).toString('base64')}"`,
    );
    expect(await answer.json()).toMatchObject({ code: 'downstream_step_up_required' });
    const stronger = api.entra.user('ada', { api: 'orders', scp: 'Orders.Read', acrs: ['c1'] });
    expect((await api.get(stronger.headers)).status).toBe(200);
    lift();
  });
});
