import { createValidator } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { startEntra } from '../src/index.js';

async function portal() {
  const entra = await startEntra({
    pages: true,
    users: { ada: { displayName: 'Ada <b>Lovelace</b>', admin: true }, bob: {} },
    groups: { staff: ['ada'] },
    apps: {
      orders: {
        scopes: ['Orders.Read'],
        appRoles: { Nightly: ['Application'] },
        assignments: { job: ['Nightly'] },
      },
      job: {},
    },
    managedIdentities: { vm: {} },
    agents: { helper: { blueprint: 'job' } },
  });
  const get = async (path: string) => (await entra.fetch(entra.origin + path)).text();
  const key = /name="key" value="([^"]+)"/.exec(await get('/portal'))?.[1] ?? '';
  const post = async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    entra.fetch(entra.origin + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: entra.origin, ...headers },
      body: new URLSearchParams({ key, ...form }),
    });
  const act = async (action: string, target: string, more: Record<string, string> = {}) =>
    post('/portal/actions', { action, target, ...more });
  return { entra, get, post, act };
}

describe('the portal', () => {
  it('lists users, groups, apps, and who holds which role, and escapes their names', async () => {
    const { entra, get } = await portal();
    const people = await get('/portal');
    expect(people).toContain('Ada &lt;b&gt;Lovelace&lt;/b&gt;');
    expect(people).not.toContain('<b>Lovelace');
    for (const text of [entra.objectIdOf('ada'), entra.objectIdOf('bob'), 'staff', 'administrator']) {
      expect(people).toContain(text);
    }
    const apps = await get('/portal/apps');
    for (const text of [entra.clientIdOf('orders'), 'Orders.Read', 'Nightly (Application)', 'vm', 'helper']) {
      expect(apps).toContain(text);
    }
  });

  it('leads to itself from the root of the address', async () => {
    const { entra } = await portal();
    const response = await entra.fetch(`${entra.origin}/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/portal']);
  });

  it('stays away unless pages are asked for', async () => {
    const entra = await startEntra();
    expect((await entra.fetch(`${entra.origin}/portal`)).status).toBe(404);
    expect((await entra.fetch(`${entra.origin}/portal/actions`, { method: 'POST' })).status).toBe(404);
  });

  it('disables, enables, removes, restores a user, and ends sessions', async () => {
    const { entra, get, act } = await portal();
    const state = async () =>
      /<th scope="row">bob[\s\S]*?<\/tr>|Bob Example[\s\S]*?<\/tr>/.exec(await get('/portal'))?.[0];
    const disabled = await act('disable', 'bob');
    expect([disabled.status, disabled.headers.get('location')]).toEqual([303, '/portal?done=disable']);
    expect(await get('/portal?done=disable')).toContain('The account is disabled.');
    expect(await state()).toContain('Disabled');
    await act('enable', 'bob');
    expect(await state()).toContain('Enabled');
    await act('remove', 'bob');
    expect(await state()).toContain('Removed');
    await act('restore', 'bob');
    expect(await state()).toContain('Enabled');
    await act('revoke-sessions', 'bob');
    expect(await state()).toContain('Sign-ins count from');
    expect((await act('disable', 'mallory')).status).toBe(404);
    expect((await act('toString', 'bob')).status).toBe(400);
    expect(entra.requests.some(({ url }) => url.includes('/portal/actions'))).toBe(true);
  });

  it('adds and lifts a policy of Conditional Access', async () => {
    const { get, act } = await portal();
    expect((await act('add-policy', 'ada', { api: 'orders', demand: 'c1' })).status).toBe(303);
    const page = await get('/portal/access');
    expect(page).toContain('acrs');
    const id = /name="action" value="lift-policy"><input type="hidden" name="target" value="([^"]+)"/.exec(
      page,
    )?.[1];
    expect((await act('lift-policy', id ?? '')).status).toBe(303);
    expect((await act('lift-policy', id ?? '')).status).toBe(404);
    expect(await get('/portal/access')).toContain('There is no policy.');
    expect((await act('add-policy', 'ada', { demand: 'more' })).status).toBe(400);
    expect((await act('add-policy', 'ada', { demand: 'block', api: 'nowhere' })).status).toBe(400);
    expect((await act('add-policy', ' ', { demand: 'block' })).status).toBe(404);
  });

  it('gives a token that the API accepts', async () => {
    const { entra, post } = await portal();
    const response = await post('/portal/token', {
      who: 'user:ada',
      api: 'orders',
      permissions: 'Orders.Read',
    });
    const token = /<textarea[^>]*>([^<]+)<\/textarea>/.exec(await response.text())?.[1] ?? '';
    const auth = await createValidator({ ...entra.options('orders'), log: false }).validate(token);
    expect([auth.objectId, [...auth.scopes]]).toEqual([entra.objectIdOf('ada'), ['Orders.Read']]);
    const refused = await post('/portal/token', {
      who: 'user:ada',
      api: 'orders',
      permissions: 'Orders.Write',
    });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('Orders.Write')]);
    expect((await post('/portal/token', { who: 'unknown' })).status).toBe(400);
  });

  it('shows the claims of what was answered, and no token', async () => {
    const { entra, get } = await portal();
    const ask = async (form: Record<string, string>) =>
      entra.fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: entra.clientIdOf('job'),
          client_secret: 'any',
          scope: `api://${entra.clientIdOf('orders')}/.default`,
          ...form,
        }),
      });
    const { access_token: token } = (await (await ask({})).json()) as { access_token: string };
    await ask({ scope: '' });
    const page = await get('/portal/requests');
    expect(page).toContain('Nightly');
    expect(page).toContain('AADSTS900144');
    expect(page).not.toContain(token.split('.')[2]);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }, {}],
    ['a sandboxed frame', { origin: 'null' }, {}],
    ['a page without the key', {}, { key: '' }],
    ['a page with another key', {}, { key: 'x' }],
    ['a script that sends text', { 'content-type': 'text/plain' }, {}],
  ])('refuses a form of %s, and changes nothing', async (_, headers, form) => {
    const { get, post } = await portal();
    const response = await post('/portal/actions', { action: 'disable', target: 'bob', ...form }, headers);
    expect(response.status).toBe(403);
    expect(await get('/portal')).not.toContain('Disabled');
    expect((await post('/portal/token', { who: 'user:ada', ...form }, headers)).status).toBe(403);
  });

  it('refuses a form without an origin', async () => {
    const { entra, get } = await portal();
    const response = await entra.fetch(`${entra.origin}/portal/actions`, {
      method: 'POST',
      body: new URLSearchParams({ action: 'disable', target: 'bob' }),
    });
    expect(response.status).toBe(403);
    expect(await get('/portal')).not.toContain('Disabled');
  });
});
