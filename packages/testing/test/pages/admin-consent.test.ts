import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { titleOf, Visitor } from './visitor.js';

let entra: LoopbackEntra;
let browser: Visitor;
beforeEach(async () => {
  entra = await startEntra({
    port: 0,
    pages: true,
    users: { ada: { admin: true }, bob: {} },
    apps: { orders: { scopes: ['Orders.Read', 'Orders.Write'] }, web: {} },
  });
  browser = new Visitor(entra);
});
afterEach(() => entra.close());

const scope = () => `api://${entra.clientIdOf('orders')}/Orders.Read`;

function ask(path: string, query: Readonly<Record<string, string>> = {}) {
  const parameters = new URLSearchParams({
    client_id: entra.clientIdOf('web'),
    redirect_uri: 'http://localhost:3000/granted',
    state: 's-1',
    ...query,
  });
  return browser.open(`${entra.origin}/${path}/adminconsent?${parameters}`);
}

/** What an ordinary user is asked after that. */
async function bob(wanted: string) {
  const other = new Visitor(entra);
  return other.signIn(await other.authorize('web', { scope: wanted }), 'bob');
}

it('an administrator consents for all users', async () => {
  const page = await browser.signIn(await ask('contoso/v2.0', { scope: scope() }), 'ada');
  expect(titleOf(page)).toBe('Permissions requested for your organization');
  const { location } = await browser.press(page, 'Accept');
  expect(Object.fromEntries(location?.searchParams ?? [])).toEqual({
    admin_consent: 'True',
    tenant: entra.tenantId,
    scope: scope(),
    state: 's-1',
  });
  expect((await bob(scope())).location?.searchParams.has('code')).toBe(true);
  expect(titleOf(await bob(`api://${entra.clientIdOf('orders')}/Orders.Write`))).toBe(
    'Permissions requested',
  );
});

it('the version 1 address asks for all that is declared', async () => {
  const page = await browser.signIn(await ask('contoso'), 'ada');
  for (const shown of ['Orders.Read', 'Orders.Write', 'Sign you in']) expect(page.text).toContain(shown);
  const { location } = await browser.press(page, 'Accept');
  expect(location?.searchParams.get('admin_consent')).toBe('True');
  expect((await bob(`openid ${scope()}`)).location?.searchParams.has('code')).toBe(true);
});

it('an administrator may cancel', async () => {
  const page = await browser.signIn(await ask('contoso/v2.0', { scope: scope() }), 'ada');
  const { location } = await browser.press(page, 'Cancel');
  expect(location?.searchParams.get('error')).toBe('permission_denied');
  expect(titleOf(await bob(scope()))).toBe('Permissions requested');
});

it('another user may not, whatever the form says', async () => {
  const page = await browser.signIn(await ask('contoso/v2.0', { scope: scope() }), 'bob');
  expect([page.status, titleOf(page)]).toEqual([403, 'Need admin approval']);
  const again = await browser.press(page, 'Return', { fields: { do: 'consent', for_all: 'yes' } });
  expect(titleOf(again)).toBe('Need admin approval');
  const admin = await browser.signIn(await browser.press(page, 'Sign in with an administrator’s'), 'ada');
  expect(titleOf(admin)).toBe('Permissions requested for your organization');
});

it.each([
  [{ client_id: '11111111-2222-4333-8444-555555555555' }, 'AADSTS700016'],
  [{ redirect_uri: '' }, 'AADSTS900144'],
])('a request that can’t be answered gets a page: %j', async (query, aadsts) => {
  const page = await ask('contoso/v2.0', { scope: scope(), ...query });
  expect([page.status, page.location]).toEqual([400, undefined]);
  expect(page.text).toContain(aadsts);
});

it('the version 2 address needs a scope', async () => {
  const { location } = await ask('contoso/v2.0');
  expect(location?.searchParams.get('error_description')).toContain('AADSTS900144');
});
