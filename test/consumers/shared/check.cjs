// What both forms of the packages have to do: an API calls another one for its caller, and a store is sealed.
const assert = require('node:assert/strict');
const { once } = require('node:events');

/** @param packages as they were loaded */
module.exports = async ({
  core,
  downstream,
  expressGuard,
  graph,
  operator,
  redis,
  stand,
  startEntra,
  express,
}) => {
  const entra = await startEntra({
    apps: { orders: { secret: 'local', scopes: ['Orders.Read'] }, stock: { scopes: ['Stock.Read'] } },
  });
  const listening = async (app) => {
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, url: `http://127.0.0.1:${server.address().port}` };
  };

  const stock = express();
  const stockGuard = expressGuard.entraGuard({ ...entra.options('stock'), log: false });
  stock.get('/v1/items', stockGuard.require(expressGuard.scopes('Stock.Read')), (req, res) =>
    res.json({ of: req.auth.objectId }),
  );
  const other = await listening(stock);

  const guard = expressGuard.entraGuard({ ...entra.options('orders'), log: false });
  const kept = new Map();
  const store = {
    shared: false,
    get: async (key) => kept.get(key),
    set: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
  const ring = core.keyRing([{ id: 'a', secret: new Uint8Array(32).fill(7) }]);
  const { apis } = downstream.createDownstream({
    guard,
    credential: downstream.secretFrom(() => 'local'),
    fetch: globalThis.fetch,
    store: downstream.sealed(store, ring),
    apis: {
      stock: { baseUrl: `${other.url}/v1`, scopes: [`api://${entra.options('stock').clientId}/Stock.Read`] },
    },
  });
  const orders = express();
  orders.get('/items', guard.require(expressGuard.scopes('Orders.Read')), async (req, res) => {
    res.json(await apis.stock.forCaller(req).json('/items'));
  });
  orders.use(guard.answerErrors());
  const front = await listening(orders);

  const ada = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
  const answer = await fetch(`${front.url}/items`, { headers: ada.headers });
  assert.deepEqual([answer.status, await answer.json()], [200, { of: ada.claims.oid }]);
  assert.equal(Buffer.concat([...kept.values()]).includes('eyJ'), false);

  entra.conditionalAccess('bob', 'stock', {
    claims: { access_token: { acrs: { essential: true, value: 'c1' } } },
  });
  const bob = entra.user('bob', { api: 'orders', scp: 'Orders.Read' });
  const refused = await fetch(`${front.url}/items`, { headers: bob.headers });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('www-authenticate'), /insufficient_claims/);

  const feed = graph.graphLeavers({
    revocations: core.memoryRevocations({ oneProcess: true }),
    tenantId: entra.tenantId,
    getToken: async () => 'token',
    log: false,
  });
  assert.equal(typeof feed.handle, 'function');
  assert.throws(() => redis.redisTokens({}), { code: 'configuration_invalid' });
  assert.equal(typeof operator.operateRevocations, 'function');
  assert.deepEqual(
    await stand
      .testDownstream({ mail: () => 1 })
      .apis.mail.asApp()
      .json('/'),
    1,
  );

  for (const { server } of [other, front]) {
    server.closeAllConnections();
    server.close();
  }
  await guard.close();
  await stockGuard.close();
};
