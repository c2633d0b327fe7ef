const { startEntra } = require('@entra-guard/testing');
const request = require('supertest');
const { createApp } = require('./app');

let entra;
let api;

beforeAll(async () => {
  entra = await startEntra();
  api = createApp(entra.options());
});

afterAll(() => entra.close());

test('a caller without a token is asked for one', async () => {
  const response = await request(api).get('/orders').expect(401);
  expect(response.headers['www-authenticate']).toMatch(/^Bearer /);
});

test('a user without the scope is refused', () =>
  request(api)
    .get('/orders')
    .set(entra.user('ada', { scp: 'Orders.Write' }).headers)
    .expect(403));

test('a user with the scope is let in', async () => {
  const { headers, claims } = entra.user('ada', { scp: 'Orders.Read' });
  await request(api).get('/orders').set(headers).expect(200, { caller: claims.oid });
});
