import { type LocalEntra, startEntra } from '@entra-guard/testing';
import openidConnect from 'express-openid-connect';
import express from 'express5';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunningHost } from '../hosts/http/run-rows.js';
import { needsChromium, startChromium, withoutChromium } from '../support/chromium.js';
import { listen } from '../support/listen.js';
import { openPage, violationsOf } from './look.js';

describe.skipIf(withoutChromium)(`a web application in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let entra: LocalEntra;
  let host: RunningHost;
  let page: Page;
  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    // It warns of form_post over http.
    vi.spyOn(console, 'warn').mockReturnValue();
    page = await openPage(browser);
    entra = await startEntra({
      port: 0,
      apps: { web: { secret: 'web-secret', redirectUris: ['http://localhost/callback'] } },
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await page?.context().close();
    await host?.close();
    await entra?.close();
  });
  afterAll(() => browser?.close());

  async function start(params: { response_type: 'code' | 'id_token' | 'code id_token' }): Promise<string> {
    const app = express();
    host = await listen(app);
    const address = host.origin.replace('127.0.0.1', 'localhost');
    app.use(
      openidConnect.auth({
        issuerBaseURL: entra.authority,
        baseURL: address,
        clientID: entra.clientIdOf('web'),
        clientSecret: 'web-secret',
        secret: 'thirty-two characters of a secret',
        authorizationParams: { ...params, scope: 'openid profile' },
      }),
    );
    app.get('/', (req, res) => void res.type('html').send(`<h1>${String(req.oidc.user?.name)}</h1>`));
    return address;
  }

  it.each(['code', 'id_token', 'code id_token'] as const)(
    'signs a user in by %s; what is posted is let through by the policy of the page',
    async (response_type) => {
      const blocked: string[] = [];
      page.on('console', (message) => {
        if (message.text().includes('Security Policy')) blocked.push(message.text());
      });
      await page.goto(await start({ response_type }));
      await page.getByRole('heading', { name: 'Ada Example' }).waitFor();
      expect(blocked).toEqual([]);
    },
  );

  it('signs a user in without scripts: form_post has a button that all can use', async () => {
    const address = await start({ response_type: 'id_token' });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(address);
    await plain.getByRole('button', { name: 'Continue' }).waitFor();
    // axe needs scripts, and this page would go away with them.
    await page.setContent((await plain.content()).replace(/<script>.*<\/script>/, ''));
    expect(await violationsOf(page)).toEqual([]);
    await plain.getByRole('button', { name: 'Continue' }).click();
    await plain.getByRole('heading', { name: 'Ada Example' }).waitFor();
    await context.close();
  });
});
