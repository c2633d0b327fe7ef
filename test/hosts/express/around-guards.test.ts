import { anonymous, entraGuard, handlersIn, scopes } from '@entra-guard/express';
import { createGuardedDocument } from '@entra-guard/express/openapi';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, Express, IRouter, RequestHandler, RequestParamHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { get } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';
import { majors } from './majors.js';
import { undecidedOf } from './undecided.js';

let entra: InProcessEntra;
let guard: ReturnType<typeof entraGuard>;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
  guard = entraGuard(guardOptions(entra));
});
afterAll(() => entra.close());

const handler: RequestHandler = (_req, res) => void res.json('open');
const middleware: RequestHandler = (_req, _res, next) => next();
const read = () => guard.require(scopes('Orders.Read'));
const undecided = (app: object) => undecidedOf(guard, app);
const undecidedInInventory = (app: object) =>
  handlersIn(app)
    .filter(({ access }) => access.kind === 'undecided')
    .map(({ method, path }) => `${method} ${path}`);

describe.each(majors)('what param() was given, on %s', (_, express) => {
  const answers: RequestParamHandler = (_req, res) => void res.json('loaded');
  const why = (name: string) => `(param('${name}') runs before guard.require, and may answer)`;

  it('runs before the guard of the route, and is named', async () => {
    const app = express();
    app.param('id', answers);
    app.get('/orders/:id', read(), handler).get('/orders', read(), handler);
    expect(await call(app, get('/orders/7'))).toMatchObject({ status: 200, body: '"loaded"' });
    expect(undecided(app)).toEqual([`GET /orders/:id ${why('id')}`]);
    expect(undecidedInInventory(app)).toEqual(['GET /orders/:id']);
  });

  it('is fine behind a guard that is mounted before the route', async () => {
    for (const path of ['/', '/orders']) {
      const app = express().use(path, read());
      app.param('id', answers);
      app.get('/orders/:id', handler);
      expect(await call(app, get('/orders/7')), path).toMatchObject({ status: 401 });
      expect(undecided(app), path).toEqual([]);
    }
  });

  it('is fine behind its own guard, or one of the router around it', async () => {
    const app = express();
    app.param('id', read() as unknown as RequestParamHandler);
    app.param('id', answers);
    app.get('/orders/:id', read(), handler);
    expect(await call(app, get('/orders/7'))).toMatchObject({ status: 401 });
    expect(undecided(app)).toEqual([]);
    const orders = express.Router();
    orders.param('id', answers);
    orders.get('/:id', handler);
    expect(undecided(express().use('/orders', read(), orders))).toEqual([]);
  });

  it('is fine on routes that are open anyway, and without a parameter of the name', () => {
    const app = express();
    app.param('id', answers);
    app
      .get('/open/:id', guard.require(anonymous()), handler)
      .get('/optional/:id', guard.authenticate({ optional: true }), handler)
      .get('/orders/:order', read(), handler)
      .get('/id', read(), handler);
    expect(undecided(app)).toEqual([]);
  });

  it('does not run for routes of another router', async () => {
    const orders = express.Router().get('/:id', read(), handler);
    const app = express();
    app.param('id', answers);
    app.use('/orders', orders);
    expect(await call(app, get('/orders/7'))).toMatchObject({ status: 401 });
    expect(undecided(app)).toEqual([]);
  });

  it('does not make an unguarded route another one', () => {
    const app = express();
    app.param('id', answers);
    app.get('/orders/:id', handler);
    expect(undecided(app)).toEqual(['GET /orders/:id']);
  });

  it('runs before a guard that is mounted at the parameter', async () => {
    const app = express();
    app.param('tenant', answers);
    app.use('/:tenant', read());
    app.get('/:tenant/orders', handler).get('/contoso/users', read(), handler).get('/', read(), handler);
    expect(await call(app, get('/contoso/orders'))).toMatchObject({ body: '"loaded"' });
    expect(await call(app, get('/contoso/users'))).toMatchObject({ body: '"loaded"' });
    expect(undecided(app)).toEqual([
      `GET /:tenant/orders ${why('tenant')}`,
      `GET /contoso/users ${why('tenant')}`,
    ]);
  });

  it('of a mount path runs for requests that a guard in front has refused, where refusals are passed on', async () => {
    const passing = entraGuard({ ...guardOptions(entra), passErrors: true });
    const build = (guards: RequestHandler, tenant: RequestParamHandler): Express => {
      const app = express().use(guards);
      app.param('tenant', tenant);
      app.param('tenant', answers);
      return app.use('/:tenant', express.Router().get('/orders', handler)).get('/', handler);
    };
    const reading = passing.require(scopes('Orders.Read'));
    const loaded = build(reading, (_req, _res, next) => next());
    expect(await call(loaded, get('/contoso/orders'))).toMatchObject({ status: 200, body: '"loaded"' });
    expect(undecided(loaded)).toEqual([`GET /:tenant/orders ${why('tenant')}`]);
    const guarded = build(reading, reading as unknown as RequestParamHandler);
    expect(await call(guarded, get('/contoso/orders'))).not.toMatchObject({ status: 200 });
    expect(undecided(guarded)).toEqual([]);
    const around = express()
      .set('env', 'test')
      .use(
        reading,
        build(middleware, (_req, _res, next) => next()),
      );
    expect(await call(around, get('/contoso/orders'))).toMatchObject({ status: 401 });
  });

  it('runs before what is in a router or an application that is mounted at the parameter', async () => {
    const inside = (made: IRouter): IRouter => made.use(read()).get('/orders', handler);
    const open = express.Router().get('/help', guard.require(anonymous()), handler);
    const inner = express().get('/orders', read(), handler);
    for (const [mounted, line] of [
      [inside(express.Router()), 'GET /:tenant/orders'],
      [inner, 'ALL /:tenant/*'],
      [open, undefined],
    ] as const) {
      const app = express();
      app.param('tenant', answers);
      app.use('/:tenant', mounted);
      if (mounted === inner) guard.assertAllGuarded(inner);
      expect(await call(app, get('/contoso/orders'))).toMatchObject({ body: '"loaded"' });
      expect(undecided(app)).toEqual(line === undefined ? [] : [`${line} ${why('tenant')}`]);
    }
  });

  it('is seen for every way to name a parameter', async () => {
    const cases =
      express === majors[0]?.[1]
        ? [
            ['/a/:id(\\d+)', 'id'],
            ['/a/:id?', 'id'],
            ['/a/*', '0'],
            [/^\/a\/(\d)/, '0'],
            [['/b', '/a/:id'], 'id'],
          ]
        : [
            ['/a/*id', 'id'],
            ['/a{/:id}', 'id'],
            ['/a/:"id"', 'id'],
            [/^\/a\/(?<id>\d)/, 'id'],
            [['/b', '/a/:id'], 'id'],
          ];
    for (const [path, name] of cases as unknown as readonly (readonly [string, string])[]) {
      const app = express();
      app.param(name, answers);
      app.get(path, read(), handler);
      expect(await call(app, get('/a/7')), String(path)).toMatchObject({ body: '"loaded"' });
      expect(undecided(app).at(-1), String(path)).toContain(why(name));
    }
  });
});

describe.each(majors)('an error handler on %s', (_, express) => {
  const forgiving: ErrorRequestHandler = (_error, _req, _res, next) => next();
  const failing: RequestHandler = (req, _res, next) =>
    next(req.query.fail === undefined ? undefined : new Error());
  const why =
    '(an error handler stands between guard.require and it: where that calls next(), a request that fails before the guard goes past it)';

  it('behind a mounted guard lets who forces an error past it, and is named', async () => {
    const app = express().use(failing, read(), forgiving).get('/orders', handler);
    expect(await call(app, get('/orders'))).toMatchObject({ status: 401 });
    expect(await call(app, get('/orders?fail'))).toMatchObject({ status: 200 });
    expect(undecided(app)).toEqual([`GET /orders ${why}`]);
    expect(undecidedInInventory(app)).toEqual(['GET /orders']);
  });

  it('is found where guard, handler and router are mounted at paths', async () => {
    const orders = express.Router().get('/', handler);
    const app = express().use('/orders', failing, read(), forgiving, orders);
    expect(await call(app, get('/orders?fail'))).toMatchObject({ status: 200 });
    expect(undecided(app)).toEqual([`GET /orders ${why}`]);
  });

  it('does no harm behind the last route, before the guard, elsewhere, or before a guard of the route itself', async () => {
    const last = express().use(failing, read()).get('/orders', handler).use(forgiving);
    const first = express().use(failing, forgiving, read()).get('/orders', handler);
    const elsewhere = express().use(failing, read()).use('/users', forgiving).get('/orders', handler);
    const own = express().use(failing, forgiving).get('/orders', read(), handler);
    const again = express().use(failing, read(), forgiving, read()).get('/orders', handler);
    const around = express.Router().use(failing, forgiving).get('/orders', handler);
    const apps: readonly Express[] = [last, first, elsewhere, own, again, express().use(read(), around)];
    for (const app of apps) {
      expect(await call(app, get('/orders?fail'))).not.toMatchObject({ status: 200 });
      expect(undecided(app)).toEqual([]);
    }
  });

  it('in a route, between the guard and a handler, is named', async () => {
    const passing = entraGuard({ ...guardOptions(entra), passErrors: true });
    const app = express()
      .get('/orders', passing.require(scopes('Orders.Read')), forgiving, handler)
      .get('/users', passing.require(scopes('Orders.Read')), handler, forgiving);
    expect(await call(app, get('/orders'))).toMatchObject({ status: 200 });
    expect(await call(app, get('/users'))).not.toMatchObject({ status: 200 });
    expect(undecided(app)).toEqual([
      'GET /orders (an error handler stands between guard.require and a handler: where that calls next(), a request that fails in the guard goes past it)',
    ]);
  });

  it('that Express never calls does no harm', async () => {
    const never = (_a: unknown, _b: unknown, _c: unknown, _d: unknown, next: () => void) => next();
    const app = express()
      .use(failing, read(), never as unknown as RequestHandler)
      .get('/orders', handler);
    expect(await call(app, get('/orders?fail'))).toMatchObject({ status: 500 });
    expect(undecided(app)).toEqual([]);
  });

  it('makes the OpenAPI document say no more than assertAllGuarded', async () => {
    const app = express().use(failing, read(), forgiving).get('/orders', handler);
    const { paths } = await createGuardedDocument(
      app,
      guard,
      { openapi: '3.1.0', info: { title: 'Orders', version: '1' } },
      { log: false },
    );
    expect(Object.keys(paths)).toEqual(['/orders']);
    expect(JSON.stringify(paths)).not.toContain('Orders.Read');
  });
});

describe.each(majors)('a rewritten URL on %s', (_, express) => {
  const rewriting: RequestHandler = (req, _res, next) => {
    if (req.url === '/public/users') req.url = '/admin/users';
    next();
  };

  it('leads past a guard that is mounted before, which nothing can see from outside', async () => {
    const app = express().use('/admin', read()).use(rewriting).get('/admin/users', handler);
    expect(await call(app, get('/admin/users'))).toMatchObject({ status: 401 });
    expect(await call(app, get('/public/users'))).toMatchObject({ status: 200 });
    expect(undecided(app)).toEqual([]);
  });

  it('does not lead past one that is mounted behind, nor past that of the route, as the guide says', async () => {
    const behind = express().use(rewriting).use('/admin', read()).get('/admin/users', handler);
    const own = express().use(rewriting).get('/admin/users', read(), handler);
    for (const app of [behind, own]) {
      expect(await call(app, get('/public/users'))).toMatchObject({ status: 401 });
    }
  });
});
