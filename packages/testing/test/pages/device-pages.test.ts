import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimsOf } from '../read-token.js';
import { titleOf, Visitor } from './visitor.js';

let entra: LoopbackEntra;
let browser: Visitor;
beforeEach(async () => {
  entra = await startEntra({
    port: 0,
    pages: true,
    users: { ada: {} },
    apps: { tool: { platform: 'public', displayName: 'Contoso Tool' } },
  });
  browser = new Visitor(entra);
});
afterEach(() => entra.close());

type Json = Readonly<Record<string, unknown>>;

async function post(path: string, form: Readonly<Record<string, string>>): Promise<Json> {
  const answer = await entra.fetch(`${entra.origin}/common/oauth2/v2.0/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: entra.clientIdOf('tool'), ...form }),
  });
  return (await answer.json()) as Json;
}

const start = () => post('devicecode', { scope: 'openid' });
const redeem = ({ device_code }: Json) =>
  post('token', { grant_type: 'device_code', device_code: String(device_code) });

async function entered(code: unknown) {
  const page = await browser.open(`${entra.origin}/common/oauth2/deviceauth`);
  return browser.press(page, 'Next', { fields: { user_code: String(code) } });
}

async function confirmation(code: unknown) {
  const consent = await browser.press(await entered(code), 'Ada');
  return titleOf(consent).startsWith('Permissions') ? browser.press(consent, 'Accept') : consent;
}

it('a user enters the code, signs in, confirms, and the device has a token', async () => {
  const device = await start();
  const page = await confirmation(device.user_code);
  expect(titleOf(page)).toBe('Are you trying to sign in to Contoso Tool?');
  expect(page.text).toContain(String(device.user_code));
  expect(await redeem(device)).toMatchObject({ error: 'authorization_pending' });
  expect(titleOf(await browser.press(page, 'Continue'))).toBe('You have signed in to Contoso Tool');
  expect(claimsOf(String((await redeem(device)).id_token))).toHaveProperty('oid', entra.objectIdOf('ada'));
  expect((await entered(device.user_code)).text).toContain('is unknown, was used, or has expired');
});

it('a user may refuse, and the device is told', async () => {
  const device = await start();
  expect(titleOf(await browser.press(await confirmation(device.user_code), 'Cancel'))).toBe(
    'You have not signed in to Contoso Tool',
  );
  expect(await redeem(device)).toMatchObject({ error: 'authorization_declined' });
});

it('no link approves a device, and no other site does', async () => {
  const device = await start();
  const code = String(device.user_code);
  const page = await browser.open(
    `${entra.origin}/common/oauth2/deviceauth?user_code=${code}&login_hint=ada`,
  );
  expect(page.text).toContain(`value="${code}"`);
  expect((await browser.press(page, 'Next', { fields: { token: 'x' } })).status).toBe(403);
  expect((await browser.press(page, 'Next', { headers: { origin: 'https://evil.example' } })).status).toBe(
    403,
  );
  expect(await redeem(device)).toMatchObject({ error: 'authorization_pending' });
});

it('a code that expires on the way is not approved, and what was typed is escaped', async () => {
  const device = await start();
  const page = await confirmation(device.user_code);
  entra.advance('15m');
  expect((await browser.press(page, 'Continue')).status).toBe(400);
  const typed = await entered('"><script>');
  expect([typed.status, typed.text.includes('<script>')]).toEqual([400, false]);
});
