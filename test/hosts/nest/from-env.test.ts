import 'reflect-metadata';
import {
  Auth,
  type AuthContext,
  anonymous,
  ENTRA_GUARD_OPTIONS,
  EntraGuardModule,
  type EnvironmentOverrides,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { adapterOf, ask, bootFailure, moduleOf, serve } from './platforms.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  for (const name of ['TENANT_ID', 'CLIENT_ID']) {
    vi.stubEnv(`ENTRA_GUARD_${name}`, undefined);
    vi.stubEnv(`AZURE_${name}`, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Read') list(@Auth() auth: AuthContext): object {
    return { kind: auth.kind };
  }
  @Get('plain') plain(): object {
    return {};
  }
}

@Controller('metrics')
class MetricsController {
  @Get() index(): object {
    return {};
  }
}

const metadata = (overrides?: EnvironmentOverrides) => ({
  imports: [EntraGuardModule.fromEnv(overrides)],
  controllers: [OrdersController, MetricsController],
});

function set(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(`ENTRA_GUARD_${name}`, value);
}

it.each([
  ['a tenant', 'TENANT_ID', () => entra.options().tenantId],
  ['an authority', 'AUTHORITY', () => `https://login.microsoftonline.com/${entra.options().tenantId}/v2.0`],
])(
  'EntraGuardModule.fromEnv() reads %s when the application starts, and takes overrides',
  async (_, name, value) => {
    const declared = metadata({
      fetch: entra.fetch,
      log: false,
      defaultRequirement: scopes('Read'),
      handlers: [[MetricsController, anonymous().because('scraped inside the cluster')]],
      recheckEvery: '5m',
    });
    // Only now, as a .env file that is read after the import.
    set({ [name]: value(), CLIENT_ID: entra.options().clientId });
    const { origin } = await serve('express', declared);
    const reader = { headers: entra.user('ada', { scp: 'Read' }).headers };
    expect((await ask(`${origin}/orders`, reader)).body).toEqual({ kind: 'user' });
    expect((await ask(`${origin}/orders/plain`, reader)).status).toBe(200);
    expect((await ask(`${origin}/orders`)).status).toBe(401);
    expect((await ask(`${origin}/metrics`)).status).toBe(200);
  },
);

it('names what is missing, and what contradicts, before anything starts', async () => {
  expect(String(await bootFailure(metadata({ log: false })))).toContain(
    'The environment has no ENTRA_GUARD_TENANT_ID and no ENTRA_GUARD_CLIENT_ID.',
  );
  const { tenantId, clientId } = entra.options();
  set({ TENANT_ID: tenantId, CLIENT_ID: clientId, AUTHORITY: 'https://login.contoso.example/x/v2.0' });
  expect(String(await bootFailure(metadata({ log: false })))).toContain(
    'both ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_AUTHORITY',
  );
  expect(() => EntraGuardModule.fromEnv({ uncovered: 'never' as never })).toThrow(/uncovered is "never"/);
  expect(() => EntraGuardModule.fromEnv([] as never)).toThrow(/given a list instead of options/);
});

it('needs no variables in a test that overrides the options', async () => {
  const testing = await Test.createTestingModule({ imports: [moduleOf(metadata())] })
    .overrideProvider(ENTRA_GUARD_OPTIONS)
    .useValue({ ...entra.options(), log: false })
    .compile();
  const app = testing.createNestApplication(adapterOf('express'), { logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const reader = { headers: entra.user('ada', { scp: 'Read' }).headers };
  expect((await ask(`${await app.getUrl()}/orders`, reader)).status).toBe(200);
});
