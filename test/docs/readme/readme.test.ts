import 'reflect-metadata';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type InProcessEntra, type IssuedToken, startEntra } from '@entra-guard/testing';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { blocksOf, fileOf } from './page.js';
import { app, clientId, tenantId } from './your-own.js';

let entra: InProcessEntra;
const network = globalThis.fetch;
beforeAll(async () => {
  entra = await startEntra({ apps: { orders: {} } });
  // The quick starts trust the real addresses of Entra, which the local one answers here.
  vi.stubGlobal('fetch', entra.fetch);
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await entra.close();
});

const reader = () => entra.user('ada', { scp: 'Orders.Read' });
const writer = () => entra.user('ada', { scp: 'Orders.Write' });
const admin = () => entra.user('ada', { scp: 'Orders.Write', roles: ['Orders.Admin'] });
const job = () => entra.app('nightly-job', { roles: ['Orders.Write.All'] });

async function status(url: string, method = 'GET', token?: IssuedToken): Promise<number> {
  const answer = await network(url, { method, headers: { ...token?.headers } });
  await answer.arrayBuffer();
  return answer.status;
}

it('the quick starts know the tenant and the API', () => {
  expect(entra.options('orders')).toMatchObject({ tenantId, clientId });
});

it('README.md has at most 150 lines', () => {
  expect(fileOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

it.each([
  ['quick-start-express', 'README.md'],
  ['quick-start-nestjs', 'README.md'],
  ['guide-nestjs', 'packages/nestjs/README.md'],
])('%s is shown in %s as it is run here', (name, page) => {
  const lines = fileOf(`test/docs/readme/${name}.ts`).split('\n');
  const shown = lines.filter((line) => !line.endsWith("from './your-own.js';")).join('\n');
  expect(blocksOf(page, 'ts')).toContain(shown);
});

describe('the Express quick start', () => {
  let server: Server;
  let orders: string;
  beforeAll(async () => {
    await import('./quick-start-express.js');
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    orders = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
  });
  afterAll(() => void server.close());

  it('lists for users with the scope, and tells the handler who it is', async () => {
    const answer = await network(orders, { headers: reader().headers });
    expect(await answer.json()).toEqual([{ owner: entra.objectIdOf('ada') }]);
    expect(await status(orders)).toBe(401);
    expect(await status(orders, 'GET', writer())).toBe(403);
    expect(await status(orders, 'GET', entra.app('nightly-job', { roles: ['Orders.Read'] }))).toBe(403);
    expect(await status(orders, 'GET', entra.wrong.expired())).toBe(401);
  });

  it('creates for users with the scope and for apps with the permission', async () => {
    expect(await status(orders, 'POST', writer())).toBe(201);
    expect(await status(orders, 'POST', job())).toBe(201);
    expect(await status(orders, 'POST', reader())).toBe(403);
  });
});

async function startNest(AppModule: object): Promise<string> {
  const nest = await NestFactory.create(AppModule, { logger: false });
  onTestFinished(() => nest.close());
  await nest.listen(0, '127.0.0.1');
  return `${await nest.getUrl()}/orders`;
}

describe('the NestJS quick start', () => {
  it('lists for users with the scope, and tells the handler who it is', { timeout: 20_000 }, async () => {
    const { AppModule } = await import('./quick-start-nestjs.js');
    const orders = await startNest(AppModule);
    const answer = await network(orders, { headers: reader().headers });
    expect(await answer.json()).toEqual({ listFor: entra.objectIdOf('ada') });
    expect(await status(orders)).toBe(401);
    expect(await status(orders, 'GET', writer())).toBe(403);
    expect(await status(orders, 'GET', entra.wrong.expired())).toBe(401);
  });
});

describe('the first application of the NestJS guide', () => {
  it('requires what its decorators say', { timeout: 20_000 }, async () => {
    const { AppModule } = await import('./guide-nestjs.js');
    const orders = await startNest(AppModule);
    const answer = await network(orders, { headers: reader().headers });
    expect(await answer.json()).toEqual({ listFor: entra.objectIdOf('ada') });
    expect(await status(orders)).toBe(401);
    expect(await status(orders, 'POST', writer())).toBe(201);
    expect(await status(orders, 'POST', job())).toBe(201);
    expect(await status(orders, 'POST', reader())).toBe(403);
    expect(await status(`${orders}/1`, 'DELETE', writer())).toBe(403);
    expect(await status(`${orders}/1`, 'DELETE', admin())).toBe(200);
    expect(await status(`${orders}/health`)).toBe(200);
  });
});
