import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { claimsOf } from '../read-token.js';
import { type Seen, titleOf, Visitor } from './visitor.js';

const READ = '00000000-0000-4000-8000-000000000001';
const APPROVE = '00000000-0000-4000-8000-000000000002';
const TOOL = '00000000-0000-4000-8000-00000000aaaa';

let entra: LoopbackEntra;
let browser: Visitor;
beforeEach(async () => {
  entra = await startEntra({
    port: 0,
    pages: true,
    users: { ada: { admin: true }, bob: {} },
    apps: {
      orders: {
        manifest: {
          displayName: 'Contoso Orders API',
          api: {
            requestedAccessTokenVersion: 2,
            oauth2PermissionScopes: [
              {
                id: READ,
                value: 'Orders.Read',
                type: 'User',
                userConsentDisplayName: 'Read your orders',
                userConsentDescription: 'Lets the app see what you ordered.',
                adminConsentDisplayName: 'Read the orders of all users',
              },
              {
                id: APPROVE,
                value: 'Orders.Approve',
                type: 'Admin',
                adminConsentDisplayName: 'Approve orders',
              },
            ],
            preAuthorizedApplications: [{ appId: TOOL, delegatedPermissionIds: [READ] }],
          },
        },
      },
      stock: { scopes: ['Stock.Read', 'Stock.Write'] },
      web: { displayName: 'Contoso Web', publisher: 'Contoso Ltd' },
      tool: { clientId: TOOL },
    },
  });
  browser = new Visitor(entra);
});
afterEach(() => entra.close());

const scopeOf = (scope: string, api = 'orders') => `api://${entra.clientIdOf(api)}/${scope}`;
const errorOf = ({ location }: Seen) => location?.searchParams.get('error');

async function ask(user: string, scope: string, app = 'web', query: Readonly<Record<string, string>> = {}) {
  const page = await browser.authorize(app, { scope, ...query });
  return titleOf(page) === 'Choose an account' ? browser.signIn(page, user) : page;
}

async function token(form: Readonly<Record<string, string>>, app = 'web') {
  const answer = await entra.fetch(`${entra.origin}/common/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: entra.clientIdOf(app), client_secret: 'any', ...form }),
  });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

const redeem = (end: Seen, app = 'web') =>
  token(
    {
      grant_type: 'authorization_code',
      redirect_uri: 'http://localhost:3000/in',
      code: end.location?.searchParams.get('code') ?? '',
    },
    app,
  );

describe('the consent page', () => {
  it('says who asks for what, in the words of the registration', async () => {
    const { text } = await ask('bob', `openid offline_access ${scopeOf('Orders.Read')}`);
    for (const shown of [
      'Contoso Web',
      'Contoso Ltd',
      'Read your orders',
      'Lets the app see what you ordered.',
      'Sign you in',
      'Keep access to what you have given it access to',
    ]) {
      expect(text).toContain(shown);
    }
    expect(text).not.toContain('of all users');
    expect(text).not.toContain('on behalf of your organization');
  });

  it('is shown once: what was accepted stays allowed', async () => {
    const page = await ask('bob', scopeOf('Orders.Read'));
    expect(titleOf(page)).toBe('Permissions requested');
    const end = await browser.press(page, 'Accept');
    expect(claimsOf(String((await redeem(end)).access_token)).scp).toBe('Orders.Read');
    expect((await ask('bob', scopeOf('Orders.Read'))).location?.searchParams.has('code')).toBe(true);
    const more = await ask('bob', `openid ${scopeOf('Orders.Read')}`);
    expect(more.text).toContain('Sign you in');
    expect(more.text.slice(more.text.indexOf('Allowed already'))).toContain('Read your orders');
  });

  it('grants nothing when it is cancelled', async () => {
    const end = await browser.press(await ask('bob', scopeOf('Orders.Read')), 'Cancel');
    expect(errorOf(end)).toBe('access_denied');
    expect(end.location?.searchParams.get('error_description')).toContain('AADSTS65004');
    expect(titleOf(await ask('bob', scopeOf('Orders.Read')))).toBe('Permissions requested');
  });

  it('is not shown for prompt=none', async () => {
    await browser.press(await ask('bob', 'openid'), 'Accept');
    const end = await browser.authorize('web', { prompt: 'none', scope: scopeOf('Orders.Read') });
    expect(errorOf(end)).toBe('consent_required');
    expect(end.location?.searchParams.get('error_description')).toContain('AADSTS65001');
  });

  it('is not shown to clients that the API authorised before, nor to an API about itself', async () => {
    expect((await ask('bob', scopeOf('Orders.Read'), 'tool')).location?.searchParams.has('code')).toBe(true);
    const own = await ask('bob', `${entra.clientIdOf('orders')}/Orders.Read`, 'orders');
    expect(own.location?.searchParams.has('code')).toBe(true);
  });

  it('.default gives what was consented to, and asks for everything only if that is nothing', async () => {
    await browser.press(await ask('bob', scopeOf('Stock.Read', 'stock')), 'Accept');
    const end = await ask('bob', scopeOf('.default', 'stock'));
    expect(claimsOf(String((await redeem(end)).access_token)).scp).toBe('Stock.Read');
    entra.advance('25h');
    const all = await ask('kim', scopeOf('.default', 'stock'));
    expect(all.text).toContain('Stock.Write');
  });
});

describe('a permission that only an administrator grants', () => {
  it('is refused to a user, with AADSTS90094', async () => {
    const page = await ask('bob', scopeOf('Orders.Approve'));
    expect([page.status, titleOf(page)]).toEqual([403, 'Need admin approval']);
    expect(page.text).toContain('AADSTS90094');
    const end = await browser.press(page, 'Return');
    expect(errorOf(end)).toBe('access_denied');
    expect(end.location?.searchParams.get('error_description')).toContain('AADSTS90094');
  });

  it('is not granted by a form that answers another page', async () => {
    const page = await ask('bob', scopeOf('Orders.Approve'));
    const again = await browser.press(page, 'Return', { fields: { do: 'consent' } });
    expect(titleOf(again)).toBe('Need admin approval');
  });

  it('is granted by an administrator, for herself or for all', async () => {
    const page = await ask('ada', scopeOf('Orders.Approve'));
    expect(page.text).toContain('on behalf of your organization');
    await browser.press(page, 'Accept', { fields: { for_all: 'yes' } });
    browser = new Visitor(entra);
    expect((await ask('bob', scopeOf('Orders.Approve'))).location?.searchParams.has('code')).toBe(true);
  });

  it('is granted for all by an administrator alone: a user who says so consents for himself', async () => {
    const page = await ask('bob', scopeOf('Orders.Read'));
    await browser.press(page, 'Accept', { fields: { for_all: 'yes' } });
    browser = new Visitor(entra);
    expect(titleOf(await ask('kim', scopeOf('Orders.Read')))).toBe('Permissions requested');
  });
});

describe('the token endpoint', () => {
  const exchange = (api: string, user = 'bob') =>
    token(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        requested_token_use: 'on_behalf_of',
        assertion: entra.user(user, { api: 'orders', scp: 'Orders.Read' }).token,
        scope: scopeOf('.default', api),
      },
      'orders',
    );
  const refused = { error: 'invalid_grant', error_codes: [65001], suberror: 'consent_required' };

  it('refuses on-behalf-of without consent, and accepts it with', async () => {
    expect(await exchange('stock')).toMatchObject(refused);
    await browser.press(await ask('bob', scopeOf('Stock.Read', 'stock'), 'orders'), 'Accept');
    expect(claimsOf(String((await exchange('stock')).access_token)).scp).toBe('Stock.Read');
    expect(await exchange('stock', 'kim')).toMatchObject(refused);
  });

  it('refuses a code and a refresh token for scopes without consent', async () => {
    const end = await browser.press(await ask('bob', `offline_access ${scopeOf('Orders.Read')}`), 'Accept');
    const first = await redeem(end);
    const refresh = (scope: string) =>
      token({ grant_type: 'refresh_token', refresh_token: String(first.refresh_token), scope });
    expect(await refresh(scopeOf('Stock.Read', 'stock'))).toMatchObject(refused);
    expect(await refresh(scopeOf('Orders.Read'))).toHaveProperty('access_token');
  });

  it('gives no authentication context that no page reached', async () => {
    const end = await browser.press(await ask('bob', `offline_access ${scopeOf('Orders.Read')}`), 'Accept');
    const { refresh_token } = await redeem(end);
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const refresh = (refreshToken: unknown) =>
      token({ grant_type: 'refresh_token', refresh_token: String(refreshToken), claims });
    expect(await refresh(refresh_token)).toMatchObject({
      error: 'invalid_grant',
      error_codes: [50076],
    });
    const page = await ask('bob', `offline_access ${scopeOf('Orders.Read')}`, 'web', { claims });
    const stronger = await redeem(await browser.press(page, 'Approve'));
    expect(claimsOf(String(stronger.access_token)).acrs).toEqual(['c1']);
    expect(claimsOf(String((await refresh(stronger.refresh_token)).access_token)).acrs).toEqual(['c1']);
  });

  it('lets an exchanged token bring along what its user reached', async () => {
    const claims = { access_token: { acrs: { essential: true, value: 'c1' } } };
    await browser.press(await ask('bob', scopeOf('Stock.Read', 'stock'), 'orders'), 'Accept');
    entra.conditionalAccess('bob', 'stock', { claims });
    expect(await exchange('stock')).toMatchObject({ error_codes: [50076], claims: JSON.stringify(claims) });
    const { token: assertion } = entra.user('bob', { api: 'orders', scp: 'Orders.Read', acrs: ['c1'] });
    const answer = await token(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        requested_token_use: 'on_behalf_of',
        assertion,
        scope: scopeOf('.default', 'stock'),
      },
      'orders',
    );
    expect(claimsOf(String(answer.access_token)).acrs).toEqual(['c1']);
  });

  it('satisfies a policy by a sign-in on the page', async () => {
    await browser.press(await ask('bob', scopeOf('Orders.Read')), 'Accept');
    entra.conditionalAccess('bob', 'orders', {
      claims: { access_token: { acrs: { essential: true, value: 'c2' } } },
    });
    const end = await browser.press(await ask('bob', scopeOf('Orders.Read')), 'Approve');
    expect(claimsOf(String((await redeem(end)).access_token)).acrs).toEqual(['c2']);
  });
});

it('without pages everything is consented to', async () => {
  const plain = await startEntra({ apps: { orders: {}, stock: { scopes: ['Stock.Read'] } } });
  const answer = await plain.fetch(`${plain.origin}/common/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      client_id: plain.clientIdOf('orders'),
      client_secret: 'any',
      assertion: plain.sign({
        ...plain.user('bob', { api: 'stock' }).claims,
        aud: plain.clientIdOf('orders'),
      }).token,
      scope: `api://${plain.clientIdOf('stock')}/.default`,
    }),
  });
  expect(answer.status).toBe(200);
  await plain.close();
});

describe('where users may not consent', () => {
  const start = async () => {
    const one = await startEntra({
      port: 0,
      pages: true,
      userConsent: false,
      users: { ada: { admin: true }, bob: {} },
      apps: { orders: { scopes: ['Orders.Read'] }, web: {} },
    });
    onTestFinished(() => one.close());
    const scope = `api://${one.clientIdOf('orders')}/Orders.Read`;
    const signIn = async (user: string, query: Readonly<Record<string, string>> = {}) => {
      const visitor = new Visitor(one);
      return {
        visitor,
        page: await visitor.signIn(await visitor.authorize('web', { scope, ...query }), user),
      };
    };
    return { signIn };
  };

  it('only an administrator does, for everyone', async () => {
    const { signIn } = await start();
    const before = await signIn('bob');
    expect([before.page.status, titleOf(before.page)]).toEqual([403, 'Need admin approval']);
    expect(before.page.text).toContain('Orders.Read');
    const { visitor, page } = await signIn('ada');
    expect(titleOf(page)).toBe('Permissions requested');
    await visitor.press(page, 'Accept', { fields: { for_all: 'yes' } });
    expect((await signIn('bob')).page.location?.searchParams.has('code')).toBe(true);
    // What an administrator has consented to is asked again, of a user who may not answer.
    expect(titleOf((await signIn('bob', { prompt: 'consent' })).page)).toBe('Need admin approval');
  });
});
