import { entraGuard, handlersIn, type Middleware, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { RequestHandler } from 'express5';
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
const read = () => guard.require(scopes('Orders.Read'));
const undecided = (app: object) => undecidedOf(guard, app);

/** What many people write around handlers of Express 4; it keeps nothing of the function inside. */
const plain = (fn: Middleware): Middleware => {
  return (req, res, next) => void Promise.resolve(fn(req, res, next)).catch(next);
};

/** Wrappers, by what they keep of the function inside. */
const keeping: readonly (readonly [string, (fn: Middleware) => Middleware])[] = [
  ['its enumerable properties', (fn) => Object.assign(plain(fn), fn)],
  [
    'its named properties, one by one, as elastic-apm-node does',
    (fn) => {
      const wrapper = plain(fn) as unknown as Record<string, unknown>;
      for (const [name, value] of Object.entries(fn)) wrapper[name] = value;
      return wrapper as unknown as Middleware;
    },
  ],
  [
    'all its properties',
    (fn) => Object.defineProperties(plain(fn), Object.getOwnPropertyDescriptors(fn)) as Middleware,
  ],
  [
    'its name and length, as New Relic 13 does',
    (fn) => Object.defineProperties(plain(fn), { name: { value: fn.name }, length: { value: fn.length } }),
  ],
  ['a link to it, as New Relic 12 does', (fn) => Object.assign(plain(fn), { [Symbol('original')]: fn })],
  ['a link to it, as shimmer does', (fn) => Object.defineProperty(plain(fn), '__original', { value: fn })],
  [
    'a link to it, as Sentry does',
    (fn) => Object.defineProperty(plain(fn), '__sentry_original__', { value: fn }),
  ],
  ['everything, as a proxy does', (fn) => new Proxy(fn, {})],
  ['what it declares to keep', (fn) => guard.wrapped(plain(fn), fn)],
];

/** What wrappers of the guard itself have to keep so that one around them is a guard too. */
const needed: Readonly<Record<string, RegExp>> = {
  'its enumerable properties': /propert|proxy|declares/,
  'its named properties, one by one, as elastic-apm-node does': /propert|proxy|declares/,
  'its name and length, as New Relic 13 does': /all its|its name and|proxy|declares/,
};

const twice = keeping.flatMap(([outer, around]) =>
  keeping
    .filter(([inner]) => needed[outer]?.test(inner) ?? true)
    .map(([inner, within]) => [outer, inner, (fn: Middleware) => around(within(fn))] as const),
);

describe.each(majors)('a guard in a wrapper on %s', (_, express) => {
  it.each(keeping)('that keeps %s is a guard', async (_keeps, wrap) => {
    const app = express()
      .get('/orders', wrap(read()), handler)
      .use('/admin', wrap(read()))
      .get('/admin/users', handler);
    expect(undecided(app)).toEqual([]);
    expect(handlersIn(app).map(({ access }) => access.kind)).toEqual(['requirement', 'requirement']);
    for (const path of ['/orders', '/admin/users']) {
      expect(await call(app, get(path)), path).toMatchObject({ status: 401 });
    }
  });

  it.each(twice)('that keeps %s around one that keeps %s is a guard', (_outer, _inner, wrap) => {
    const app = express().get('/orders', wrap(read()), handler).use('/admin', wrap(read()));
    expect(undecided(app.get('/admin/users', handler))).toEqual([]);
  });

  it('that is put on later and keeps nothing is a guard by what Express noted before', async () => {
    const named = Object.defineProperty(plain(read()), 'name', { value: read().name });
    const app = express().use('/admin', read()).get('/admin/users', handler).get('/orders', named, handler);
    for (const layer of layersOf(app)) {
      layer.handle = plain(layer.handle);
      for (const inner of layer.route?.stack ?? []) inner.handle = plain(inner.handle);
    }
    expect(undecided(app)).toEqual([]);
    expect(await call(app, get('/orders'))).toMatchObject({ status: 401 });
  });

  it.each(keeping)('that keeps %s of another function is none', (_keeps, wrap) => {
    const other: Middleware = (_req, _res, next) => next();
    expect(undecided(express().get('/orders', wrap(other), handler))).toEqual(['GET /orders']);
  });

  it('that keeps nothing is named, with how to declare it', () => {
    const own = entraGuard(guardOptions(entra));
    const app = express().get('/orders', plain(own.require(scopes('Orders.Read'))), handler);
    expect(() => own.assertAllGuarded(app)).toThrow(
      /GET \/orders\n.*stand on none of its routes: guard\.require\(scopes\('Orders\.Read'\)\)\..*asyncHandler\(guard\.require\(\.\.\.\)\).*hides.*guard\.wrapped\(/s,
    );
    const declared = express().get(
      '/orders',
      own.wrapped(plain(own.require(scopes('Orders.Read'))), own.require(scopes('Orders.Read'))),
      handler,
    );
    expect(undecidedOf(own, declared)).toEqual([]);
  });

  it('is not suspected where every guard stands on a route', () => {
    const own = entraGuard(guardOptions(entra));
    const app = express()
      .get('/orders', own.require(scopes('Orders.Read')), handler)
      .get('/open', handler);
    expect(() => own.assertAllGuarded(app)).toThrow(/^(?!.*none of its routes).*GET \/open/s);
  });

  it('that Express takes for an error handler is none: nothing calls it', async () => {
    const wrap = (fn: Middleware) =>
      guard.wrapped((_a: unknown, req: never, res: never, next: () => void) => fn(req, res, next), fn);
    const app = express()
      .use('/admin', wrap(read()) as unknown as RequestHandler)
      .get('/admin/users', handler)
      .get('/orders', wrap(read()) as unknown as RequestHandler, handler);
    expect(await call(app, get('/admin/users'))).toMatchObject({ status: 200 });
    expect(await call(app, get('/orders'))).toMatchObject({ status: 200 });
    expect(undecided(app)).toEqual(['GET /admin/users', 'GET /orders']);
  });
});

describe.each(majors)('what is only inherited on %s', (_, express) => {
  const inheriting = (name: PropertyKey, value: unknown): readonly string[] => {
    const app = express().use('/admin', (_req, _res, next) => next());
    app.get('/orders', handler).get('/admin/users', handler);
    Object.defineProperty(Function.prototype, name, { value, configurable: true, enumerable: true });
    try {
      return undecided(app);
    } finally {
      Reflect.deleteProperty(Function.prototype, name);
    }
  };

  it('of all functions says nothing of one', () => {
    const own = read();
    const [mark] = Object.entries(own)[0] ?? expect.fail();
    const value = Object.getOwnPropertyDescriptor(own, mark)?.value;
    for (const [name, inherited] of [
      [mark, value],
      ['__original', own],
      ['__sentry_original__', own],
      [Symbol('original'), own],
    ] as const) {
      expect(inheriting(name, inherited), String(name)).toEqual(['GET /orders', 'GET /admin/users']);
    }
  });

  it('from a guard says nothing of another function', () => {
    const heir = Object.setPrototypeOf(
      (_req: never, res: { json(body: string): void }) => res.json('open'),
      read(),
    );
    expect(undecided(express().get('/orders', heir as RequestHandler))).toEqual(['GET /orders']);
  });
});

interface OpenLayer {
  handle: Middleware;
  readonly route?: { readonly stack: OpenLayer[] };
}

function layersOf(app: object): readonly OpenLayer[] {
  const { _router, router } =
    'lazyrouter' in app
      ? { ...(app as { _router?: object }), router: undefined }
      : { ...(app as { router?: object }), _router: undefined };
  return ((_router ?? router) as { stack: OpenLayer[] }).stack;
}

describe('guard.wrapped', () => {
  it('gives the wrapper back, and leaves one of another function alone', () => {
    const other: Middleware = (_req, _res, next) => next();
    const wrapper = plain(other);
    expect(guard.wrapped(wrapper, other)).toBe(wrapper);
    expect(Reflect.ownKeys(wrapper)).toEqual(['length', 'name']);
    const around = plain(read());
    const own = read();
    expect(guard.wrapped(around, own)).toBe(around);
    expect(around.name).toBe(own.name);
  });

  it('takes the same wrapper of the same guard twice', () => {
    const own = read();
    const wrapper = guard.wrapped(plain(own), own);
    expect(guard.wrapped(wrapper, own)).toBe(wrapper);
  });

  it('refuses one function for two guards, and what is not a function', () => {
    const wrapper = guard.wrapped(plain(read()), read());
    expect(() => guard.wrapped(wrapper, read())).toThrow(/stands for another guard.*Make a new function/s);
    for (const [first, second, given] of [
      [{}, read(), 'object and function'],
      [plain(read()), null as unknown as object, 'function and null'],
    ] as const) {
      expect(() => guard.wrapped(first, second)).toThrow(new RegExp(`was given ${given}`));
    }
  });
});
