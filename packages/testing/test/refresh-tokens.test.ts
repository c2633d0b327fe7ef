import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, refused } from './client.js';
import { claimsOf } from './read-token.js';

let entra: InProcessEntra;
let web: Client;
beforeAll(async () => {
  entra = await startEntra({
    apps: {
      orders: { scopes: ['Orders.Read', 'Orders.Write'] },
      stock: { scopes: ['Stock.Read'], tokenVersion: 1, accessTokenLifetime: 1200 },
      web: {},
      other: {},
    },
  });
  web = new Client(entra);
});
afterAll(() => entra.close());

const scope = (api: string, ...names: readonly string[]) =>
  names.map((name) => `api://${entra.clientIdOf(api)}/${name}`).join(' ');
const signIn = () =>
  web.signIn('ada', { scope: `offline_access ${scope('orders', 'Orders.Read', 'Orders.Write')}` });

it('a refresh token is of a user and a client, and not of an API', async () => {
  const { body } = await signIn();
  const stock = await web.refresh(body, { scope: scope('stock', 'Stock.Read') });
  expect(claimsOf(String(stock.body.access_token))).toMatchObject({ ver: '1.0', scp: 'Stock.Read' });
  expect(stock.body.expires_in).toBe(1199);
  const graph = await web.refresh(stock.body, { scope: 'openid User.Read' });
  expect(claimsOf(String(graph.body.access_token)).scp).toBe('User.Read openid');
  expect((await web.refresh(graph.body)).body.scope).toBe(scope('orders', 'Orders.Read', 'Orders.Write'));
});

it('asks for fewer scopes once, and for all of them without a scope', async () => {
  const { body } = await signIn();
  const fewer = await web.refresh(body, { scope: scope('orders', 'Orders.Read') });
  expect(claimsOf(String(fewer.body.access_token)).scp).toBe('Orders.Read');
  for (const form of [{}, { scope: '' }]) {
    const all = await web.refresh(fewer.body, form);
    expect(claimsOf(String(all.body.access_token)).scp).toBe('Orders.Read Orders.Write');
  }
});

it('is for no other client: there is no family of clients', async () => {
  const { body } = await signIn();
  expect(await new Client(entra, 'other').refresh(body)).toMatchObject(refused(70_000));
});

it('each use gives another one, also of what came of another API', async () => {
  const { body } = await signIn();
  const tokens = new Set([body.refresh_token]);
  let latest = body;
  for (const api of ['stock', 'orders', 'stock']) {
    latest = (await web.refresh(latest, { scope: scope(api, '.default') })).body;
    tokens.add(latest.refresh_token);
  }
  expect(tokens.size).toBe(4);
});

it('is not given without offline_access', async () => {
  const { body } = await web.signIn('ada', { scope: scope('orders', 'Orders.Read') });
  expect(body).not.toHaveProperty('refresh_token');
});
