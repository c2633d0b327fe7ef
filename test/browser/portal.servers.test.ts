import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { isTooWide, looks, openPage, picture, violationsOf } from './look.js';
import { heading } from './through-pages.js';

let browser: Browser;
let entra: LoopbackEntra;
let page: Page;

const press = async (name: string) => page.getByRole('button', { name, exact: true }).click();
const portal = async (path = '') => page.goto(`${entra.origin}/portal${path}`);

async function askForToken(): Promise<void> {
  await entra.fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: entra.clientIdOf('job'),
      client_secret: 'any',
      scope: `api://${entra.clientIdOf('orders')}/.default`,
    }),
  });
}

/** The ways to each page of the portal, by its heading. */
const ways: readonly (readonly [name: string, title: string, way: () => Promise<unknown>])[] = [
  [
    'users',
    'Users and groups',
    async () => {
      await page.goto(entra.origin);
      await press('Revoke sessions: Ada Lovelace');
      await page.getByRole('status').waitFor();
      await press('Disable: Bob Babbage');
      await page.getByText('The account is disabled.').waitFor();
    },
  ],
  ['apps', 'Apps and roles', async () => portal('/apps')],
  [
    'access',
    'Grants and policies',
    async () => {
      await portal('/access');
      await page.getByLabel('User').fill('ada');
      await press('Add the policy');
      await page.getByText('acrs').waitFor();
    },
  ],
  [
    'token',
    'Get a token',
    async () => {
      await portal('/token');
      await press('Get the token');
      await page.getByLabel('Valid until').waitFor();
    },
  ],
  [
    'requests',
    'Latest requests',
    async () => {
      await askForToken();
      await portal('/requests');
      await page.getByText('Orders.Import').first().click();
      await page.getByText('"iss"').waitFor();
    },
  ],
];

describe.skipIf(withoutChromium)(`the portal in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    entra = await startEntra({
      port: 0,
      pages: true,
      users: { ada: { displayName: 'Ada Lovelace', admin: true }, bob: { displayName: 'Bob Babbage' } },
      groups: { staff: ['ada', 'bob'] },
      apps: {
        orders: {
          displayName: 'Orders',
          scopes: ['Orders.Read', 'Orders.Write'],
          appRoles: { 'Orders.Import': ['Application'] },
          assignments: { job: ['Orders.Import'] },
        },
        job: {},
      },
      managedIdentities: { vm: {} },
      agents: { helper: { blueprint: 'job' } },
    });
  });
  afterEach(async () => {
    await page?.context().close();
    await entra?.close();
  });
  afterAll(() => browser?.close());

  describe.each(looks)('$width pixels wide, $theme', (look) => {
    it.each(ways)('the page %s can be used by all: "%s"', async (name, title, way) => {
      page = await openPage(browser, look);
      const blocked: string[] = [];
      page.on('console', (message) => {
        if (message.text().includes('Security Policy')) blocked.push(message.text());
      });
      await way();
      await heading(page, title);
      await picture(page, `portal-${name}-${look.width}-${look.theme}`);
      expect(await violationsOf(page)).toEqual([]);
      expect(await isTooWide(page)).toBe(false);
      expect(blocked).toEqual([]);
    });
  });

  it('a form of another site changes nothing', async () => {
    page = await openPage(browser);
    await page.route('http://shop.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${entra.origin}/portal/actions"><input name="action" value="disable"><input name="target" value="bob"><button>Win a prize</button></form>`,
      }),
    );
    await page.goto('http://shop.example/');
    await press('Win a prize');
    await page.getByText('The form came from').waitFor();
    await portal();
    expect(await page.getByText('Disabled').count()).toBe(0);
  });
});
