import 'reflect-metadata';
import {
  Auth,
  AuthContext,
  authorize,
  EntraGuardModule,
  OptionalAuth,
  RequireScopes,
  scopes,
} from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import {
  type ArgumentMetadata,
  ClassSerializerInterceptor,
  Controller,
  Get,
  type INestApplication,
  Param,
  type PipeTransform,
  UseInterceptors,
  ValidationPipe,
  type ValidationPipeOptions,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { ask, platforms, serve } from './platforms.js';

const read = scopes('Read');

@Controller('orders')
@RequireScopes('Read')
class OrdersController {
  @Get('decided')
  async decided(@Auth() auth: AuthContext) {
    await authorize(read, auth);
    return { scopes: auth.scopes.toArray(), mine: auth.scopes.has('Read'), real: AuthContext.is(auth) };
  }

  @Get(':id/decided')
  async one(
    @Param('id') id: string,
    @Auth() auth: AuthContext,
    @Auth({ optional: true }) again?: AuthContext,
  ) {
    await authorize(read, auth);
    return { id, same: auth === again };
  }

  @Get('open')
  @OptionalAuth()
  open(@Auth({ optional: true }) auth?: AuthContext) {
    return { kind: auth?.kind ?? null };
  }

  @Get('caller')
  caller(@Auth() auth: AuthContext) {
    return auth;
  }

  @Get('serialized')
  @UseInterceptors(ClassSerializerInterceptor)
  serialized(@Auth() auth: AuthContext) {
    return auth;
  }

  @Get('nested')
  @UseInterceptors(ClassSerializerInterceptor)
  nested(@Auth() auth: AuthContext) {
    return { by: { scopes: auth.scopes, roles: auth.roles, groups: auth.groups } };
  }
}

class BasesController {
  async inherited(auth: AuthContext) {
    await authorize(read, auth);
    return { real: AuthContext.is(auth) };
  }
}

@Controller('inheriting')
class InheritingController extends BasesController {
  @Get()
  @RequireScopes('Read')
  override inherited(@Auth() auth: AuthContext) {
    return super.inherited(auth);
  }
}

const entra = await startEntra();
const ada = { headers: entra.user('ada', { scp: 'Read Write', roles: ['Admin'], groups: ['g1'] }).headers };
const copy = { scopes: ['Read', 'Write'], roles: ['Admin'], groups: ['g1'] };

describe.each(platforms)('a caller in handlers on %s', (platform) => {
  async function start(prepare: (app: INestApplication) => void): Promise<string> {
    const imports = [EntraGuardModule.forRoot({ log: false, ...entra.options() })];
    const controllers = [OrdersController, InheritingController];
    return (await serve(platform, { imports, controllers }, prepare)).origin;
  }

  it.each<[string, ValidationPipeOptions]>([
    ['validateCustomDecorators', {}],
    ['transform', { transform: true }],
    ['whitelist', { whitelist: true }],
    ['forbidNonWhitelisted', { whitelist: true, forbidNonWhitelisted: true, transform: true }],
    ['forbidUnknownValues', { forbidUnknownValues: true }],
  ])('is the very caller under a ValidationPipe of custom decorators: %s', async (_, options) => {
    const pipe = new ValidationPipe({ validateCustomDecorators: true, ...options });
    const origin = await start((app) => app.useGlobalPipes(pipe));
    const decided = { scopes: ['Read', 'Write'], mine: true, real: true };
    expect(await ask(`${origin}/orders/decided`, ada)).toMatchObject({ status: 200, body: decided });
    expect(await ask(`${origin}/orders/7/decided`, ada)).toMatchObject({
      status: 200,
      body: { id: '7', same: true },
    });
    expect(await ask(`${origin}/orders/open`, ada)).toMatchObject({ status: 200, body: { kind: 'user' } });
    expect(await ask(`${origin}/orders/open`)).toMatchObject({ status: 200, body: { kind: null } });
    expect(await ask(`${origin}/orders/caller`, ada)).toMatchObject({ status: 200, body: copy });
    expect(await ask(`${origin}/inheriting`, ada)).toMatchObject({ status: 200, body: { real: true } });
    expect((await ask(`${origin}/orders/decided`)).status).toBe(401);
  });

  it('is written with arrays by a ClassSerializerInterceptor', async () => {
    const origin = await start((app) =>
      app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector))),
    );
    for (const path of ['caller', 'serialized']) {
      expect(await ask(`${origin}/orders/${path}`, ada)).toMatchObject({ status: 200, body: copy });
    }
    expect(await ask(`${origin}/orders/nested`, ada)).toMatchObject({ status: 200, body: { by: copy } });
  });

  it('is handed to pipes of the application as it is, without a class to make another of', async () => {
    const seen: [unknown, ArgumentMetadata][] = [];
    const pipe: PipeTransform = {
      transform: (value: unknown, metadata: ArgumentMetadata) => {
        seen.push([value, metadata]);
        return value;
      },
    };
    const origin = await start((app) => app.useGlobalPipes(pipe));
    await ask(`${origin}/orders/7/decided`, ada);
    const kinds = seen.map(([value, { type, metatype }]) => [type, metatype, AuthContext.is(value)]);
    expect(kinds).toHaveLength(3);
    expect(kinds).toContainEqual(['param', String, false]);
    expect(kinds.filter(([type]) => type === 'custom')).toEqual([
      ['custom', Object, true],
      ['custom', Object, true],
    ]);
  });
});
