import type { SingleTenantOptions } from '@entra-guard/core';
import {
  type AuthContext,
  allOf,
  anonymous,
  authenticated,
  authOf,
  ConfigurationError,
  check,
  type DecisionEvent,
  entraGuard,
  type Grant,
  members,
  onEvent,
  scopes,
  toHttp,
} from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sentenceOf } from '../../support/sentences.js';
import { registrations, whoCalls } from '../http/routes.js';
import { bearer, get, type HeaderPair } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call, post } from './call.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());

const newGuard = (more: { passErrors?: boolean } = {}) => entraGuard({ ...guardOptions(entra), ...more });
const reader = (name = 'ada'): HeaderPair => bearer(entra.user(name, { scp: 'Orders.Read' }));
const answer: RequestHandler = (req, res) => res.json(whoCalls(authOf(req)));
const read = scopes('Orders.Read');

describe.each(majors)('the guard on %s', (_, express) => {
  it('is destructured without losing anything', async () => {
    const { protect, require, authenticate, assertAllGuarded, validator } = newGuard();
    const app = express()
      .get('/protected', protect(read), answer)
      .get('/required', require(read), answer)
      .get('/authenticated', authenticate(), answer);
    expect(() => assertAllGuarded(app)).toThrow('GET /authenticated');
    for (const path of ['/protected', '/required', '/authenticated']) {
      expect(await call(app, get(path, reader()))).toMatchObject({ status: 200 });
      expect(await call(app, get(path))).toMatchObject({ status: 401 });
    }
    await validator.ready();
  });

  it('authenticates in any order of its middlewares', async () => {
    const guard = newGuard();
    const app = express()
      .get('/a', guard.require(read), guard.authenticate(), answer)
      .get('/b', guard.authenticate({ optional: true }), guard.require(read), answer)
      .get('/c', guard.require(anonymous()), guard.require(read), answer)
      .get('/d', guard.require(read), guard.require(anonymous()), answer)
      .get('/e', guard.require(read), guard.authenticate({ optional: true }), answer);
    for (const path of ['/a', '/b', '/c', '/d', '/e']) {
      expect(await call(app, get(path)), path).toMatchObject({ status: 401 });
      expect(await call(app, get(path, reader())), path).toMatchObject({ status: 200 });
    }
  });

  it('guards a mounted router, whatever the router says of itself', async () => {
    const guard = newGuard();
    const admin = express.Router();
    admin.get('/users/:id', (req, res) => res.json({ id: req.params.id, kind: req.auth.kind }));
    const app = express().use('/admin', guard.require(read), admin);
    guard.assertAllGuarded(app);
    expect(await call(app, get('/admin/users/7'))).toMatchObject({ status: 401 });
    expect(await call(app, get('/admin/users/7', reader()))).toMatchObject({
      status: 200,
      body: '{"id":"7","kind":"user"}',
    });
  });

  it('needs every requirement on the way: that of the router and that of the route', async () => {
    const guard = newGuard();
    const orders = express.Router().get('/', guard.require(scopes('Orders.Write')), answer);
    const app = express().use('/orders', guard.require(read), orders);
    const both = bearer(entra.user('ada', { scp: 'Orders.Read Orders.Write' }));
    expect(await call(app, get('/orders', reader()))).toMatchObject({ status: 403 });
    expect(await call(app, get('/orders', both))).toMatchObject({ status: 200 });
  });

  it('passes on to other handlers what is neither refused nor answered', async () => {
    const guard = newGuard();
    const app = express()
      .use(guard.require(read))
      .get('/', (_req, _res, next) => next('route'))
      .get('/', (_req, _res) => {
        throw new Error('the handler failed');
      })
      .use(((error, _req, res, _next) => {
        res.status(418).json(error.message);
      }) as ErrorRequestHandler);
    expect(await call(app, get('/', reader()))).toMatchObject({ status: 418, body: '"the handler failed"' });
  });

  describe('req.auth', () => {
    it('that another library set is replaced by the caller', async () => {
      const app = express()
        .use(forged)
        .get('/', newGuard().require(read), (req, res) =>
          res.json([req.auth.objectId, authOf(req)?.objectId]),
        );
      const ada = entra.objectIdOf('ada');
      expect(JSON.parse((await call(app, get('/', reader()))).body)).toEqual([ada, ada]);
    });

    it('that another library set is gone where there is no caller', async () => {
      const guard = newGuard();
      const app = express()
        .use(forged)
        .get('/optional', guard.authenticate({ optional: true }), report)
        .get('/anonymous', guard.require(anonymous()), report);
      for (const path of ['/optional', '/anonymous']) {
        expect((await call(app, get(path))).body).toBe('{"auth":"undefined","caller":"undefined"}');
      }
    });

    it('that another library set never reaches authOf, not even without a guard', async () => {
      const app = express().use(forged).get('/', report);
      expect((await call(app, get('/'))).body).toBe('{"auth":"object","caller":"undefined"}');
    });

    it('that another library set is gone in the error handler after a refusal', async () => {
      const app = express()
        .use(forged)
        .get('/', newGuard({ passErrors: true }).require(read), answer)
        .use(((_error, req, res, _next) => report(req, res, _next)) as ErrorRequestHandler);
      expect((await call(app, get('/'))).body).toBe('{"auth":"undefined","caller":"undefined"}');
    });

    it('that a prototype or an accessor provides is shadowed', async () => {
      const app = express();
      Object.defineProperty(app.request, 'auth', { get: () => ({ kind: 'forged' }), configurable: true });
      app.get('/', newGuard().authenticate({ optional: true }), report);
      expect((await call(app, get('/'))).body).toBe('{"auth":"undefined","caller":"undefined"}');
    });

    it('shows the next request with the same token nothing of what a handler did to it', async () => {
      const token = reader();
      const seen: AuthContext[] = [];
      const app = express().get('/', newGuard().require(read), (req, res) => {
        seen.push(req.auth);
        const before = whoCalls(req.auth);
        for (const attack of attacks) attempt(() => attack(req.auth));
        Object.assign(req, { auth: { kind: 'app' } });
        res.json(before);
      });
      const first = await call(app, get('/', token));
      const second = await call(app, get('/', token));
      expect(second.body).toBe(first.body);
      expect(JSON.parse(first.body)).toMatchObject({ kind: 'user', scopes: ['Orders.Read'], roles: [] });
      expect(seen).toHaveLength(2);
    });

    it('does not survive into the next request of the connection', async () => {
      const app = express().get('/', newGuard().authenticate({ optional: true }), answer);
      expect(JSON.parse((await call(app, get('/', reader()))).body)).toMatchObject({ kind: 'user' });
      expect(JSON.parse((await call(app, get('/'))).body)).toEqual({ kind: 'nobody' });
    });

    it('of one guard is kept where another guard of the app looks at no token', async () => {
      const app = express().get('/', newGuard().require(read), newGuard().require(anonymous()), answer);
      expect(JSON.parse((await call(app, get('/', reader()))).body)).toMatchObject({ kind: 'user' });
    });
  });

  it.each<[string, unknown]>([
    ['optional', true],
    ['passErrors', true],
    ['explain', true],
    ['validator', { validate: async () => ({ kind: 'user' }) }],
    ['authorities', []],
    ['audience', ['api://evil']],
  ])('an option that stands on every object is none: %s', async (name, value) => {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      const guard = newGuard();
      const app = express()
        .get('/', guard.authenticate(), answer)
        .get('/given', guard.authenticate({}), answer)
        .get('/read', guard.require(read), answer);
      for (const path of ['/', '/given', '/read']) {
        const refused = await call(app, get(path));
        expect(refused.status).toBe(401);
        expect(JSON.parse(refused.body)).not.toHaveProperty(['hint']);
        expect(JSON.parse(refused.body)).toMatchObject({ code: 'credentials_missing' });
      }
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name];
    }
  });

  describe('with passErrors', () => {
    const words: ErrorRequestHandler = (error, _req, res, _next) => {
      const { status, statusCode, headers, code } = error;
      res
        .status(status)
        .set(headers)
        .json({ statusCode, headers, code, body: toHttp(error).body });
    };

    it('hands refusals to the error handler, as Express expects them', async () => {
      const guard = newGuard({ passErrors: true });
      const app = express().get('/', guard.require(read), answer).use(words);
      const refused = await call(app, get('/', bearer(entra.user('ada', { scp: 'Orders.Write' }))));
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toEqual([
        expect.stringMatching(/^Bearer realm="[^"]+", error="insufficient_scope"/),
      ]);
      expect(JSON.parse(refused.body)).toMatchObject({
        statusCode: 403,
        code: 'scope_missing',
        headers: { 'Cache-Control': 'no-store' },
        body: { code: 'scope_missing', title: 'Forbidden' },
      });
    });

    it('leaves the content type to what writes the body', async () => {
      const guard = newGuard({ passErrors: true });
      const app = express().get('/', guard.require(read), answer).use(words);
      expect((await call(app, get('/'))).headers.get('content-type')).toEqual([
        expect.stringMatching(/^application\/json/),
      ]);
    });

    it("tells no caller through Express's own error handler which tenants are accepted", async () => {
      const { tenantId: _, ...options } = guardOptions(entra) as SingleTenantOptions;
      const customers = [entra.tenantId, 'dddd1111-0000-4444-8888-ccccccccccc1'];
      const guard = entraGuard({ ...options, tenants: customers, passErrors: true });
      const app = express().set('env', 'development').get('/', guard.require(read), answer);
      // In development Express writes the stack to the console, too.
      const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {});
      const json: ErrorRequestHandler = (error, _req, res, _next) => res.status(error.status).json(error);
      const asJson = express().get('/', guard.require(read), answer).use(json);
      for (const { headers } of [entra.wrong.tenant(), entra.wrong.audience(), entra.wrong.issuer()]) {
        const pair: HeaderPair = ['Authorization', headers.authorization];
        const page = await call(app, get('/', pair));
        expect(page.status).toBe(401);
        expect(page.body).toContain(sentenceOf('token_not_accepted'));
        for (const { body } of [page, await call(asJson, get('/', pair))]) {
          expect(body).not.toMatch(/_not_accepted|expected|Found/);
          for (const customer of customers) expect(body).not.toContain(customer);
        }
      }
      console.mockRestore();
    });

    it("is answered by Express's own error handler with status and challenge", async () => {
      const guard = newGuard({ passErrors: true });
      const app = express().set('env', 'test').get('/', guard.require(read), answer);
      const refused = await call(app, get('/'));
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toEqual([`Bearer realm="${entra.tenantId}"`]);
    });

    it.each(['development', 'production'])(
      "tells callers no more by Express's own error handler in %s than the guard itself does",
      async (env) => {
        const logged = vi.spyOn(console, 'error').mockReturnValue(undefined);
        const tenants = ['11111111-1111-4111-8111-111111111111', entra.tenantIdOf('fabrikam')];
        const passing = entraGuard({ ...entra.options('orders', { tenants }), log: false, passErrors: true });
        const app = express().set('env', env).get('/', passing.require(read), answer);
        const { status, body } = await call(app, get('/', reader()));
        expect(status).toBe(401);
        expect(body).toContain(env === 'production' ? 'Unauthorized' : 'TokenError: ');
        for (const secret of [...tenants, entra.tenantId, ' at ', '.ts', '.js']) {
          expect(body).not.toContain(secret);
        }
        // Express logs the error afterwards.
        await vi.waitFor(() => expect(logged).toHaveBeenCalled());
        logged.mockRestore();
      },
    );

    it('keeps for logs what was found and expected, and says that it is not for callers', async () => {
      const errors: unknown[] = [];
      const guard = newGuard({ passErrors: true });
      const app = express()
        .get('/', guard.require(read), answer)
        .use(((error, _req, res, _next) => {
          errors.push(error);
          res.end();
        }) as ErrorRequestHandler);
      await call(app, get('/', bearer(entra.wrong.audience())));
      expect(errors).toMatchObject([{ expose: false, status: 401, code: 'audience_not_accepted' }]);
      expect((errors[0] as Error).message).toContain(entra.clientIdOf('orders'));
      expect((errors[0] as Error).stack).not.toContain(entra.clientIdOf('orders'));
    });

    it('runs no handler after a refusal', async () => {
      const handler = vi.fn<RequestHandler>((_req, res) => void res.end());
      const guard = newGuard({ passErrors: true });
      const app = express().set('env', 'test').get('/', guard.require(read), handler).use(handler);
      expect(await call(app, get('/'))).toMatchObject({ status: 401 });
      expect(handler).not.toHaveBeenCalled();
    });
  });

  describe('a failure that is not the caller’s', () => {
    it('of a check is 500, and the handler does not run', async () => {
      const handler = vi.fn<RequestHandler>();
      const down = check('asks a database that is down', () => {
        throw new Error('ECONNREFUSED orders-db:5432');
      });
      const app = express().get('/', newGuard().require(allOf(read, down)), handler);
      const failed = await call(app, get('/', reader()));
      expect(failed.status).toBe(500);
      expect(failed.body).not.toContain('orders-db');
      expect(handler).not.toHaveBeenCalled();
    });

    it.each([undefined, null, 0, '', 'route', 'router', new Error('boom'), { status: 200 }])(
      'of a validator that rejects with %o never opens the route',
      async (reason) => {
        const handler = vi.fn<RequestHandler>((_req, res) => void res.json('open'));
        const validator = { ...newGuard().validator, validate: () => Promise.reject(reason) };
        const guard = entraGuard({ validator });
        const app = express().set('env', 'test').get('/', guard.require(read), handler).get('/', handler);
        expect(await call(app, get('/', reader()))).toMatchObject({ status: 500 });
        expect(handler).not.toHaveBeenCalled();
      },
    );
  });

  it('leaves errors that are not its own to the error handler of the app', async () => {
    const cause = new TypeError('not ours');
    const { validator } = newGuard();
    const guard = entraGuard({ validator: { ...validator, validate: () => Promise.reject(cause) } });
    const onError: ErrorRequestHandler = (error, _req, res, _next) => {
      res.status(error === cause ? 418 : 500).end();
    };
    const app = express().get('/', guard.require(read), answer).use(onError);
    expect(await call(app, get('/', reader()))).toMatchObject({ status: 418 });
  });

  describe('its answer', () => {
    it('is not written over one that has begun, which is not an error', async () => {
      const onError = vi.fn<ErrorRequestHandler>();
      const app = express()
        .use((_req, res, next) => {
          res.write('already');
          next();
          setImmediate(() => res.end(' answered'));
        })
        .get('/', newGuard().require(read), answer)
        .use(((error, req, res, next) => onError(error, req, res, next)) as ErrorRequestHandler);
      expect(await call(app, get('/'))).toMatchObject({ status: 200, body: 'already answered' });
      expect(onError).not.toHaveBeenCalled();
    });

    it('takes back headers that were meant for the resource', async () => {
      const app = express()
        .use((_req, res, next) => {
          res.set({ 'Content-Encoding': 'gzip', 'Cache-Control': 'public, max-age=600' });
          next();
        })
        .get('/', newGuard().require(read), answer);
      const { headers } = await call(app, get('/'));
      expect(headers.get('content-encoding')).toBeUndefined();
      expect(headers.get('cache-control')).toEqual(['no-store']);
    });

    it('does not wait for a body that the client goes on sending', async () => {
      const app = express().post('/', newGuard().require(read), answer);
      const request = { ...post('/'), body: 'x'.repeat(1_000_000) };
      expect(await call(app, request)).toMatchObject({ status: 401 });
    });
  });

  describe('the place in audit events', () => {
    it.each([
      ['/orders/17?access_token=secret', 'GET /orders/:id'],
      ['/mounted/things/17?q=1', 'GET /mounted/things/:id'],
      ['/mounted/guarded/17', 'GET /mounted/guarded/*'],
      ['/anything/at/all?q=1', 'GET /*'],
    ])('for %s is %s: a route, and never a query', async (path, handler) => {
      const guard = newGuard();
      const things = express.Router();
      things.get('/things/:id', guard.require(read), answer);
      things.use('/guarded', guard.require(read));
      const app = express()
        .get('/orders/:id', guard.require(read), answer)
        .use('/mounted', things)
        .use(guard.require(read));
      const events: DecisionEvent[] = [];
      const stop = onEvent((event) => events.push(event), { types: ['decision'] });
      await call(app, get(path));
      stop();
      expect(events.map((event) => event.handler)).toEqual([handler]);
    });
  });
});

describe('building', () => {
  it.each([
    ['nothing', undefined],
    ['a string', 'Orders.Read'],
    ['a scope list', ['Orders.Read']],
    ['a narrowing alone', members()],
    ['a look-alike', { role: 'grant', node: { kind: 'anonymous' } }],
  ])('a middleware of %s fails at once', (_, requirement) => {
    expect(() => newGuard().require(requirement as unknown as Grant)).toThrow(ConfigurationError);
  });

  it('something that only calls itself anonymous is not a requirement', () => {
    const lookAlike = { role: 'anonymous', node: { kind: 'anonymous' } } as unknown as Grant;
    expect(() => newGuard().require(lookAlike)).toThrow(ConfigurationError);
  });

  it('an optional authentication with a misspelt option fails at once', () => {
    // @ts-expect-error no such option
    expect(() => newGuard().authenticate({ optinal: true })).toThrow(/optinal/);
    // @ts-expect-error not a boolean
    expect(() => newGuard().authenticate({ optional: 'yes' })).toThrow(ConfigurationError);
  });

  it('a guard with wrong options fails at once', () => {
    const options = guardOptions(entra);
    // @ts-expect-error none at all
    expect(() => entraGuard()).toThrow(ConfigurationError);
    // @ts-expect-error misspelt
    expect(() => entraGuard({ ...options, passError: true })).toThrow(/passError/);
    // @ts-expect-error not a boolean
    expect(() => entraGuard({ ...options, passErrors: 'yes' })).toThrow(/passErrors/);
  });

  it('a guard twice over one validator shares its keys', async () => {
    const { validator } = newGuard();
    const guard = entraGuard({ validator });
    expect(guard.validator).toBe(validator);
    expect(guard.require(authenticated())).toBeTypeOf('function');
  });
});

const forged: RequestHandler = (req, _res, next) => {
  Object.assign(req, { auth: { kind: 'user', objectId: 'forged', scopes: new Set(['Orders.Read']) } });
  next();
};

const report: RequestHandler = (req, res) => {
  res.json({ auth: typeof req.auth, caller: typeof authOf(req) });
};

/** What a careless or hostile handler may try on the shared context. */
const attacks: readonly ((auth: AuthContext) => unknown)[] = [
  (auth) => Object.assign(auth, { kind: 'app' }),
  (auth) => Object.defineProperty(auth, 'scopes', { value: new Set(['Orders.Write']) }),
  (auth) => Set.prototype.add.call(auth.scopes, 'Orders.Write'),
  (auth) => Reflect.get(auth.scopes, 'add').call(auth.scopes, 'Orders.Write'),
  (auth) => Set.prototype.clear.call(auth.scopes),
  (auth) => Object.assign(auth.claims, { scp: 'Orders.Write' }),
  (auth) => Object.setPrototypeOf(auth, { kind: 'app' }),
  (auth) => (auth.claims.roles as string[]).push('Orders.Admin'),
];

function attempt(attack: () => unknown): void {
  try {
    attack();
  } catch {
    // Refused, as it should be.
  }
}
