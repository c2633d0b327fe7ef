import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEntra } from '@entra-guard/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../examples/mcp-orders/src/app.js';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { isTooWide, type Look, looks, openPage, picture, violationsOf } from './look.js';
import { accept, chooseAccount } from './through-pages.js';

const FACETS = ['xms_act_fct', 'xms_sub_fct', 'xms_par_app_azp'] as const;

async function serving() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const resource = `${origin}/mcp`;
  const entra = await startEntra({
    port: 0,
    pages: true,
    users: { ada: { displayName: 'Ada Lovelace' }, bob: { displayName: 'Bob Babbage' } },
    apps: {
      orders: {
        applicationIdUri: resource,
        scopes: ['Orders.Read', 'Orders.Write', 'Approvals.Decide'],
        optionalClaims: [...FACETS],
      },
      approvals: {
        displayName: 'Orders: approvals',
        platform: 'spa',
        redirectUris: ['http://localhost/approvals'],
      },
    },
  });
  const { host } = new URL(entra.origin);
  const authority = `https://${host}/${entra.tenantId}`;
  const metadata = await (await entra.fetch(`${entra.authority}/.well-known/openid-configuration`)).json();
  const { app, guard } = createApp({
    guard: { ...entra.options('orders'), log: false },
    resource,
    page: {
      clientId: entra.clientIdOf('approvals'),
      authority,
      scope: `${resource}/Approvals.Decide`,
      // MSAL asks for no metadata over http.
      auth: {
        knownAuthorities: [host],
        authorityMetadata: JSON.stringify({ ...(metadata as object), issuer: `${authority}/v2.0` }),
      },
      connectTo: entra.origin,
    },
  });
  server.on('request', app);
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await guard.close();
    await entra.close();
  });
  const pay = async (args: object): Promise<string> => {
    const { token } = entra.agent('helper', { onBehalfOf: 'ada', scp: 'Orders.Write' });
    const answer = await fetch(resource, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'orders.pay', arguments: args },
      }),
    });
    return answer.text();
  };
  return { origin, pay };
}

const idIn = (text: string): string => /approvals\/([\w-]+)/.exec(text)?.[1] ?? '';

describe.skipIf(withoutChromium)(
  `the page on which people approve${needsChromium}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium();
    }, 60_000);
    afterAll(() => browser?.close());

    async function opened(url: string, look?: Look): Promise<Page> {
      const page = await openPage(browser, look);
      onTestFinished(() => page.context().close());
      await page.goto(url);
      return page;
    }
    const state = (page: Page) => page.getByRole('status');

    it.each(looks)('lets a person approve, after she has signed in: $width px, $theme', async (look) => {
      const { origin, pay } = await serving();
      const args = { id: 2, amount: 480 };
      const id = idIn(await pay(args));
      const page = await opened(`${origin}/approvals/${id}`, look);
      await chooseAccount(page, 'Ada Lovelace');
      await accept(page);
      await page.getByText('Waits for your decision.').waitFor();
      expect(await page.locator('dl').textContent()).toContain('480');
      await picture(page, `approval-${look.width}-${look.theme}`);
      expect(await violationsOf(page)).toEqual([]);
      expect(await isTooWide(page)).toBe(false);
      expect(await pay(args)).toContain(id);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('The request is approved.').waitFor();
      expect(await pay(args)).toContain('paid');
    });

    it('shows another person nothing, and lets her deny', async () => {
      const { origin, pay } = await serving();
      const args = { id: 1, amount: 12 };
      const id = idIn(await pay(args));
      const bobs = await opened(`${origin}/approvals/${id}`);
      await chooseAccount(bobs, 'Bob Babbage');
      await accept(bobs);
      await bobs.getByText('There is no such request, or it is not yours to decide.').waitFor();
      expect(await bobs.locator('dl').textContent()).toBe('');
      const adas = await opened(`${origin}/approvals/${id}`);
      await chooseAccount(adas, 'Ada Lovelace');
      await accept(adas);
      await adas.getByRole('button', { name: 'Deny' }).click();
      await adas.getByText('The request is denied.').waitFor();
      expect(await pay(args)).not.toContain('paid":true');
    });

    it('asks for the link without one', async () => {
      const { origin } = await serving();
      const page = await opened(`${origin}/approvals`);
      await page.getByText('Open the link that the agent has shown you.').waitFor();
      expect(await state(page).textContent()).toContain('link');
    });
  },
);
