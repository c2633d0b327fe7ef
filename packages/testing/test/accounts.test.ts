import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, refused } from './client.js';
import { claimsOf } from './read-token.js';
import { slowClock } from './slow-clock.js';

let entra: InProcessEntra;
let web: Client;
const scope = (entra: InProcessEntra, api = 'orders') =>
  `openid offline_access api://${entra.clientIdOf(api)}/.default`;

beforeEach(async () => {
  entra = await startEntra({
    now: slowClock(),
    users: { ada: { displayName: 'Ada King Lovelace' } },
    apps: {
      orders: { scopes: ['Orders.Read'], optionalClaims: ['auth_time'] },
      stock: { scopes: ['Stock.Read'] },
      web: {},
      phone: { platform: 'spa' },
    },
  });
  web = new Client(entra);
});
afterEach(() => entra.close());

describe('a user whose account is', () => {
  it.each<[string, (entra: InProcessEntra) => () => void, number]>([
    ['disabled', (entra) => entra.disable('ada'), 50057],
    ['removed', (entra) => entra.remove('ada'), 50034],
  ])('%s can not sign in, redeem a code, or refresh, until that is undone', async (_, change, code) => {
    const { body } = await web.signIn('ada', { scope: scope(entra) });
    const pending = (await web.authorize('ada', { scope: scope(entra) })).get('code') ?? '';
    const undo = change(entra);
    expect((await web.authorize('ada')).get('error_description')).toMatch(new RegExp(`^AADSTS${code}: `));
    expect(await web.redeem(pending)).toMatchObject(refused(code));
    expect(await web.refresh(body)).toMatchObject(refused(code));
    expect((await web.signIn('grace', { scope: scope(entra) })).status).toBe(200);
    undo();
    expect((await web.refresh(body)).status).toBe(200);
    expect((await web.signIn('ada', { scope: scope(entra) })).status).toBe(200);
  });

  it('disabled is enabled again, by name', async () => {
    entra.disable('ada');
    const disableAgain = entra.enable('ada');
    expect((await web.signIn('ada')).status).toBe(200);
    disableAgain();
    expect((await web.authorize('ada')).get('error')).toBe('invalid_grant');
  });

  it('disabled can not be acted for: her access token, which is still valid, is not exchanged', async () => {
    const { token } = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const orders = new Client(entra, 'orders');
    const exchange = () =>
      orders.token({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_secret: 'any',
        assertion: token,
        requested_token_use: 'on_behalf_of',
        scope: `api://${entra.clientIdOf('stock')}/.default`,
      });
    expect((await exchange()).status).toBe(200);
    entra.disable('ada');
    expect(await exchange()).toMatchObject(refused(50057));
  });
});

describe('revokeSessions', () => {
  it('ends refresh tokens of earlier sign-ins, and not later ones', async () => {
    const { body } = await web.signIn('ada', { scope: scope(entra) });
    entra.advance(1);
    entra.revokeSessions('ada');
    expect(await web.refresh(body)).toMatchObject(refused(50173));
    entra.advance(1);
    const again = await web.signIn('ada', { scope: scope(entra) });
    expect((await web.refresh(again.body)).status).toBe(200);
    expect(await web.refresh(body)).toMatchObject(refused(50173));
  });
});

describe('refresh tokens', () => {
  it('rotate, and the earlier one stays valid, as with Entra', async () => {
    const { body } = await web.signIn('ada', { scope: scope(entra) });
    const rotated = await web.refresh(body);
    expect(rotated.body.refresh_token).not.toBe(body.refresh_token);
    expect((await web.refresh(body)).status).toBe(200);
    expect((await web.refresh(rotated.body)).status).toBe(200);
  });

  it('expire after 90 days without use', async () => {
    const { body } = await web.signIn('ada', { scope: scope(entra) });
    entra.advance('89d');
    const rotated = await web.refresh(body);
    entra.advance('2d');
    expect(await web.refresh(body)).toMatchObject(refused(700082));
    expect((await web.refresh(rotated.body)).status).toBe(200);
  });

  it('of a single-page application end 24 hours after the sign-in, rotated or not', async () => {
    const phone = new Client(entra, 'phone');
    const { body } = await phone.signIn('ada', { scope: scope(entra) });
    entra.advance('23h');
    const rotated = await phone.refresh(body);
    expect(rotated.status).toBe(200);
    entra.advance('1h');
    expect(await phone.refresh(rotated.body)).toMatchObject(refused(700084));
  });

  it('end, rotated ones included, when their code is used twice', async () => {
    const code = (await web.authorize('ada', { scope: scope(entra) })).get('code') ?? '';
    const { body } = await web.redeem(code);
    const rotated = await web.refresh(body);
    const other = await web.signIn('ada', { scope: scope(entra) });
    expect(await web.redeem(code)).toMatchObject(refused(54005));
    expect(await web.refresh(body)).toMatchObject(refused(70000));
    expect(await web.refresh(rotated.body)).toMatchObject(refused(70000));
    expect((await web.refresh(other.body)).status).toBe(200);
  });
});

it('advance moves the clock of the local Entra and of its validators', async () => {
  const before = entra.now();
  entra.advance('61m');
  expect(entra.now() - before).toBeGreaterThanOrEqual(61 * 60_000);
  expect(entra.options('orders').now()).toBeGreaterThanOrEqual(before + 61 * 60_000);
  expect(() => entra.advance('61' as '61m')).toThrow('entra.advance(...) is 61, which is not a duration');
});

it('auth_time is when the user signed in, also after a refresh', async () => {
  const { body } = await web.signIn('ada', { scope: scope(entra) });
  const signedIn = claimsOf(String(body.access_token)).auth_time;
  expect(signedIn).toBe(Math.floor(entra.now() / 1000));
  entra.advance('30m');
  const rotated = await web.refresh(body);
  expect(claimsOf(String(rotated.body.access_token)).auth_time).toBe(signedIn);
});

it('users are given facts, and any other name stays a user', async () => {
  expect(entra.user('ada', { api: 'orders' }).claims).toMatchObject({ name: 'Ada King Lovelace' });
  expect(entra.user('grace', { api: 'orders' }).claims).toMatchObject({ name: 'Grace Example' });
});

it.each<[string, unknown, string]>([
  ['a list', ['ada'], 'users is not an object'],
  ['a name alone', { ada: 'Ada' }, 'users.ada is not an object'],
  [
    'another member',
    { ada: { mail: 'a@b.example' } },
    'users.ada has no "mail". It has displayName and admin.',
  ],
  ['an empty name', { ada: { displayName: ' ' } }, 'users.ada.displayName is not a name'],
  ['a number', { ada: { admin: 1 } }, 'users.ada.admin is not true or false'],
])('facts that are %s are refused', async (_, users, sentence) => {
  await expect(startEntra({ users: users as never })).rejects.toThrow(sentence);
});
