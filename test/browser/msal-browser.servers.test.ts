import { type LocalEntra, type StartEntraOptions, startEntra } from '@entra-guard/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { openPage } from './look.js';
import { type Spa, startSpa } from './spa/start.js';
import { accept, chooseAccount, heading } from './through-pages.js';

interface Shown {
  readonly account?: string;
  readonly accessToken?: string;
  readonly [name: string]: unknown;
}

describe.skipIf(withoutChromium)(`MSAL Browser in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let entra: LocalEntra;
  let spa: Spa;
  let page: Page;
  let errors: Error[];

  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  afterEach(async () => {
    await page?.context().close();
    await spa?.close();
    await entra?.close();
    expect(errors).toEqual([]);
  });
  afterAll(() => browser?.close());

  /** Starts a local Entra and the application, and opens its page. */
  async function start(options: StartEntraOptions = {}): Promise<void> {
    entra = await startEntra({
      port: 0,
      users: { ada: { displayName: 'Ada Lovelace' }, bob: { displayName: 'Bob Babbage' } },
      apps: {
        orders: { scopes: ['Orders.Read'] },
        shop: {
          displayName: 'Contoso Shop',
          platform: 'spa',
          redirectUris: ['http://localhost/redirect', 'http://localhost/'],
        },
      },
      ...options,
    });
    spa = await startSpa(entra);
    page = await openPage(browser);
    errors = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(spa.url);
  }

  const act = (name: string) => page.getByRole('button', { name, exact: true }).click();

  /** What the page shows, as soon as it has a member of that name. */
  async function shown(member: string): Promise<Shown> {
    const output = page.locator('output', { hasText: new RegExp(`"(${member}|error)":`) });
    return JSON.parse((await output.textContent()) ?? '') as Shown;
  }

  it('signs in by redirect, and the API lets the call in', async () => {
    await start();
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
    await start();
    await act('popup');
    expect(await shown('account')).toMatchObject({ account: 'ada@contoso.onmicrosoft.com' });
  });

  it.each([
    ['refresh', 'by refresh token'],
    ['iframe', 'in a hidden iframe'],
  ])('renews a token in silence: %s (%s)', async (way) => {
    await start();
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
    await start();
    await act('sign-on');
    expect(await shown('account')).toMatchObject({ account: 'ada@contoso.onmicrosoft.com' });
  });

  it('signs out', async () => {
    await start();
    await act('popup');
    await shown('account');
    await act('sign-out');
    await page.waitForURL(/\/oauth2\/v2\.0\/logout/);
    await page.goto(spa.url);
    expect(await shown('accounts')).toEqual({ accounts: 0 });
  });

  describe('through the pages', () => {
    const bob = { account: 'bob@contoso.onmicrosoft.com' };

    async function signIn(on: Page): Promise<void> {
      await chooseAccount(on, 'Bob Babbage');
      await accept(on);
    }

    it('signs in by redirect, renews in a hidden iframe, and signs out to where it began', async () => {
      await start({ pages: true });
      await act('redirect');
      await signIn(page);
      expect(await shown('account')).toMatchObject(bob);
      await act('iframe');
      expect(await shown('account')).toMatchObject({ ...bob, fromCache: false });
      await act('sign-out');
      // With the state that MSAL sent along.
      await page.waitForURL((url) => url.href.startsWith(`${spa.url}?state=`));
      expect(await shown('accounts')).toEqual({ accounts: 0 });
      await act('sign-on');
      expect(await shown('error')).toMatchObject({ error: 'login_required' });
    });

    it('signs in by popup, then without a question, and by the session in another tab', async () => {
      await start({ pages: true });
      const [popup] = await Promise.all([page.waitForEvent('popup'), act('popup')]);
      await signIn(popup);
      expect(await shown('account')).toMatchObject(bob);

      const tab = await page.context().newPage();
      await tab.goto(spa.url);
      page = tab;
      await act('popup');
      expect(await shown('account')).toMatchObject(bob);
    });

    it('is told that the user declined', async () => {
      await start({ pages: true });
      await act('redirect');
      await chooseAccount(page, 'Bob Babbage');
      await heading(page, 'Permissions requested');
      await page.getByRole('button', { name: 'Cancel' }).click();
      expect(await shown('error')).toMatchObject({
        error: 'access_denied',
        message: expect.stringContaining('AADSTS65004'),
      });
    });

    it('gets no token in silence for a user whose sessions were revoked', async () => {
      await start({ pages: true });
      await act('redirect');
      await signIn(page);
      await shown('account');
      entra.revokeSessions('bob');
      await act('refresh');
      expect(await shown('error')).toMatchObject({ message: expect.stringContaining('AADSTS50173') });
      await act('redirect');
      await chooseAccount(page, 'Bob Babbage');
      expect(await shown('account')).toMatchObject(bob);
    });
  });
});
