import { anyOf, appPermissions, entraGuard, scopes } from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

let entra;
let api;

beforeAll(async () => {
  entra = await startEntra();
  const guard = entraGuard(entra.options());
  api = express();
  api.get(
    '/orders',
    guard.require(anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))),
    (req, res) => {
      res.json({ caller: req.auth.objectId });
    },
  );
  guard.assertAllGuarded(api);
});

afterAll(() => entra.close());

test('a caller without a token is asked for one', async () => {
  const response = await request(api).get('/orders').expect(401);
  expect(response.headers['www-authenticate']).toMatch(/^Bearer /);
});

test('a user with the scope is let in, one without is refused', async () => {
  await request(api)
    .get('/orders')
    .set(entra.user('ada', { scp: 'Orders.Write' }).headers)
    .expect(403);
  const { headers, claims } = entra.user('ada', { scp: 'Orders.Read' });
  await request(api).get('/orders').set(headers).expect(200, { caller: claims.oid });
});
