import { type LocalEntra, startEntra } from '@entra-guard/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { isTooWide, looks, openPage, picture, violationsOf } from './look.js';
import { accept, chooseAccount, heading } from './through-pages.js';

const REDIRECT_URI = 'http://localhost:1/signed-in';
const manifest = {
  appId: '11111111-1111-4111-8111-111111111111',
  api: {
    requestedAccessTokenVersion: 2,
    oauth2PermissionScopes: [
      {
        value: 'Orders.Read',
        type: 'User',
        userConsentDisplayName: 'Read your orders',
        userConsentDescription: 'Lets the app see what you ordered.',
      },
      {
        value: 'Orders.Write',
        type: 'User',
        userConsentDisplayName: 'Order in your name',
        userConsentDescription: 'Lets the app place orders that you pay for.',
      },
      {
        value: 'Orders.Delete.All',
        type: 'Admin',
        adminConsentDisplayName: 'Delete orders',
        adminConsentDescription: 'Lets the app delete the orders of all users.',
      },
    ],
  },
};

let browser: Browser;
let entra: LocalEntra;
let page: Page;

/** Address of a sign-in at the app `shop`. */
function signIn(scope = 'Orders.Read', more: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams({
    client_id: entra.clientIdOf('shop'),
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: `openid offline_access api://${manifest.appId}/${scope}`,
    ...more,
  });
  return `${entra.origin}/${entra.tenantId}/oauth2/v2.0/authorize?${parameters}`;
}

async function deviceCode(): Promise<string> {
  const answer = await entra.fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: entra.clientIdOf('tool'),
      scope: `api://${manifest.appId}/Orders.Read`,
    }),
  });
  return ((await answer.json()) as { user_code: string }).user_code;
}

/** The ways to each page, by its heading. */
const ways: readonly (readonly [name: string, title: string, way: () => Promise<unknown>])[] = [
  ['accounts', 'Choose an account', () => page.goto(signIn())],
  ['hint', 'Sign in', () => page.goto(signIn('Orders.Read', { login_hint: 'bob' }))],
  [
    'disabled',
    'Choose an account',
    async () => {
      entra.disable('bob');
      await page.goto(signIn());
      await chooseAccount(page, 'Bob Babbage');
      await page.getByRole('alert').waitFor();
    },
  ],
  [
    'consent',
    'Permissions requested',
    async () => {
      await page.goto(signIn());
      await chooseAccount(page, 'Bob Babbage');
    },
  ],
  [
    'consent-more',
    'Permissions requested',
    async () => {
      await arrive(() => page.goto(signIn()));
      await page.goto(signIn('Orders.Write'));
      await page.getByText('Read your orders').waitFor();
    },
  ],
  [
    'consent-of-administrator',
    'Permissions requested',
    async () => {
      await page.goto(signIn('Orders.Delete.All'));
      await chooseAccount(page, 'Ada Lovelace');
      await page.getByRole('checkbox', { name: 'Consent on behalf of your organization' }).waitFor();
    },
  ],
  [
    'approval',
    'Need admin approval',
    async () => {
      await page.goto(signIn('Orders.Delete.All'));
      await chooseAccount(page, 'Bob Babbage');
    },
  ],
  [
    'more-proof',
    'Confirm that it is you',
    async () => {
      const claims = { access_token: { acrs: { essential: true, value: 'c1' } } };
      await page.goto(signIn('Orders.Read', { claims: JSON.stringify(claims) }));
      await chooseAccount(page, 'Bob Babbage');
    },
  ],
  [
    'blocked',
    'You can’t get there from here',
    async () => {
      entra.conditionalAccess('bob', 'orders');
      await page.goto(signIn());
      await chooseAccount(page, 'Bob Babbage');
    },
  ],
  [
    'admin-consent',
    'Permissions requested for your organization',
    async () => {
      const address = new URL(signIn('Orders.Delete.All'));
      address.pathname = `/${entra.tenantId}/v2.0/adminconsent`;
      await page.goto(address.href);
      await chooseAccount(page, 'Ada Lovelace');
    },
  ],
  [
    'problem',
    'We can’t sign you in',
    () => page.goto(signIn('Orders.Read', { redirect_uri: 'https://other.example/' })),
  ],
  ['device', 'Enter the code of the device', () => page.goto(`${entra.origin}/common/oauth2/deviceauth`)],
  [
    'device-unknown',
    'Enter the code of the device',
    async () => {
      await enterDeviceCode('WRONGCODE');
      await page.getByRole('alert').waitFor();
    },
  ],
  ['device-confirmation', 'Are you trying to sign in to Contoso Tool?', confirmDevice],
  [
    'device-done',
    'You have signed in to Contoso Tool',
    async () => {
      await confirmDevice();
      await page.getByRole('button', { name: 'Continue' }).click();
    },
  ],
  [
    'signed-out',
    'You have signed out',
    async () => {
      await arrive(() => page.goto(signIn()));
      await page.goto(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/logout`);
    },
  ],
];

async function enterDeviceCode(code: string): Promise<void> {
  await page.goto(`${entra.origin}/common/oauth2/deviceauth`);
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Next' }).click();
}

async function confirmDevice(): Promise<void> {
  await enterDeviceCode(await deviceCode());
  await chooseAccount(page, 'Bob Babbage');
  await accept(page);
}

/** Signs Bob in, up to the redirect to the app, which nothing listens at. */
async function arrive(start: () => Promise<unknown>): Promise<URL> {
  await page.route(`${REDIRECT_URI}**`, (route) => route.fulfill({ body: 'arrived' }));
  await start();
  await chooseAccount(page, 'Bob Babbage');
  await accept(page);
  await page.getByText('arrived').waitFor();
  return new URL(page.url());
}

describe.skipIf(withoutChromium)(`the local Entra in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    entra = await startEntra({
      port: 0,
      pages: true,
      users: { ada: { displayName: 'Ada Lovelace', admin: true }, bob: { displayName: 'Bob Babbage' } },
      apps: {
        orders: { displayName: 'Orders', manifest },
        shop: { displayName: 'Contoso Shop', publisher: 'Contoso', redirectUris: [REDIRECT_URI] },
        tool: { displayName: 'Contoso Tool', platform: 'public' },
      },
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
      await picture(page, `${name}-${look.width}-${look.theme}`);
      expect(await violationsOf(page)).toEqual([]);
      expect(await isTooWide(page)).toBe(false);
      expect(blocked).toEqual([]);
    });
  });

  it('the keyboard alone leads through sign-in and consent', async () => {
    page = await openPage(browser);
    await page.route(`${REDIRECT_URI}**`, (route) => route.fulfill({ body: 'arrived' }));
    await page.goto(signIn());
    for (const [title, button] of [
      ['Choose an account', 'Bob Babbage'],
      ['Permissions requested', 'Accept'],
    ] as const) {
      await heading(page, title);
      const wanted = page.getByRole('button', { name: button });
      const focused = wanted.and(page.locator(':focus'));
      for (let tabs = 0; tabs < 10 && (await focused.count()) === 0; tabs++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
    }
    await page.getByText('arrived').waitFor();
    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull();
  });

  it('a page of another origin can’t send the form of the consent page', async () => {
    page = await openPage(browser);
    await page.goto(signIn());
    await chooseAccount(page, 'Bob Babbage');
    await heading(page, 'Permissions requested');
    const fields = await page.evaluate<Record<string, string>>(
      `Object.fromEntries(new FormData([...document.forms].find((form) => form.textContent.includes('Accept'))))`,
    );
    const inputs = Object.entries({ ...fields, do: 'consent' }).map(
      ([name, value]) => `<input name="${name}" value="${value}">`,
    );
    // The same site, as a cookie sees it, but another origin.
    await page.route('http://localhost:2/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${entra.origin}/common/login">${inputs.join('')}<button>Win a prize</button></form>`,
      }),
    );
    await page.goto('http://localhost:2/');
    await page.getByRole('button', { name: 'Win a prize' }).click();
    await heading(page, 'This page can’t be used any more');
  });
});
