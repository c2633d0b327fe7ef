import 'reflect-metadata';
import { createGuard } from '@entra-guard/core';
import { type AssertionSigner, assertionSigner } from '@entra-guard/core/assertion';
import {
  Auth,
  type AuthContext,
  EntraGuardModule,
  OptionalAuth,
  Public,
  RequireScopes,
  RequireUserRoles,
} from '@entra-guard/nestjs';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Controller, Get } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, bootFailure, platforms, serve } from './platforms.js';

const issuer = 'https://gate.contoso.example';
const to = { audience: 'orders', rule: '/orders/**' };
let entra: InProcessEntra;
let signer: AssertionSigner;
let signed: (...claims: Parameters<InProcessEntra['user']>) => Promise<Record<string, string>>;

beforeAll(async () => {
  entra = await startEntra();
  signer = assertionSigner({ issuer });
  const front = createGuard({ ...entra.options(), log: false });
  signed = async (...claims) => {
    const auth = await front.authenticate(entra.user(...claims));
    return { 'x-entra-assertion': signer.sign(auth, to) };
  };
});

@Controller('orders')
class OrdersController {
  @Get() @RequireScopes('Read') list(@Auth() auth: AuthContext): object {
    return { for: auth.subjectKey };
  }
  @Get('admin') @RequireScopes('Read') @RequireUserRoles('Admin') admin(): object {
    return {};
  }
  @Get('health') @Public() health(): object {
    return { status: 'ok' };
  }
  @Get('prices') @OptionalAuth() prices(@Auth() auth?: AuthContext): object {
    return { discount: auth !== undefined };
  }
}

const metadata = () => ({
  imports: [
    EntraGuardModule.forRoot({
      assertion: { issuer, audience: 'orders', keys: signer.jwks.keys as never },
      log: false,
    }),
  ],
  controllers: [OrdersController],
});

describe.each(platforms)('behind a service that signs who called, on %s', (platform) => {
  it('handlers see the caller, and requirements hold', async () => {
    const { origin } = await serve(platform, metadata());
    const headers = await signed('ada', { scp: 'Read' });
    const { subjectKey } = await createGuard({ ...entra.options(), log: false }).authenticate(
      entra.user('ada'),
    );
    expect((await ask(`${origin}/orders`, { headers })).body).toEqual({ for: subjectKey });
    expect((await ask(`${origin}/orders/admin`, { headers })).status).toBe(403);
    expect((await ask(`${origin}/orders/prices`, { headers })).body).toEqual({ discount: true });
  });

  it('no handler is reached without an assertion, not even an open one', async () => {
    const { origin } = await serve(platform, metadata());
    const { headers } = entra.user('ada', { scp: 'Read', roles: ['Admin'] });
    for (const path of ['', '/admin', '/health', '/prices']) {
      expect((await ask(`${origin}/orders${path}`)).status, path).toBe(401);
      expect((await ask(`${origin}/orders${path}`, { headers })).status, path).toBe(401);
    }
  });

  it('open handlers are reached with one that names no caller, and others are not', async () => {
    const { origin } = await serve(platform, metadata());
    const headers = { 'x-entra-assertion': signer.sign(undefined, to) };
    expect((await ask(`${origin}/orders/health`, { headers })).status).toBe(200);
    expect((await ask(`${origin}/orders/prices`, { headers })).body).toEqual({ discount: false });
    expect((await ask(`${origin}/orders`, { headers })).status).toBe(401);
  });
});

it('an authority next to it does not start', async () => {
  const both = { ...entra.options(), assertion: { issuer, audience: 'orders', keys: signer.jwks.keys } };
  expect(
    String(
      await bootFailure({
        imports: [EntraGuardModule.forRoot(both as never)],
        controllers: [OrdersController],
      }),
    ),
  ).toContain('next to assertion');
});
