import { type LocalEntra, startEntra } from '@entra-guard/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { type Spa, startSpa } from './spa/start.js';

interface Shown {
  readonly account?: string;
  readonly accessToken?: string;
  readonly [name: string]: unknown;
}

describe.skipIf(withoutChromium)(`MSAL Browser in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let entra: LocalEntra;
  let spa: Spa;
  let context: BrowserContext;
  let page: Page;
  let errors: Error[];

  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    entra = await startEntra({
      port: 0,
      apps: {
        orders: { scopes: ['Orders.Read'] },
        shop: { platform: 'spa', redirectUris: ['http://localhost/redirect'] },
      },
    });
    spa = await startSpa(entra);
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    errors = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(spa.url);
  });
  afterEach(async () => {
    await context?.close();
    await spa?.close();
    await entra?.close();
    expect(errors).toEqual([]);
  });
  afterAll(() => browser?.close());

  const act = (name: string) => page.getByRole('button', { name, exact: true }).click();

  /** What the page shows, as soon as it has a member of that name. */
  async function shown(member: string): Promise<Shown> {
    const output = page.locator('output', { hasText: new RegExp(`"(${member}|error)":`) });
    return JSON.parse((await output.textContent()) ?? '') as Shown;
  }

  it('signs in by redirect, and the API lets the call in', async () => {
    await act('redirect');
    const result = await shown('account');
    expect(result).toMatchObject({ account: 'ada@contoso.onmicrosoft.com', fromCache: false });
    expect(claimsOf(result.accessToken ?? '')).toMatchObject({
      scp: 'Orders.Read',
      aud: entra.clientIdOf('orders'),
      azp: entra.clientIdOf('shop'),
      azpacr: '0',
    });
    await act('orders');
    expect(await shown('status')).toEqual({ status: 200, orders: [{ item: 'tea' }] });
  });

  it('signs in by popup', async () => {
    await act('popup');
    expect(await shown('account')).toMatchObject({ account: 'ada@contoso.onmicrosoft.com' });
  });

  it.each([
    ['refresh', 'by refresh token'],
    ['iframe', 'in a hidden iframe'],
  ])('renews a token in silence: %s (%s)', async (way) => {
    await act('popup');
    const first = await shown('account');
    entra.requests.length = 0;
    await act(way);
    const second = await shown('account');
    expect(second).toMatchObject({ account: first.account, fromCache: false });
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(entra.requests.filter(({ url }) => url.includes('prompt=none'))).toHaveLength(
      way === 'iframe' ? 1 : 0,
    );
  });

  it('signs in without a window in a session that there is', async () => {
    await act('sign-on');
    expect(await shown('account')).toMatchObject({ account: 'ada@contoso.onmicrosoft.com' });
  });

  it('signs out', async () => {
    await act('popup');
    await shown('account');
    await act('sign-out');
    await page.waitForURL(/\/oauth2\/v2\.0\/logout/);
    await page.goto(spa.url);
    expect(await shown('accounts')).toEqual({ accounts: 0 });
  });
});
