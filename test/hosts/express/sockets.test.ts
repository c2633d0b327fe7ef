import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { authOf, entraGuard, type Middleware, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, Express } from 'express5';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';

const agents = createRequire(new URL('../agents/package.json', import.meta.url));

/** An application to which express-ws has added `ws`. */
type SocketApp = Express & {
  ws(path: string, ...handlers: (Middleware | ((ws: WebSocket, request: never) => void))[]): void;
};

let entra: InProcessEntra;
let server: Server | undefined;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

function newApp(name: string): SocketApp {
  const express = agents(name) as () => Express;
  return (agents('express-ws') as (app: Express) => { app: SocketApp })(express()).app;
}

/** What a client sees: the first message, or the code and reason that its connection is closed with. */
async function connect(app: SocketApp, path: string, headers: Readonly<Record<string, string>> = {}) {
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    headers,
  });
  const seen = await new Promise((resolve) => {
    client.on('message', (data) => resolve(String(data)));
    client.on('close', (code, reason) => resolve(`${code} ${reason}`));
    client.on('error', () => {});
  });
  client.terminate();
  return seen;
}

const answer = (ws: WebSocket, request: never) => ws.send(authOf(request)?.kind ?? 'nobody');
const reader = (scp = 'Orders.Read') => entra.user('ada', { scp }).headers;

describe.each(['express', 'express5'])('express-ws on %s', (name) => {
  const guardedApp = (more: { passErrors?: boolean } = {}) => {
    const guard = entraGuard({ ...guardOptions(entra), ...more });
    const app = newApp(name);
    app.ws('/orders', guard.require(scopes('Orders.Read')), answer);
    return { app, guard };
  };

  it('lets in who satisfies the requirement', async () => {
    expect(await connect(guardedApp().app, '/orders', reader())).toBe('user');
  });

  it.each([
    ['nobody', () => ({}), '1008 credentials_missing'],
    ['who may not', () => reader('Orders.Write'), '1008 scope_missing'],
    ['a bad token', () => entra.wrong.expired().headers, '1008 token_expired'],
  ])('closes the connection of %s', async (_who, headers, closed) => {
    expect(await connect(guardedApp().app, '/orders', headers())).toBe(closed);
  });

  it('closes it with 1013 while keys are unavailable', async () => {
    const away = await startEntra({ apps: registrations });
    away.fail('keys', 503);
    away.fail('metadata', 503);
    const app = newApp(name);
    app.ws('/orders', entraGuard(guardOptions(away)).require(scopes('Orders.Read')), answer);
    expect(await connect(app, '/orders', away.user('ada', { scp: 'Orders.Read' }).headers)).toBe(
      '1013 keys_unavailable',
    );
    await away.close();
  });

  it('closes it where refusals are passed on, and tells the error handler', async () => {
    const { app } = guardedApp({ passErrors: true });
    const told: unknown[] = [];
    app.use(((error, _req, _res, next) => {
      told.push(error);
      next(error);
    }) as ErrorRequestHandler);
    expect(await connect(app, '/orders')).toBe('1008 credentials_missing');
    expect(told).toMatchObject([{ code: 'credentials_missing', status: 401 }]);
  });

  it("closes it after a failure that is not the caller's", async () => {
    const { guard } = guardedApp();
    const broken = { ...guard.validator, validate: () => Promise.reject(new TypeError('not ours')) };
    const app = newApp(name);
    app.ws('/orders', entraGuard({ validator: broken }).require(scopes('Orders.Read')), answer);
    expect(await connect(app, '/orders', reader())).toBe('1011 internal_error');
  });

  it('closes it for a guard that is mounted in front, which assertAllGuarded sees', async () => {
    const guard = entraGuard(guardOptions(entra));
    const mounted = () => {
      const app = newApp(name);
      app.use('/orders', guard.require(scopes('Orders.Read')));
      app.ws('/orders', answer);
      return app;
    };
    expect(await connect(mounted(), '/orders')).toMatch(/^1005/);
    expect(await connect(mounted(), '/orders', reader())).toBe('user');
    expect(() => guard.assertAllGuarded(mounted())).not.toThrow();
    expect(() => guard.assertAllGuarded(guardedApp().app)).toThrow('GET /orders/.websocket');
  });
});
