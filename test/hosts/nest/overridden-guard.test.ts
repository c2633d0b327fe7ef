import 'reflect-metadata';
import { Auth, AuthContext, EntraGuard, EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it, onTestFinished } from 'vitest';

@Controller('orders')
class OrdersController {
  @Get()
  @RequireScopes('Read')
  list() {}
}

@Controller('own')
@UseGuards(EntraGuard)
class OwnGuardController {
  @Get()
  @RequireScopes('Read')
  list() {}

  @Get('caller')
  @RequireScopes('Read')
  caller(@Auth() _auth: AuthContext) {}
}

/** What callers without a token get, where a test says `overrideGuard(EntraGuard)`. */
async function statuses(settings: { readonly installGuard?: false }): Promise<Record<string, number>> {
  const entra = await startEntra();
  const imports = [EntraGuardModule.forRoot({ log: false, ...entra.options(), ...settings })];
  const controllers = [OrdersController, OwnGuardController];
  const testing = await Test.createTestingModule({ imports, controllers })
    .overrideGuard(EntraGuard)
    .useValue({ canActivate: () => true })
    .compile();
  const app = testing.createNestApplication({ logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const found: Record<string, number> = {};
  for (const path of ['orders', 'own', 'own/caller']) {
    found[path] = (await fetch(`${await app.getUrl()}/${path}`)).status;
  }
  return found;
}

it('overrideGuard(EntraGuard) leaves the guard of the module where it is', async () => {
  expect(await statuses({})).toEqual({ orders: 401, own: 401, 'own/caller': 401 });
});

it('overrideGuard(EntraGuard) takes away what @UseGuards brings, and nothing that a declaration brings', async () => {
  expect(await statuses({ installGuard: false })).toEqual({ orders: 401, own: 200, 'own/caller': 500 });
});
