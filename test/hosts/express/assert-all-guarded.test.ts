import { anonymous, authenticated, entraGuard, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, Express, IRouter, RequestHandler } from 'express5';
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

describe.each(majors)('assertAllGuarded on %s', (major, express) => {
  it('is content with an app without routes', () => {
    expect(undecided(express())).toEqual([]);
    expect(undecided(express().use(middleware))).toEqual([]);
  });

  it('names a route without a guard, with the remedy', () => {
    const app = express().get('/orders', handler);
    expect(() => guard.assertAllGuarded(app)).toThrow(
      /^One route is neither guarded nor declared open:\n {2}GET \/orders\n.*guard\.require\(scopes\(.*guard\.require\(anonymous\(\)\)/s,
    );
  });

  it('names every one of them, in the order of registration', () => {
    const app = express()
      .get('/orders', handler)
      .post('/orders', read(), handler)
      .delete('/orders/:id', handler)
      .get('/', handler);
    expect(undecided(app)).toEqual(['GET /orders', 'DELETE /orders/:id', 'GET /']);
  });

  it('is content with routes that require something or are declared open', () => {
    const app = express()
      .get('/orders', read(), handler)
      .get('/health', guard.require(anonymous()), handler)
      .get('/me', guard.protect(authenticated()), handler);
    expect(undecided(app)).toEqual([]);
  });

  it('knows the middlewares of any other guard', () => {
    const other = entraGuard(guardOptions(entra));
    expect(undecided(express().get('/orders', other.require(scopes('Orders.Read')), handler))).toEqual([]);
  });

  it('takes optional authentication on a route itself for a decision, mounted before it not', () => {
    const optional = guard.authenticate({ optional: true });
    expect(undecided(express().get('/a', optional, handler))).toEqual([]);
    expect(undecided(express().get('/a', handler, optional))).not.toEqual([]);
    expect(undecided(express().use(optional).get('/a', handler))).toEqual(['GET /a']);
  });

  it('does not take authenticate() for a decision, and says so', () => {
    const app = express()
      .get('/a', guard.authenticate(), handler)
      .get('/c', guard.authenticate(), read(), handler)
      .get('/d', handler, guard.authenticate());
    expect(undecided(app)).toEqual(['GET /a (guard.authenticate alone requires nothing)', 'GET /d']);
    expect(undecided(express().use(guard.authenticate()).get('/a', handler))).toEqual(['GET /a']);
  });

  it('does not take a guard behind the handler for one', () => {
    const app = express().get('/a', handler, read()).get('/b', middleware, read(), handler);
    const why = '(guard.require stands behind another handler, which may have answered already)';
    expect(undecided(app)).toEqual([`GET /a ${why}`, `GET /b ${why}`]);
  });

  it('does not take a function that is called like a guard for one', () => {
    const wrapped: RequestHandler = (req, res, next) => read()(req, res, next);
    expect(undecided(express().get('/a', wrapped, handler))).toEqual(['GET /a']);
  });

  it('looks past error handlers in a route', () => {
    const onError: ErrorRequestHandler = (_error, _req, res, _next) => void res.end();
    expect(undecided(express().get('/a', onError, read(), handler))).toEqual([]);
  });

  it('knows instrumented middlewares by the function inside', async () => {
    const app = express().use('/admin', read()).get('/admin/users', handler);
    for (const layer of stackOf(app)) {
      const inner = layer.handle;
      // As OpenTelemetry does it: another function, of another length, which keeps the original.
      const patched = function (this: unknown, ...parameters: Parameters<RequestHandler>) {
        return inner.apply(this, parameters);
      };
      layer.handle = Object.assign(patched, { __original: inner });
    }
    expect(undecided(app)).toEqual([]);
  });

  describe('with several methods', () => {
    it('judges each method of a route by what runs for it', () => {
      const app = express();
      app.route('/a').get(read(), handler).post(handler);
      app.route('/b').all(read()).get(handler).post(handler);
      app.route('/c').get(handler).all(read());
      app.route('/d').get(read()).all(handler);
      app.all('/e', handler);
      app.all('/f', read(), handler);
      expect(undecided(app)).toEqual([
        'POST /a',
        'GET /c (guard.require stands behind another handler, which may have answered already)',
        'ALL /d',
        'ALL /e',
      ]);
    });

    it('has nothing to say of a route without handlers', () => {
      const app = express();
      app.route('/a');
      expect(undecided(app)).toEqual([]);
    });

    it('names each path of a list', () => {
      const app = express().get(['/a', '/b'], handler).get(/^\/c/, handler);
      expect(undecided(app)).toEqual(['GET /a', 'GET /b', 'GET /^\\/c/']);
    });
  });

  describe('with mounted guards', () => {
    it('counts those that stand before, not those that come after', () => {
      const app = express().get('/before', handler).use(read()).get('/after', handler);
      expect(undecided(app)).toEqual(['GET /before']);
    });

    it('counts a guard for the paths below its own, and for those only', () => {
      const app = express()
        .use('/admin', read())
        .get('/admin', handler)
        .get('/admin/users/:id', handler)
        .get('/ADMIN/users', handler)
        .get('/administrators', handler)
        .get('/:section/users', handler)
        .get('/', handler);
      expect(undecided(app)).toEqual(['GET /administrators', 'GET /:section/users', 'GET /']);
    });

    it('counts a guard in front of a router it is mounted with', () => {
      const users = express.Router().get('/users', handler);
      expect(undecided(express().use('/admin', read(), users))).toEqual([]);
      expect(undecided(express().use('/:tenant/admin', read(), users))).toEqual([]);
      expect(undecided(express().use(['/a', '/b'], read(), users))).toEqual([]);
      expect(undecided(express().use(/^\/admin/, read(), users))).toEqual([]);
      expect(undecided(express().use('/admin', users, read()))).toEqual(['GET /admin/users']);
    });

    it('counts a guard on some of the paths of a router for those only', () => {
      const users = express.Router().get('/users', handler);
      const app = express().use('/a', read()).use(['/a', '/b'], users);
      expect(undecided(app)).toEqual(['GET /b/users']);
    });

    it('counts a parameter for any one segment', () => {
      const app = express()
        .use('/:tenant', read())
        .get('/contoso/orders', handler)
        .get('/:organization/orders', handler)
        .get('/', handler);
      expect(undecided(app)).toEqual(['GET /']);
      expect(undecided(express().use('/contoso', read()).get('/:tenant/orders', handler))).toEqual([
        'GET /:tenant/orders',
      ]);
    });

    it('does not take a mounted pattern for the same pattern of a route: a mount begins at the beginning', async () => {
      const app = express()
        .use(/secret/, read())
        .get(/secret/, handler);
      expect(await call(app, get('/top/secret'))).toMatchObject({ status: 200 });
      expect(undecided(app)).toEqual(['GET /secret/']);
    });

    it('does not trust patterns that may take other requests each time', () => {
      const users = express.Router().get('/users', handler);
      expect(undecided(express().use(/^\/admin/g, read(), users))).toHaveLength(1);
    });

    it('tells letter case where the router does', () => {
      const app = express().set('case sensitive routing', true);
      app.use('/Admin', read()).get('/admin/users', handler).get('/Admin/users', handler);
      expect(undecided(app)).toEqual(['GET /admin/users']);
    });

    it('does not take doubled slashes for the root, where Express does not', async () => {
      const app = express().use('//', read()).get('/a', handler).use('/b//', read()).get('/b/c', handler);
      for (const path of ['/a', '/b/c']) {
        expect(await call(app, get(path)), path).toMatchObject({ status: major === 'Express 4' ? 200 : 401 });
      }
      expect(undecided(app)).toEqual(major === 'Express 4' ? ['GET /a', 'GET /b/c'] : []);
    });

    it('does not count a prefix that spans two routers: Express 4 lets a doubled slash past it', async () => {
      const api = express.Router().get('/admin/users', handler);
      const app = express().use('/api/admin', read()).use('/api', api);
      expect(undecided(app)).toEqual(['GET /api/admin/users']);
      expect(await call(app, get('/api/admin/users'))).toMatchObject({ status: 401 });
      expect(await call(app, get('/api//admin/users'))).toMatchObject({
        status: major === 'Express 4' ? 200 : 404,
      });
    });
  });

  describe('with nested routers', () => {
    it('names their routes with the paths they are mounted at', () => {
      const users = express.Router().get('/', handler).get('/:id', handler);
      const admin = express.Router().use('/users', users).get('/', handler).get('/safe', read(), handler);
      const app = express().use('/admin', admin).use(express.Router().get('/top', handler));
      expect(undecided(app)).toEqual(['GET /admin/users', 'GET /admin/users/:id', 'GET /admin', 'GET /top']);
    });

    it('names parameters and lists in mount paths as well as it can', () => {
      const users = express.Router().get('/users', handler);
      expect(undecided(express().use('/tenants/:tenant/x.y', users))).toEqual([
        'GET /tenants/:tenant/x.y/users',
      ]);
      expect(undecided(express().use(['/a', '/b/:tenant'], users))).toEqual([
        'GET /a/users',
        'GET /b/:tenant/users',
      ]);
      expect(undecided(express().use(['/a/:x/:y', '/b/:z'], users))).toEqual([
        'GET /a/:x/:y/users',
        'GET /b/:z/users',
      ]);
    });

    it("does not take a pattern for a parameter that looks like Express's own", () => {
      const app = express()
        .use(/^\/:tenant\/?(?=\/|$)/i, read())
        .get('/x', handler);
      expect(undecided(app)).toEqual(['GET /x']);
    });

    it('counts a guard inside a router for what follows in it, and for nothing outside', () => {
      const admin = express.Router().get('/first', handler).use(read()).get('/second', handler);
      const app = express().use('/admin', admin).get('/outside', handler);
      expect(undecided(app)).toEqual(['GET /admin/first', 'GET /outside']);
    });

    it('judges a router at each place it is mounted', () => {
      const users = express.Router().get('/users', handler);
      const app = express().use('/open', users).use('/closed', read(), users);
      expect(undecided(app)).toEqual(['GET /open/users']);
    });

    it('ends where a router is mounted inside itself', () => {
      const loop: IRouter = express.Router();
      loop.use('/again', loop).get('/a', handler);
      expect(undecided(express().use(loop))).toEqual(['GET /a']);
    });

    it('takes a router alone', () => {
      expect(undecided(express.Router().get('/users', handler))).toEqual(['GET /users']);
    });
  });

  describe('with mounted applications, whose routes Express hides', () => {
    const why =
      "(a mounted application, whose routes can't be seen from here: call assertAllGuarded on it first)";

    it('takes them for undecided', () => {
      const inner = express().get('/users', handler);
      expect(undecided(express().use('/admin', inner))).toEqual([`ALL /admin/* ${why}`]);
    });

    it('sees through those that are mounted on a router: there Express hides nothing', () => {
      const inner = express().get('/users', handler).get('/safe', read(), handler);
      const router = express.Router().use('/admin', inner);
      expect(undecided(express().use(router))).toEqual(['GET /admin/users']);
    });

    it('counts a guard in front of them', () => {
      const inner = express().get('/users', handler);
      expect(undecided(express().use('/admin', read(), inner))).toEqual([]);
    });

    it('takes them as decided once they have passed alone', () => {
      const good = express().get('/users', read(), handler);
      const other = express().get('/users', handler);
      const app = express().use('/good', good).use('/other', other);
      guard.assertAllGuarded(good);
      expect(undecided(other)).toEqual(['GET /users']);
      expect(undecided(app)).toEqual([`ALL /other/* ${why}`]);
    });

    it('does not take one that has passed for another at the same path', () => {
      const good = express().get('/users', read(), handler);
      const other = express().get('/users', handler);
      const app = express().use('/admin', good).use('/admin', other);
      guard.assertAllGuarded(good);
      expect(undecided(app)).toEqual([`ALL /admin/* ${why}`]);
    });
  });

  it('says what it wants when it is given something else', () => {
    for (const wrong of [{}, [], () => {}, new Map()]) {
      expect(() => guard.assertAllGuarded(wrong)).toThrow(/neither an Express application nor a router/);
    }
  });
});

describe('assertAllGuarded on Express 4, whose paths are half patterns', () => {
  const [, express] = majors[0] ?? expect.fail();

  it('knows the signs that make the slash before them optional', async () => {
    for (const [path, reached] of [
      ['/admin/?secret', '/adminsecret'],
      ['/admin/{0,1}secret', '/adminsecret'],
      ['/admin/x|/secret', '/secret'],
    ] as const) {
      const app = express().use('/admin', read()).get(path, handler);
      expect(await call(app, get(reached)), path).toMatchObject({ status: 200 });
      expect(undecided(app)).toEqual([`GET ${path}`]);
    }
  });
});

describe('assertAllGuarded on early Express 5, which keeps no mount paths', () => {
  const [, express] = majors[1] ?? expect.fail();
  const forget = (app: Express) => {
    for (const layer of stackOf(app)) Reflect.deleteProperty(layer, 'rawPath');
    return app;
  };

  it('says that a router is mounted somewhere', () => {
    const app = forget(express().use('/admin', express.Router().get('/users', handler)));
    expect(undecided(app)).toEqual(['GET (mounted router)/users']);
  });

  it('counts a guard inside the router, or at the root, but none whose path it cannot read', () => {
    const users = express.Router().get('/users', handler);
    expect(undecided(forget(express().use('/admin', express.Router().use(read()).use(users))))).toEqual([]);
    expect(undecided(forget(express().use(read()).use('/admin', users)))).toEqual([]);
    expect(undecided(forget(express().use('/admin', read(), users)))).toHaveLength(1);
  });
});

interface OpenLayer {
  handle: (this: unknown, ...parameters: Parameters<RequestHandler>) => unknown;
}

function stackOf(app: Express): OpenLayer[] {
  const { _router, router } =
    'lazyrouter' in app ? { ...app, router: undefined } : { ...app, _router: undefined };
  return ((_router ?? router) as { stack: OpenLayer[] }).stack;
}
