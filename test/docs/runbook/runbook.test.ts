import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryRevocations } from '@entra-guard/express';
import { graphLeavers } from '@entra-guard/graph';
import { expect, it, onTestFinished } from 'vitest';
import { withPrinted } from '../../support/printed-page.js';
import { startShop, terminalOf } from './shop.js';

const PAGE = 'docs/runbook.md';
const page = join(import.meta.dirname, '../../..', PAGE);
/** What each test printed: the page is compared once, at the end. */
const blocks: Record<string, string> = {};
const holds = (printed: Readonly<Record<string, string>>) => void Object.assign(blocks, printed);

type Shop = Awaited<ReturnType<typeof startShop>>;

/** A terminal whose operator has a token that may revoke. */
function operatorOf({ entra, origin }: Shop, names: Readonly<Record<string, string>>) {
  const { token } = entra.app('job', { roles: ['Revocations.Revoke.All', 'Revocations.Lift.All'] });
  const env = { ENTRA_GUARD_TOKEN: token };
  return terminalOf(entra, origin, { [entra.tenantId]: '$TENANT', ...names }, env);
}

const idIn = (json: string): string => /\bid +([0-9a-f-]{36})/.exec(json)?.[1] ?? '';

it('a token has leaked', async () => {
  const shop = await startShop();
  const leaked = shop.entra.user('ada', { scp: 'Orders.Read' });
  const other = shop.entra.user('ada', { scp: 'Orders.Read' });
  const names: Record<string, string> = { [String(leaked.claims.uti)]: '$UTI' };
  const terminal = operatorOf(shop, names);
  const expires = new Date(Number(leaked.claims.exp) * 1000).toISOString();
  const done = await terminal.run(
    `revoke token ${leaked.claims.uti} --expires ${expires} --because "in a bug report" --api ${shop.origin}`,
  );
  names[idIn(done)] = '2d4dd1e7-8c43-4f7f-9a52-6f2b7c1d0e9a';
  expect(await terminal.curl('/orders', { name: 'LEAKED', token: leaked.token })).toBe(401);
  expect(await terminal.curl('/orders', { name: 'OTHER', token: other.token })).toBe(200);
  holds({ 'token-leaked': finished(terminal.printed(), names) });
});

it('a person has left', async () => {
  const shop = await startShop();
  const { entra, origin } = shop;
  const ada = entra.user('ada', { scp: 'Orders.Read' });
  const names: Record<string, string> = { [entra.objectIdOf('ada')]: '$ADA' };
  const terminal = operatorOf(shop, names);
  expect(await terminal.curl('/orders', { name: 'TOKEN', token: ada.token })).toBe(200);
  const done = await terminal.run(
    `revoke user ${entra.objectIdOf('ada')} --tenant ${entra.tenantId} --because "left, HR-1234" --api ${origin}`,
  );
  names[idIn(done)] = '2d4dd1e7-8c43-4f7f-9a52-6f2b7c1d0e9a';
  expect(await terminal.curl('/orders', { name: 'TOKEN', token: ada.token })).toBe(401);
  holds({ leaver: finished(terminal.printed(), names) });
});

it('the secret of a client has leaked', async () => {
  const shop = await startShop();
  const { entra, origin } = shop;
  const stolen = entra.app('nightly', { roles: ['Orders.Read.All'] });
  const client = entra.clientIdOf('nightly');
  const names: Record<string, string> = { [client]: '$CLIENT' };
  const terminal = operatorOf(shop, names);
  const done = await terminal.run(
    `revoke app ${client} --tenant ${entra.tenantId} --before now --because "its secret leaked" --api ${origin}`,
  );
  names[idIn(done)] = '2d4dd1e7-8c43-4f7f-9a52-6f2b7c1d0e9a';
  expect(await terminal.curl('/orders', { name: 'STOLEN', token: stolen.token })).toBe(401);
  entra.advance('10m');
  const fresh = entra.app('nightly', { roles: ['Orders.Read.All'] });
  expect(await terminal.curl('/orders', { name: 'FRESH', token: fresh.token })).toBe(200);
  holds({ 'secret-leaked': finished(terminal.printed(), names) });
});

it('a credential is about to end', async () => {
  const { entra, origin } = await startShop();
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-runbook-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const day = 86_400_000;
  const application = {
    appId: '00001111-aaaa-2222-bbbb-3333cccc4444',
    displayName: 'Nightly job',
    passwordCredentials: [
      {
        keyId: '11112222-bbbb-3333-cccc-4444dddd5555',
        displayName: 'ci',
        startDateTime: new Date(entra.now() - 80 * day).toISOString(),
        endDateTime: new Date(entra.now() + 10.5 * day).toISOString(),
      },
    ],
    keyCredentials: [],
  };
  writeFileSync(join(folder, 'application.json'), JSON.stringify(application));
  const terminal = terminalOf(entra, origin, {}, {}, folder);
  await terminal.run('registration application.json --within 30d', { exit: 1 });
  expect(terminal.printed()).toContain('ci');
  holds({ 'credential-ends': terminal.printed().replace(/\d{4}-\d\d-\d\d/g, '2026-12-11') });
});

it('Entra has changed its keys', async () => {
  const { entra, origin } = await startShop();
  const before = entra.user('ada', { scp: 'Orders.Read' });
  const terminal = terminalOf(entra, origin);
  expect(await terminal.curl('/orders', { name: 'BEFORE', token: before.token })).toBe(200);
  await entra.rotateKeys({ keep: 1 });
  terminal.note('Entra signs with another key.');
  const after = entra.user('ada', { scp: 'Orders.Read' });
  entra.advance('1m');
  expect(await terminal.curl('/orders', { name: 'AFTER', token: after.token })).toBe(200);
  expect(await terminal.curl('/orders', { name: 'BEFORE', token: before.token })).toBe(200);
  holds({ 'keys-rolled': terminal.printed() });
});

it('Entra is down', async () => {
  const { entra, origin } = await startShop();
  const terminal = terminalOf(entra, origin);
  const caller = (name: string) => ({ name, token: entra.user('ada', { scp: 'Orders.Read' }).token });
  expect(await terminal.curl('/orders', caller('TOKEN'))).toBe(200);
  entra.fail('keys', 503);
  entra.fail('metadata', 503);
  entra.advance('3h');
  terminal.note('Three hours into the outage.');
  expect(await terminal.curl('/orders', caller('TOKEN'))).toBe(200);
  await terminal.curl('/health');
  entra.advance('22h');
  terminal.note('More than 24 hours.');
  expect(await terminal.curl('/orders', caller('TOKEN'))).toBe(503);
  expect(await terminal.curl('/health')).toBe(503);
  holds({ 'entra-down': terminal.printed().replaceAll(entra.tenantId, '$TENANT') });
});

it('the feed of leavers is stuck', async () => {
  const { entra } = await startShop();
  const revocations = memoryRevocations({ margin: 0, now: entra.now, oneProcess: true });
  const { token } = entra.app('job', { api: 'graph', roles: ['User.Read.All'] });
  const leavers = graphLeavers({
    revocations,
    tenantId: entra.tenantId,
    getToken: async () => token,
    fetch: entra.fetch,
    graph: entra.graph,
    now: entra.now,
    log: false,
  });
  onTestFinished(() => leavers.stop());
  entra.fail('graph', 403);
  await leavers.start();
  await expect.poll(() => leavers.health().lastError).toBeDefined();
  const stuck = leavers.health();
  expect(stuck.status).not.toBe('ok');
  const { status, message, lastError } = stuck;
  holds({
    'feed-stuck': `> leavers.health()\n${JSON.stringify({ status, message, lastError }, undefined, 2)}`,
  });
});

it('callers are denied after a deployment', async () => {
  const { entra, origin } = await startShop();
  const { token } = entra.user('ada', { scp: 'Orders.Write' });
  const names = { [entra.tenantId]: '$TENANT', [entra.clientIdOf('orders')]: '$CLIENT' };
  const env = { ENTRA_GUARD_TENANT_ID: entra.tenantId, ENTRA_GUARD_CLIENT_ID: entra.clientIdOf('orders') };
  const terminal = terminalOf(entra, origin, names, env);
  expect(await terminal.curl('/orders', { name: 'TOKEN', token })).toBe(403);
  await terminal.run('explain - --require "scopes(\'Orders.Read\')"', { input: token, exit: 1 });
  holds({ denials: finished(terminal.printed(), names) });
});

it('the page holds what was printed', async () => {
  await expect(withPrinted(PAGE, blocks)).toMatchFileSnapshot(page);
});

/** Values that became known after something was printed. */
function finished(printed: string, names: Readonly<Record<string, string>>): string {
  let text = printed;
  for (const [value, name] of Object.entries(names)) if (value !== '') text = text.replaceAll(value, name);
  return text;
}
