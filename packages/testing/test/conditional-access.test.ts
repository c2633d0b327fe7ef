import { type AppRegistration, type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, refused } from './client.js';
import { claimsOf } from './read-token.js';
import { slowClock } from './slow-clock.js';

let entra: InProcessEntra;
let web: Client;
beforeEach(async () => {
  entra = await startEntra({
    now: slowClock(),
    apps: {
      orders: { scopes: ['Orders.Read'], optionalClaims: ['acrs'], accessTokenLifetime: 600 },
      stock: { scopes: ['Stock.Read'] },
      payroll: {
        scopes: ['Pay.Read'],
        appRoles: { 'Pay.All': ['Application'] },
        assignmentRequired: true,
        assignments: { ada: [], grace: ['Pay.Clerk'], job: ['Pay.All'] },
      },
      web: {},
      job: {},
    },
  });
  web = new Client(entra);
});
afterEach(() => entra.close());

const scopeOf = (api: string) => `openid offline_access api://${entra.clientIdOf(api)}/.default`;
const C1 = { access_token: { acrs: { essential: true, value: 'c1' } } };

describe('Conditional Access', () => {
  it('refuses code and refresh with the claims to ask for, until a request carries them', async () => {
    const { body } = await web.signIn('ada', { scope: scopeOf('orders') });
    entra.conditionalAccess('ada', 'orders', { claims: C1 });
    const demand = { suberror: 'basic_action', claims: JSON.stringify(C1) };
    expect(await web.signIn('ada', { scope: scopeOf('orders') })).toMatchObject(refused(50076, demand));
    expect(await web.refresh(body)).toMatchObject(refused(50076, demand));
    expect((await web.refresh(body, { scope: scopeOf('stock') })).status).toBe(200);
    expect((await web.signIn('grace', { scope: scopeOf('orders') })).status).toBe(200);
    const other = JSON.stringify({ access_token: { acrs: { value: 'c2' } } });
    expect(await web.refresh(body, { claims: other })).toMatchObject(refused(50076, demand));
    const met = await web.signIn('ada', { scope: scopeOf('orders'), claims: JSON.stringify(C1) });
    expect(claimsOf(String(met.body.access_token)).acrs).toEqual(['c1']);
    expect((await web.refresh(body)).status).toBe(200);
  });

  it('refuses on-behalf-of, which is where an API finds out', async () => {
    const lift = entra.conditionalAccess('ada', 'stock', { claims: C1 });
    const { token } = entra.user('ada', { api: 'orders', scp: 'Orders.Read' });
    const exchange = () =>
      new Client(entra, 'orders').token({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_secret: 'any',
        assertion: token,
        requested_token_use: 'on_behalf_of',
        scope: `api://${entra.clientIdOf('stock')}/.default`,
      });
    expect(await exchange()).toMatchObject(refused(50076, { suberror: 'basic_action' }));
    lift();
    expect((await exchange()).status).toBe(200);
  });

  it('without claims blocks, and nothing satisfies it', async () => {
    const lift = entra.conditionalAccess('ada');
    expect(await web.signIn('ada', { scope: scopeOf('orders'), claims: JSON.stringify(C1) })).toMatchObject(
      refused(53003, { suberror: 'message_only' }),
    );
    lift();
    expect((await web.signIn('ada', { scope: scopeOf('orders') })).status).toBe(200);
  });

  it('of an app holds for all its users, and not for what it does as itself', async () => {
    entra.conditionalAccess('web');
    expect(await web.signIn('grace', { scope: scopeOf('orders') })).toMatchObject(refused(53003));
    const alone = await web.token({
      grant_type: 'client_credentials',
      client_secret: 'any',
      scope: `api://${entra.clientIdOf('orders')}/.default`,
    });
    expect(alone.status).toBe(200);
  });

  it.each<[string, unknown, string]>([
    ['JSON text', { claims: JSON.stringify(C1) }, 'claims is string. Pass the claims request as an object'],
    ['an unknown option', { claim: C1 }, 'claim'],
  ])('refuses %s', (_, options, sentence) => {
    expect(() => entra.conditionalAccess('ada', 'stock', options as never)).toThrow(sentence);
  });
});

it('a claims demand for a token issued after some time is met in spite of the back-dating', async () => {
  const { body } = await web.signIn('ada', { scope: scopeOf('orders') });
  const cutoff = Math.floor(entra.now() / 1000);
  expect(claimsOf(String(body.access_token)).nbf).toBe(cutoff - 300);
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: String(cutoff) } } });
  const fresh = await web.refresh(body, { claims });
  expect(claimsOf(String(fresh.body.access_token))).toMatchObject({ nbf: cutoff, iat: cutoff });
});

it.each<[string, number, number]>([
  ['of the next second, after an API ended what came before', 1, 1],
  ['of five minutes ago, which every token meets', -300, -300],
  ['of much later, which no token meets', 61, -300],
])('a claims demand for a token %s', async (_, demanded, expected) => {
  const now = Math.floor(entra.now() / 1000);
  const value = String(now + demanded);
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value } } });
  const { body } = await web.signIn('ada', { scope: scopeOf('orders'), claims });
  const late = Number(claimsOf(String(body.access_token)).nbf) - (now + expected);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(60);
});

it('minted tokens last as long as those of the token endpoint, but for managed identities', () => {
  const lasts = ({ claims }: { readonly claims: { readonly exp?: number | undefined } }) =>
    Math.round((Number(claims.exp) - entra.now() / 1000) / 10) * 10;
  expect(lasts(entra.user('ada', { api: 'orders' }))).toBe(600);
  expect(lasts(entra.app('job', { api: 'orders' }))).toBe(600);
  expect(lasts(entra.agent('helper', { api: 'orders', onBehalfOf: 'ada' }))).toBe(600);
  expect(lasts(entra.managedIdentity('vm', { api: 'orders' }))).toBe(86_400);
  expect(lasts(entra.user('ada', { api: 'stock' }))).toBe(3600);
});

it('an API says how long its tokens last', async () => {
  const { body } = await web.signIn('ada', { scope: scopeOf('orders') });
  const { exp } = claimsOf(String(body.access_token)) as { exp: number };
  expect(body.expires_in).toBe(599);
  expect(exp).toBe(Math.floor(entra.now() / 1000) + 600);
});

describe('an API that requires assignment', () => {
  it('gives no token to a user without a role (AADSTS50105)', async () => {
    expect(await web.signIn('ada', { scope: scopeOf('payroll') })).toMatchObject(refused(50105));
    expect(await web.signIn('alan', { scope: scopeOf('payroll') })).toMatchObject(refused(50105));
    expect((await web.signIn('grace', { scope: scopeOf('payroll') })).status).toBe(200);
  });

  it('nor to an app without one', async () => {
    const form = {
      grant_type: 'client_credentials',
      client_secret: 'any',
      scope: `api://${entra.clientIdOf('payroll')}/.default`,
    };
    expect((await new Client(entra, 'job').token(form)).status).toBe(200);
    expect(await web.token(form)).toMatchObject(refused(501051));
  });
});

it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['an unknown member', { scope: ['A'] }, 'apps.orders has no "scope". It has manifest, clientId,'],
  [
    'another platform',
    { platform: 'desktop' },
    'apps.orders.platform is "desktop". Write "web", "spa" or "public".',
  ],
  [
    'a lifetime that Entra refuses',
    { accessTokenLifetime: 60 },
    'accessTokenLifetime is 60. Write seconds, from 600',
  ],
  ['a word for yes', { assignmentRequired: 'yes' }, 'assignmentRequired is not true or false'],
])('a registration with %s is refused', async (_, orders, sentence) => {
  await expect(startEntra({ apps: { orders: orders as AppRegistration } })).rejects.toThrow(sentence);
});

it('an app can not be called graph, nor be anything but an object', async () => {
  await expect(startEntra({ apps: { graph: {} } })).rejects.toThrow(
    'apps.graph is the name of Microsoft Graph',
  );
  await expect(startEntra({ apps: { orders: [] as never } })).rejects.toThrow('apps.orders is not an object');
});
