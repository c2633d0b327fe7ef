import type { RequestListener } from 'node:http';
import { type DecisionEvent, entraGuard, onEvent, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { get } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
let guard: ReturnType<typeof entraGuard>;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
  guard = entraGuard(guardOptions(entra));
});
afterAll(() => entra.close());

const handler: RequestHandler = (_req, res) => void res.json('here');
const read = () => guard.require(scopes('Orders.Read'));

/** What decisions are called that are made about requests to these paths. */
async function namesOf(app: RequestListener, ...paths: readonly string[]) {
  const names: unknown[] = [];
  const stop = onEvent(({ handler: name }: DecisionEvent) => names.push(name), { types: ['decision'] });
  try {
    for (const path of paths) await call(app, get(path));
  } finally {
    stop();
  }
  return names;
}

const ADA = 'ada%40contoso.example';
const BOB = 'bob%40contoso.example';

describe.each(majors)('the name of a decision on %s', (_, express) => {
  const ordersRouter = () => express.Router().get('/orders/:id', read(), handler);

  it('has the parameter of a mount path, and not what the caller wrote there', async () => {
    const app = express().use('/customers/:email', ordersRouter());
    const names = await namesOf(app, `/customers/${ADA}/orders/1`, `/CUSTOMERS/${BOB}/orders/2`);
    expect(names).toEqual(['GET /customers/:email/orders/:id', 'GET /customers/:email/orders/:id']);
  });

  it('has it for guards that are mounted there, alone or in a router', async () => {
    const inner = express.Router().use(read(), handler);
    const app = express().use('/customers/:email', read()).use('/orders/:id', inner);
    expect(await namesOf(app, `/customers/${ADA}/x`, `/orders/${ADA}`)).toEqual([
      'GET /customers/:email/*',
      'GET /orders/:id/*',
    ]);
  });

  it('has it for guard.authenticate()', async () => {
    const app = express().use('/customers/:email', guard.authenticate(), handler);
    expect(await namesOf(app, `/customers/${ADA}`)).toEqual(['GET /customers/:email/*']);
  });

  it('has all of them through nested routers and applications', async () => {
    const customer = express().use('/years/:year', ordersRouter());
    const tenant = express.Router().use('/customers', express.Router().use('/:email', ordersRouter()));
    const app = express().use('/tenants/:tenant', tenant).use(['/a/:first', '/b/:second'], customer);
    expect(
      await namesOf(
        app,
        `/tenants/contoso/customers/${ADA}/orders/1`,
        `/a/${ADA}/years/2026/orders/1`,
        `/b/${BOB}/years/2026/orders/1`,
      ),
    ).toEqual([
      'GET /tenants/:tenant/customers/:email/orders/:id',
      'GET /a/:first/years/:year/orders/:id',
      'GET /b/:second/years/:year/orders/:id',
    ]);
  });

  it('prefers what is written out', async () => {
    const app = express().use('/:email', ordersRouter()).use('/customers', ordersRouter());
    expect(await namesOf(app, '/customers/orders/1', `/${ADA}/orders/1`)).toEqual([
      'GET /customers/orders/:id',
      'GET /:email/orders/:id',
    ]);
  });

  it('says so where the mount path is a pattern, or unknown', async () => {
    const app = express().use(/^\/customers\/[^/]+/, ordersRouter());
    expect(await namesOf(app, `/customers/${ADA}/orders/1`)).toEqual(['GET (mounted router)/orders/:id']);
    const alone = express.Router().use('/customers/:email', ordersRouter());
    const server = ((req, res) => alone(req, res, () => res.end())) as RequestHandler;
    expect(await namesOf(server as unknown as RequestListener, `/customers/${ADA}/orders/1`)).toEqual([
      'GET (mounted router)/orders/:id',
    ]);
  });

  it('knows routers that are mounted after the first request', async () => {
    const app = express().use('/customers/:email', ordersRouter());
    await namesOf(app, `/customers/${ADA}/orders/1`);
    app.use('/partners/:email', ordersRouter());
    expect(await namesOf(app, `/partners/${ADA}/orders/1`)).toEqual(['GET /partners/:email/orders/:id']);
  });

  it('is one, whatever callers write', async () => {
    const app = express()
      .use('/customers/:email', ordersRouter())
      .use(/^\/x\/[^/]+/, ordersRouter());
    const names = await namesOf(
      app,
      ...Array.from({ length: 20 }, (_n, index) => [
        `/customers/${index}/orders/1`,
        `/x/${index}/orders/1`,
      ]).flat(),
    );
    expect(new Set(names).size).toBe(2);
    expect(names).toHaveLength(40);
  });
});
