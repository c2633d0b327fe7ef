import 'reflect-metadata';
import { AuthContext } from '@entra-guard/nestjs';
import { ENTRA_GUARD_CORE, provideTestAuth, standInGuard, testAuth } from '@entra-guard/nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import request from 'supertest';
import { AppModule, OrdersController } from './app.module';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
let caller: AuthContext | null;
let app: INestApplication | undefined;

async function serverOf(module: Promise<TestingModule>) {
  app = (await module).createNestApplication({ logger: ['error'] });
  await app.init();
  return app.getHttpServer();
}

beforeEach(() => {
  caller = ada;
});
afterEach(() => app?.close());

test('a handler is called as a function', () => {
  expect(new OrdersController().list(ada)).toEqual({ caller: ada.objectId });
  expect(ada).toBeInstanceOf(AuthContext);
});

test.each<[string, () => Promise<TestingModule>]>([
  [
    'a controller by itself',
    () =>
      Test.createTestingModule({
        controllers: [OrdersController],
        providers: [provideTestAuth(() => caller, { log: false })],
      }).compile(),
  ],
  [
    'the whole application',
    () =>
      Test.createTestingModule({ imports: [AppModule] })
        .overrideProvider(ENTRA_GUARD_CORE)
        .useValue(standInGuard(() => caller, { log: false }))
        .compile(),
  ],
])('%s is judged without a token', async (_, compile) => {
  const server = await serverOf(compile());
  await request(server).get('/orders').expect(200, { caller: ada.objectId });
  caller = testAuth({ kind: 'user', scopes: ['Orders.Write'] });
  await request(server).get('/orders').expect(403);
  caller = null;
  await request(server).get('/orders').expect(401);
  await request(server).get('/orders/health').expect(200);
});
