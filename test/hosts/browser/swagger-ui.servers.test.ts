import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { entraGuard, scopes } from '@entra-guard/express';
import { createGuardedDocument as guardedDocumentOf } from '@entra-guard/express/openapi';
import { EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import { createGuardedDocument } from '@entra-guard/nestjs/swagger';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import express4 from 'express4';
import express5 from 'express5';
import type { Browser, Page } from 'playwright-core';
import swaggerUi from 'swagger-ui-express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needsChromium, startChromium, withoutChromium } from '../../support/chromium.js';

@Controller('orders')
class OrdersController {
  @Get()
  @RequireScopes('Orders.Read')
  list(): object {
    return [{ item: 'tea' }];
  }
}

/** Starts an orders API with its documentation at /docs/, and tells its port. */
type StartHost = (entra: LocalEntra) => Promise<{ readonly port: number; close(): Promise<unknown> }>;

const oauthOf = (entra: LocalEntra) => ({
  clientId: entra.clientIdOf('swagger-ui'),
  usePkceWithAuthorizationCodeGrant: true,
});

async function startNest(entra: LocalEntra) {
  @Module({
    imports: [EntraGuardModule.forRoot({ ...entra.options('orders'), log: false })],
    controllers: [OrdersController],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false });
  const document = await createGuardedDocument(app, new DocumentBuilder().setTitle('Orders').build());
  SwaggerModule.setup('docs', app, document, { swaggerOptions: { initOAuth: oauthOf(entra) } });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { port, close: () => app.close() };
}

const startExpress =
  (express: typeof express5): StartHost =>
  async (entra) => {
    const guard = entraGuard({ ...entra.options('orders'), log: false });
    const app = express();
    app.get('/orders', guard.require(scopes('Orders.Read')), (_req, res) => void res.json([{ item: 'tea' }]));
    const document = await guardedDocumentOf(app, guard, {
      openapi: '3.1.0',
      info: { title: 'Orders', version: '1' },
    });
    const ui = swaggerUi.setup(document, { swaggerOptions: { oauth: oauthOf(entra) } });
    app.use('/docs', swaggerUi.serve, ui);
    const server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    return {
      port: (server.address() as AddressInfo).port,
      close: () => new Promise((resolve) => server.close(resolve)),
    };
  };

const hosts: readonly (readonly [name: string, start: StartHost])[] = [
  ['NestJS', startNest],
  ['Express 4', startExpress(express4 as unknown as typeof express5)],
  ['Express 5', startExpress(express5)],
];

describe.skipIf(withoutChromium)(`Swagger UI in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  let entra: LocalEntra;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    entra = await startEntra({
      port: 0,
      apps: { orders: { scopes: ['Orders.Read'] }, 'swagger-ui': {} },
    });
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page?.close();
    await entra?.close();
  });
  afterAll(() => browser?.close());

  it.each(hosts)(
    '"Authorize" signs a user in by authorization code and PKCE, and %s lets the call in',
    async (_, start) => {
      const host = await start(entra);
      // With the slash the redirect URI beside the page is Swagger UI's own default.
      await page.goto(`http://localhost:${host.port}/docs/`);
      await page.getByRole('button', { name: 'Authorize' }).first().click();
      const dialog = page.locator('.auth-container', { hasText: 'authorizationCode' });
      await dialog.getByText('select all').click();
      const opened = page.waitForEvent('popup');
      await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
      const popup = await opened;
      // Nothing is to be done in it, so it may be gone already.
      if (!popup.isClosed()) await popup.waitForEvent('close');
      await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor();
      await page.getByRole('button', { name: 'Close', exact: true }).first().click();

      await page.locator('.opblock-summary-control').first().click();
      await page.getByRole('button', { name: 'Try it out' }).click();
      const answer = page.waitForResponse((response) => response.url().endsWith('/orders'));
      await page.getByRole('button', { name: 'Execute', exact: true }).click();
      const response = await answer;
      expect(response.status()).toBe(200);
      expect(await response.json()).toEqual([{ item: 'tea' }]);
      expect(entra.requests.some(({ url }) => url.includes('code_challenge_method=S256'))).toBe(true);
      await host.close();
    },
  );
});
