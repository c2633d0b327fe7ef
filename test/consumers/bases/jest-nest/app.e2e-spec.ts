import 'reflect-metadata';
import { ENTRA_GUARD_OPTIONS } from '@entra-guard/nestjs';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { AppModule } from './app.module';

let entra: LocalEntra;
let app: INestApplication;

beforeAll(async () => {
  entra = await startEntra();
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(ENTRA_GUARD_OPTIONS)
    .useValue(entra.options())
    .compile();
  app = module.createNestApplication({ logger: ['error'] });
  await app.init();
});

afterAll(async () => {
  await app.close();
  await entra.close();
});

test('a caller without a token is asked for one', async () => {
  const response = await request(app.getHttpServer()).get('/orders').expect(401);
  expect(response.headers['www-authenticate']).toMatch(/^Bearer /);
});

test('a user without the scope is refused', () =>
  request(app.getHttpServer())
    .get('/orders')
    .set(entra.user('ada', { scp: 'Orders.Write' }).headers)
    .expect(403));

test('a user with the scope is let in', async () => {
  const { headers, claims } = entra.user('ada', { scp: 'Orders.Read' });
  await request(app.getHttpServer()).get('/orders').set(headers).expect(200, { caller: claims.oid });
});

test('what is public is open', () => request(app.getHttpServer()).get('/orders/health').expect(200));
