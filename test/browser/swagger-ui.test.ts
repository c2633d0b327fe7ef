import 'reflect-metadata';
import { EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import { createGuardedDocument } from '@entra-guard/nestjs/swagger';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needsChromium, startChromium, withoutChromium } from './chromium.js';

@Controller('orders')
class OrdersController {
  @Get()
  @RequireScopes('Orders.Read')
  list(): object {
    return [{ item: 'tea' }];
  }
}

describe.skipIf(withoutChromium)(`Swagger UI in Chromium${needsChromium}`, { timeout: 60_000 }, () => {
  let entra: LocalEntra;
  let app: INestApplication;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    entra = await startEntra({
      port: 0,
      apps: { orders: { scopes: ['Orders.Read'] }, 'swagger-ui': {} },
    });
    @Module({
      imports: [EntraGuardModule.forRoot({ ...entra.options('orders'), log: false })],
      controllers: [OrdersController],
    })
    class AppModule {}
    app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false });
    const document = await createGuardedDocument(app, new DocumentBuilder().setTitle('Orders').build());
    SwaggerModule.setup('docs', app, document, {
      swaggerOptions: {
        initOAuth: { clientId: entra.clientIdOf('swagger-ui'), usePkceWithAuthorizationCodeGrant: true },
      },
    });
    await app.listen(0, '127.0.0.1');
    browser = await startChromium();
    page = await browser.newPage();
    // With the slash the redirect URI beside the page is Swagger UI's own default.
    await page.goto(`${(await app.getUrl()).replace('127.0.0.1', 'localhost')}/docs/`);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await entra?.close();
  });

  it('"Authorize" signs a user in by authorization code and PKCE, and the call is let in', async () => {
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = page.locator('.auth-container', { hasText: 'authorizationCode' });
    await dialog.getByText('select all').click();
    const popup = page.waitForEvent('popup');
    await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
    await (await popup).waitForEvent('close');
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
  });
});
