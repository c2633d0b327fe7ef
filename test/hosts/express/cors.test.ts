import { anonymous, entraGuard, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import cors from 'cors';
import type { Express, RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { bearer, get, type HeaderPair } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());

const portal: HeaderPair = ['Origin', 'https://portal.contoso.example'];
const preflight = {
  method: 'OPTIONS',
  path: '/orders',
  headers: [
    portal,
    ['Access-Control-Request-Method', 'GET'],
    ['Access-Control-Request-Headers', 'authorization'],
  ],
} as const;

describe.each(majors)('cors() before the guard on %s', (_, express) => {
  const createApp = (): Express => {
    const guard = entraGuard(guardOptions(entra));
    const app = express();
    app.use(cors({ origin: portal[1], exposedHeaders: ['WWW-Authenticate'] }));
    app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => void res.json(req.auth.kind));
    guard.assertAllGuarded(app);
    return app;
  };

  it('answers a preflight, which never carries a token', async () => {
    const { status, headers } = await call(createApp(), preflight);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toEqual([portal[1]]);
    expect(headers.get('access-control-allow-headers')).toEqual(['authorization']);
  });

  it('lets browsers read the challenge of a refusal', async () => {
    const { status, headers } = await call(createApp(), get('/orders', portal));
    expect(status).toBe(401);
    expect(headers.get('access-control-allow-origin')).toEqual([portal[1]]);
    expect(headers.get('access-control-expose-headers')).toEqual(['WWW-Authenticate']);
    expect(headers.get('www-authenticate')).toHaveLength(1);
  });

  it('lets browsers read the answer', async () => {
    const token = bearer(entra.user('ada', { scp: 'Orders.Read' }));
    const { status, headers } = await call(createApp(), get('/orders', portal, token));
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toEqual([portal[1]]);
  });
});

describe.each(majors)('cors() in a route for OPTIONS on %s', (major, express) => {
  const path = major === 'Express 4' ? '*' : '/{*splat}';
  const policy = cors({ origin: portal[1] }) as RequestHandler;

  it('is a route like others: it is named until it is declared open', async () => {
    const guard = entraGuard(guardOptions(entra));
    expect(() => guard.assertAllGuarded(express().options(path, policy))).toThrow(`OPTIONS ${path}`);
    const declared = express().options(path, guard.require(anonymous().because('preflights')), policy);
    expect(() => guard.assertAllGuarded(declared)).not.toThrow();
    const { status, headers } = await call(declared, preflight);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, [portal[1]]]);
  });
});

describe.each(majors)('without cors() on %s', (_, express) => {
  it('a preflight of a guarded mount is refused as any request is: the guard has no rule for it', async () => {
    const guard = entraGuard(guardOptions(entra));
    const app = express().use(guard.require(scopes('Orders.Read')));
    expect(await call(app, preflight)).toMatchObject({ status: 401 });
  });
});
