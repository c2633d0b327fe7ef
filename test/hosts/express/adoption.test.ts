import {
  allOf,
  anonymous,
  authorize,
  ConfigurationError,
  check,
  entraGuard,
  handlersIn,
  type LogEntry,
  scopes,
  userRoles,
} from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registrations } from '../http/routes.js';
import { bearer, get } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';
import { majors } from './majors.js';
import { undecidedOf } from './undecided.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());

const handler: RequestHandler = (_req, res) => void res.json('open');
const read = scopes('Orders.Read');

function newGuard(more: { passErrors?: boolean } = {}) {
  const entries: LogEntry[] = [];
  const guard = entraGuard({ ...guardOptions(entra), log: (entry) => entries.push(entry), ...more });
  return { guard, entries };
}

describe.each(majors)('assertAllGuarded on the way to a guarded %s application', (_, express) => {
  const legacy = (guard: ReturnType<typeof entraGuard>): Express =>
    express()
      .get('/orders', guard.require(read), handler)
      .get('/legacy/report', handler)
      .post('/legacy/report', handler)
      .get('/users/:id', handler, guard.require(read));

  it('names what is undecided and goes on, where it is told to warn', () => {
    const { guard, entries } = newGuard();
    guard.assertAllGuarded(legacy(guard), { undecided: 'warn' });
    expect(entries).toEqual([
      {
        level: 'warn',
        event: 'configuration',
        message:
          '3 routes are neither guarded nor declared open: GET /legacy/report; POST /legacy/report; GET /users/:id (guard.require stands behind another handler, which may have answered already)',
        hint: expect.stringMatching(/^Put guard\.require\(\.\.\.\) first/),
      },
    ]);
  });

  it('has nothing to say where all is decided', () => {
    const { guard, entries } = newGuard();
    guard.assertAllGuarded(express().get('/orders', guard.require(read), handler), { undecided: 'warn' });
    expect(entries).toEqual([]);
  });

  it('refuses by default, and where it is told to', () => {
    const { guard, entries } = newGuard();
    for (const options of [undefined, {}, { undecided: 'refuse' } as const]) {
      expect(() => guard.assertAllGuarded(legacy(guard), options)).toThrow(/^3 routes are neither/);
    }
    expect(entries).toEqual([]);
  });

  it('leaves out what is excepted with a reason: a path, or one method of it', () => {
    const { guard } = newGuard();
    const except = { '/legacy/report': 'moves in March', 'GET /users/:id': 'is rewritten' };
    expect(() => guard.assertAllGuarded(legacy(guard), { except })).not.toThrow();
    expect(() =>
      guard.assertAllGuarded(legacy(guard), {
        except: { 'GET /legacy/report': 'moves', '/users/:id': 'is rewritten' },
      }),
    ).toThrow(/^One route is neither guarded nor declared open:\n {2}POST \/legacy\/report\n/);
  });

  it('has the reason of an exception in the inventory', () => {
    const { guard } = newGuard();
    const app = legacy(guard);
    guard.assertAllGuarded(app, { except: { 'POST /legacy/report': 'moves in March' }, undecided: 'warn' });
    expect(
      handlersIn(app).map(({ method, path, access }) => [
        method,
        path,
        access.kind === 'undecided' && access.why,
      ]),
    ).toEqual([
      ['GET', '/orders', false],
      ['GET', '/legacy/report', 'it is neither guarded nor declared open'],
      [
        'POST',
        '/legacy/report',
        'it is neither guarded nor declared open; assertAllGuarded leaves it out: moves in March',
      ],
      ['GET', '/users/:id', expect.stringMatching(/behind another handler/)],
    ]);
  });

  it('reports exceptions for routes that do not exist, or are decided about', () => {
    const { guard, entries } = newGuard();
    const app = express().get('/orders', guard.require(read), handler).get('/legacy', handler);
    const except = { '/legacy': 'moves', '/orders': 'is old', '/legcay': 'is a slip' };
    expect(() => guard.assertAllGuarded(app, { except })).toThrow(
      /^2 exceptions are for no undecided route:\n {2}\/orders\n {2}\/legcay\n.*Take it out of except/s,
    );
    expect(() => guard.assertAllGuarded(app, { except: { '/orders': 'is old' } })).toThrow(
      /^One route is neither guarded nor declared open:\n {2}GET \/legacy\nOne exception is for no undecided route:\n {2}\/orders\n/,
    );
    guard.assertAllGuarded(app, { except, undecided: 'warn' });
    expect(entries.map(({ message }) => message)).toEqual([
      '2 exceptions are for no undecided route: /orders; /legcay',
    ]);
  });

  it.each([
    [{ except: { '/legacy': '' } }, "The exception for '/legacy' has no reason."],
    [{ except: { '/legacy': ' ' } }, "The exception for '/legacy' has no reason."],
    [{ except: { '/legacy': true } }, "The exception for '/legacy' has no reason."],
    [{ except: ['/legacy'] }, 'except is ["/legacy"].'],
    [{ except: '/legacy' }, 'except is "/legacy".'],
    [{ undecided: 'ignore' }, 'undecided is "ignore".'],
    [{ undecided: true }, 'undecided is true.'],
    [{ exept: {} }, "assertAllGuarded() does not know the option 'exept'."],
    [null, 'The options of assertAllGuarded() are null.'],
    ['warn', 'The options of assertAllGuarded() are string.'],
  ])('refuses the options %j', (options, message) => {
    const { guard } = newGuard();
    expect(() => guard.assertAllGuarded(express(), options as never)).toThrow(message);
  });

  it('takes no option from a prototype', () => {
    const { guard } = newGuard();
    Object.defineProperty(Object.prototype, 'undecided', { value: 'warn', configurable: true });
    try {
      expect(() => guard.assertAllGuarded(legacy(guard), {})).toThrow(/neither guarded/);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'undecided');
    }
    const inherited = Object.create({ undecided: 'warn' });
    expect(() => guard.assertAllGuarded(legacy(guard), inherited)).toThrow(/'undecided' from its prototype/);
  });

  it('is not stopped by a log that throws, and is quiet where there is none', () => {
    const broken = vi.fn(() => {
      throw new Error('disk full');
    });
    entraGuard({ ...guardOptions(entra), log: broken }).assertAllGuarded(express().get('/', handler), {
      undecided: 'warn',
    });
    expect(broken).toHaveBeenCalledOnce();
    const told = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const options = entra.options('orders');
    const warns = { undecided: 'warn' } as const;
    entraGuard({ ...options, log: false }).assertAllGuarded(express().get('/', handler), warns);
    expect(told).not.toHaveBeenCalled();
    entraGuard(options).assertAllGuarded(express().get('/', handler), warns);
    expect(told).toHaveBeenCalledOnce();
    told.mockClear();
    entraGuard({ authorities: [{ ...options, log: false }] }).assertAllGuarded(
      express().get('/', handler),
      warns,
    );
    expect(told).not.toHaveBeenCalled();
    told.mockRestore();
  });

  describe('with a mounted application', () => {
    const mounted = (guard: ReturnType<typeof entraGuard>) => {
      const inner = express().get('/users', handler).get('/safe', guard.require(read), handler);
      return { inner, app: express().use('/admin', inner) };
    };

    it('that passed with exceptions is decided about', () => {
      const { guard } = newGuard();
      const { inner, app } = mounted(guard);
      guard.assertAllGuarded(inner, { except: { '/users': 'moves' } });
      expect(undecidedOf(guard, app)).toEqual([]);
    });

    it('that was only warned of is not, and its routes are named', () => {
      const { guard } = newGuard();
      const { inner, app } = mounted(guard);
      guard.assertAllGuarded(inner, { undecided: 'warn' });
      expect(undecidedOf(guard, app)).toEqual(['GET /admin/users']);
      expect(handlersIn(app).map(({ path, access }) => [path, access.kind])).toEqual([
        ['/admin/users', 'undecided'],
        ['/admin/safe', 'requirement'],
      ]);
    });

    it('is excepted as a whole', () => {
      const { guard } = newGuard();
      const { app } = mounted(guard);
      expect(() =>
        guard.assertAllGuarded(app, { except: { '/admin/*': 'is of another team' } }),
      ).not.toThrow();
    });
  });
});

describe.each(majors)('guard.answerErrors on %s', (_, express) => {
  const reader = () => bearer(entra.user('ada', { scp: 'Orders.Read' }));
  const decides: RequestHandler = async (req, res, next) => {
    try {
      await authorize(userRoles('Orders.Admin'), req.auth);
      res.json('granted');
    } catch (error) {
      next(error);
    }
  };

  it("answers a handler's refusal as the guard would, with its challenge", async () => {
    const { guard } = newGuard();
    const byHandler = express().get('/', guard.require(read), decides).use(guard.answerErrors());
    const byGuard = express().get('/', guard.require(allOf(read, userRoles('Orders.Admin'))), handler);
    const [first, second] = [
      await call(byHandler, get('/', reader())),
      await call(byGuard, get('/', reader())),
    ];
    expect(first).toMatchObject({ status: 403 });
    expect(JSON.parse(first.body)).toMatchObject({
      status: 403,
      code: 'role_missing',
      enough: { userRoles: ['Orders.Admin'] },
    });
    expect(first.headers.get('content-type')).toEqual(second.headers.get('content-type'));
    expect(first.headers.get('www-authenticate')).toEqual([
      expect.stringMatching(/^Bearer realm="[^"]+", error="insufficient_scope"/),
    ]);
    expect(first.headers.get('cache-control')).toEqual(['no-store']);
  });

  it('answers what a guard passes on', async () => {
    const { guard } = newGuard({ passErrors: true });
    const app = express().get('/', guard.require(read), handler).use(guard.answerErrors());
    const same = express().get('/', newGuard().guard.require(read), handler);
    const [passed, answered] = [await call(app, get('/')), await call(same, get('/'))];
    expect([passed.status, passed.body, passed.headers.get('www-authenticate')]).toEqual([
      answered.status,
      answered.body,
      answered.headers.get('www-authenticate'),
    ]);
  });

  it.each([
    ['an error of the application', new Error('boom')],
    ['a status', Object.assign(new Error('teapot'), { status: 418 })],
    ['a mistake in the set-up', new ConfigurationError('tenantId is missing.', 'Set it.')],
    ['no error at all', 'text'],
  ])('passes on %s', async (_what, thrown) => {
    const { guard } = newGuard();
    const seen: unknown[] = [];
    const app = express()
      .get('/', (_req, _res, next) => next(thrown))
      .use(guard.answerErrors())
      .use(((error, _req, res, _next) => {
        seen.push(error);
        res.status(500).end();
      }) as ErrorRequestHandler);
    expect(await call(app, get('/'))).toMatchObject({ status: 500 });
    expect(seen).toEqual([thrown]);
  });

  it('passes on what happens after an answer has begun, so that it is cut off', async () => {
    const { guard } = newGuard();
    const seen: unknown[] = [];
    const app = express()
      .set('env', 'test')
      .get('/', guard.require(read), (req, res, next) => {
        res.write('begun');
        decides(req, { json: () => {} } as never, next);
      })
      .use(guard.answerErrors())
      .use(((error, _req, res, _next) => {
        seen.push(error);
        res.end();
      }) as ErrorRequestHandler);
    await call(app, get('/', reader()));
    expect(seen).toMatchObject([{ code: 'role_missing' }]);
  });

  it('never lets a request go on, not even when it is called without an error', () => {
    const { guard } = newGuard();
    for (const nothing of [undefined, null, 0, '']) {
      const next = vi.fn();
      guard.answerErrors()(nothing, {} as never, {} as never, next);
      expect(next.mock.calls).toEqual([[expect.any(Error)]]);
    }
  });

  it('between a guard and a route takes no request past the guard', async () => {
    const { guard } = newGuard({ passErrors: true });
    const fails: RequestHandler = (_req, _res, next) => next(new Error());
    const app = express()
      .set('env', 'test')
      .use(fails, guard.require(read), guard.answerErrors())
      .get('/', handler);
    expect(await call(app, get('/'))).toMatchObject({ status: 500 });
    expect(undecidedOf(guard, app)).toEqual([]);
  });

  it('tells of a check that failed in a handler, and not of what the guard told already', async () => {
    const down = check('asks a database', () => {
      throw new Error('ECONNREFUSED orders-db:5432');
    });
    const { guard, entries } = newGuard({ passErrors: true });
    const decided: RequestHandler = (req, _res, next) => {
      authorize(allOf(read, down), req.auth, { request: req }).catch(next);
    };
    const app = express()
      .get('/handler', guard.require(read), decided)
      .get('/guard', guard.require(allOf(read, down)), handler)
      .get('/health', guard.require(anonymous()), handler)
      .use(guard.answerErrors());
    for (const [path, handlerName] of [
      ['/handler', 'GET /handler'],
      ['/guard', 'GET /guard'],
    ] as const) {
      entries.length = 0;
      const { status, body } = await call(app, get(path, reader()));
      expect([status, body.includes('orders-db')]).toEqual([500, false]);
      expect(entries).toMatchObject([{ level: 'error', code: 'check_failed', handler: handlerName }]);
      expect(entries[0]?.cause).toContain('ECONNREFUSED');
    }
  });
});
