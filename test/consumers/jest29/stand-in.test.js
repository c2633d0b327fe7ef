const { AuthContext, authOf, scopes } = require('@entra-guard/express');
const { actAs, standInGuard, testAuth } = require('@entra-guard/express/testing');
const express = require('express');
const request = require('supertest');

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
const list = (req, res) => res.json({ caller: req.auth.objectId, same: authOf(req) === req.auth });

test('a caller for unit tests is an AuthContext', () => {
  expect(ada).toBeInstanceOf(AuthContext);
});

test('a stand-in judges without a token', async () => {
  const guard = standInGuard(ada, { log: false });
  const api = express()
    .get('/orders', guard.require(scopes('Orders.Read')), list)
    .post('/orders', guard.require(scopes('Orders.Write')), list);
  guard.assertAllGuarded(api);
  await request(api).get('/orders').expect(200, { caller: ada.objectId, same: true });
  await request(api).post('/orders').expect(403);
});

test('a handler by itself has a caller', () =>
  request(express().get('/', actAs(ada), list))
    .get('/')
    .expect(200, { caller: ada.objectId, same: true }));
