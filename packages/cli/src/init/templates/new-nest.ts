import { nestGuardTemplate } from './nest-guard.js';
import { FIRST_SCOPE } from './scope.js';

/** The code of a new NestJS service, from each path to its text. */
export const NEW_NEST: Readonly<Record<string, string>> = {
  'src/entra-guard.ts': nestGuardTemplate('.js'),
  'src/app.controller.ts': `import { Auth, AuthContext, Public } from '@entra-guard/nestjs';
import { Controller, Get } from '@nestjs/common';

@Controller()
export class AppController {
  @Get('health')
  @Public()
  health() {
    return { ok: true };
  }

  /** Declares nothing, so it requires what every handler does: see entra-guard.ts. */
  @Get('me')
  me(@Auth() auth: AuthContext) {
    return { objectId: auth.objectId };
  }
}
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';
import { AppController } from './app.controller.js';
import { entraGuard } from './entra-guard.js';

@Module({ imports: [entraGuard], controllers: [AppController] })
export class AppModule {}
`,
  'src/main.ts': `import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
await app.listen(process.env.PORT ?? 3000);
`,
  'src/app.spec.ts': `import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRA_GUARD_OPTIONS } from '@entra-guard/nestjs';
import { startEntra } from '@entra-guard/testing';
import { Test } from '@nestjs/testing';
import { AppModule } from './app.module.js';

test('only callers with the scope ${FIRST_SCOPE} see who they are', async () => {
  // A local Entra: real signatures, through the validator that runs in production.
  const entra = await startEntra();
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(ENTRA_GUARD_OPTIONS)
    .useValue(entra.options())
    .compile();
  const app = testing.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  const origin = await app.getUrl();
  const ask = (path: string, headers: Record<string, string> = {}) => fetch(origin + path, { headers });
  try {
    assert.equal((await ask('/health')).status, 200);
    assert.equal((await ask('/me')).status, 401);
    assert.equal((await ask('/me', entra.wrong.expired().headers)).status, 401);
    assert.equal((await ask('/me', entra.user('ada', { scp: 'Other.Scope' }).headers)).status, 403);
    const answer = await ask('/me', entra.user('ada', { scp: '${FIRST_SCOPE}' }).headers);
    assert.deepEqual(await answer.json(), { objectId: entra.objectIdOf('ada') });
  } finally {
    await app.close();
    await entra.close();
  }
});
`,
};
