import {
  type AuthContext,
  allOf,
  anonymous,
  authOf,
  ConfigurationError,
  check,
  type DecisionEvent,
  type ExpressGuard,
  entraGuard,
  onEvent,
  scopes,
} from '@entra-guard/express';
import { actAs, type StandInCaller, standInGuard, testAuth } from '@entra-guard/express/testing';
import { startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, RequestHandler } from 'express5';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { whoCalls } from '../http/routes.js';
import { bearer, get } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call, post } from './call.js';
import { majors } from './majors.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
const job = testAuth({ kind: 'app', roles: ['Orders.Read.All'] });
const read = scopes('Orders.Read');
const write = scopes('Orders.Write');
const quiet = (caller: StandInCaller, more: { passErrors?: boolean } = {}) =>
  standInGuard(caller, { log: false, ...more });
const answer: RequestHandler = (req, res) =>
  res.json({ authOf: whoCalls(authOf(req)), auth: req.auth ?? null });

afterEach(() => vi.unstubAllEnvs());

describe.each(majors)('standInGuard on %s', (_, express) => {
  /** An application that takes a guard, as one does that is made to be tested. */
  const createApp = (guard: ExpressGuard) => {
    const app = express()
      .get('/orders', guard.require(read), answer)
      .post('/orders', guard.protect(write), answer)
      .get('/health', guard.require(anonymous()), answer)
      .get('/prices', guard.authenticate({ optional: true }), answer)
      .get('/me', guard.require(read), guard.authenticate(), answer);
    guard.assertAllGuarded(app);
    return app;
  };

  it('has the caller it was given call: in req.auth, and in authOf(req)', async () => {
    const { status, body } = await call(createApp(quiet(ada)), get('/orders'));
    expect(status).toBe(200);
    const told = JSON.parse(body) as { authOf: unknown; auth: unknown };
    expect(told.authOf).toEqual(whoCalls(ada));
    expect(told.auth).toEqual(JSON.parse(JSON.stringify(ada)));
  });

  it('judges requirements: the wrong scope is 403, with its challenge', async () => {
    const { status, headers, body } = await call(createApp(quiet(ada)), post('/orders'));
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'scope_missing' });
    expect(headers.get('www-authenticate')?.join()).toMatch(
      /insufficient_scope.*api:\/\/7e577e57.*Orders\.Write/,
    );
    expect(await call(createApp(quiet(job)), get('/orders'))).toMatchObject({ status: 403 });
  });

  it('has no caller with null: 401, except where a route is open', async () => {
    const app = createApp(quiet(null));
    expect(await call(app, get('/orders'))).toMatchObject({ status: 401 });
    expect(await call(app, get('/me'))).toMatchObject({ status: 401 });
    expect(await call(app, get('/health'))).toMatchObject({ status: 200 });
    const prices = await call(app, get('/prices'));
    expect(prices.status).toBe(200);
    expect(JSON.parse(prices.body)).toEqual({ authOf: whoCalls(undefined), auth: null });
  });

  it('changes the caller between requests', async () => {
    let caller: AuthContext | null = ada;
    const app = createApp(quiet(() => caller));
    expect(await call(app, get('/orders'))).toMatchObject({ status: 200 });
    caller = job;
    expect(await call(app, get('/orders'))).toMatchObject({ status: 403 });
    caller = null;
    expect(await call(app, get('/orders'))).toMatchObject({ status: 401 });
  });

  it('looks at no token, good or bad', async () => {
    const entra = await startEntra();
    const good = bearer(entra.user('ada', { scp: 'Orders.Read Orders.Write' }));
    for (const header of [good, bearer(entra.wrong.expired()), ['Authorization', 'Basic eDp5'] as const]) {
      expect(await call(createApp(quiet(null)), get('/orders', header))).toMatchObject({ status: 401 });
      expect(await call(createApp(quiet(ada)), get('/orders', header))).toMatchObject({ status: 200 });
      expect(await call(createApp(quiet(ada)), post('/orders', header))).toMatchObject({ status: 403 });
    }
    await entra.close();
  });

  it('still names routes without a guard', () => {
    const guard = quiet(ada);
    const app = express().get('/orders', guard.require(read), answer).get('/open', answer);
    expect(() => guard.assertAllGuarded(app)).toThrow('GET /open');
  });

  it('runs checks, with the request', async () => {
    const guard = quiet(ada);
    const own = check('owns order', ({ auth, request }) => {
      const { params } = request as { params: { id: string } };
      return auth === ada && params.id === '7';
    });
    const app = express().get('/orders/:id', guard.require(allOf(read, own)), answer);
    expect(await call(app, get('/orders/7'))).toMatchObject({ status: 200 });
    expect(await call(app, get('/orders/8'))).toMatchObject({ status: 403 });
  });

  it('hands refusals on, where it is told to', async () => {
    const guard = quiet(ada, { passErrors: true });
    const seen = vi.fn();
    const handle: ErrorRequestHandler = (error: { status: number }, _req, res, _next) => {
      seen(error);
      res.status(error.status).end();
    };
    const app = express().post('/orders', guard.require(write), answer).use(handle);
    expect(await call(app, post('/orders'))).toMatchObject({ status: 403 });
    expect(seen).toHaveBeenCalledTimes(1);
    expect(() => standInGuard(ada, { passErrors: 'yes' as unknown as boolean })).toThrow(ConfigurationError);
  });

  it('publishes its decisions', async () => {
    const seen: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => seen.push(event), { types: ['decision'] }));
    const app = createApp(quiet(ada));
    await call(app, get('/orders'));
    await call(app, post('/orders'));
    expect(seen).toMatchObject([
      {
        outcome: 'allow',
        handler: 'GET /orders',
        who: { subjectKey: ada.subjectKey },
        token: { id: 'no-token' },
      },
      { outcome: 'deny', handler: 'POST /orders', code: 'scope_missing' },
    ]);
  });

  it('is ready without keys', async () => {
    expect(await quiet(ada).health()).toMatchObject({ status: 'up' });
  });

  it('is refused in production, and refuses requests there', async () => {
    const app = createApp(quiet(ada));
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => standInGuard(ada)).toThrow(/standInGuard.*"production"/);
    expect(() => standInGuard(null)).toThrow(ConfigurationError);
    expect(await call(app, get('/orders'))).toMatchObject({ status: 500 });
  });
});

describe.each(majors)('actAs on %s', (_, express) => {
  it('puts the caller on the request, for a single handler', async () => {
    const { status, body } = await call(express().get('/', actAs(ada), answer), get('/'));
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      authOf: whoCalls(ada),
      auth: JSON.parse(JSON.stringify(ada)),
    });
  });

  it('removes the caller with null, and changes it with a function', async () => {
    let caller: AuthContext | null = null;
    const app = express()
      .use(actAs(job))
      .use(
        actAs(() => caller),
        express.Router().get('/', answer),
      );
    expect(JSON.parse((await call(app, get('/'))).body)).toEqual({ authOf: whoCalls(undefined), auth: null });
    caller = ada;
    expect(JSON.parse((await call(app, get('/'))).body)).toMatchObject({ authOf: whoCalls(ada) });
  });

  it('does not satisfy a guard behind it, and guards no route', async () => {
    const entra = await startEntra();
    const guard = entraGuard(guardOptions(entra));
    const guarded = express().get('/', actAs(ada), guard.require(read), answer);
    expect(await call(guarded, get('/'))).toMatchObject({ status: 401 });
    expect(() => guard.assertAllGuarded(express().get('/', actAs(ada), answer))).toThrow('GET /');
    await entra.close();
  });

  it('is refused in production, refuses requests there, and takes nothing but callers', async () => {
    const app = express().get('/', actAs(ada), answer);
    app.use(((_error, _req, res, _next) => void res.status(500).end()) as ErrorRequestHandler);
    expect(() => actAs({ kind: 'user' } as unknown as AuthContext)).toThrow(/actAs.*testAuth/);
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => actAs(ada)).toThrow(/actAs.*"production"/);
    expect(await call(app, get('/'))).toMatchObject({ status: 500 });
  });
});
