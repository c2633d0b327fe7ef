import { anonymous, entraGuard, handlersIn, scopes } from '@entra-guard/express';
import { createGuardedDocument, type GuardedDocumentOptions } from '@entra-guard/express/openapi';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { Express, RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { type RowRequest } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';
import { majors } from './majors.js';
import { undecidedOf } from './undecided.js';

let entra: InProcessEntra;
let guard: ReturnType<typeof entraGuard>;
let uri: string;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
  guard = entraGuard(guardOptions(entra));
  uri = guard.validator.applicationIdUri;
});
afterAll(() => entra.close());

const handler: RequestHandler = (_req, res) => void res.json('here');
const requires = (scope: string) => guard.require(scopes(scope));

type Security = readonly Readonly<Record<string, readonly string[]>>[];
type Paths = Readonly<Record<string, Readonly<Record<string, { readonly security?: Security }>>>>;

/** What an operation of the document says of its security: scopes in short, `open`, or nothing. */
async function said(
  app: object,
  operation: string,
  options: GuardedDocumentOptions = {},
  paths: object = {},
) {
  const [verb = '', template = ''] = operation.split(' ');
  const document = await createGuardedDocument(
    app,
    guard,
    {
      openapi: '3.1.0',
      info: { title: 'Orders', version: '1' },
      security: [{ key: [] }],
      paths: paths as Record<string, object>,
    },
    { log: false, ...options },
  );
  const security = (document.paths as Paths)[template]?.[verb.toLowerCase()]?.security;
  if (security?.length === 0) return 'open';
  return security?.map((one) => Object.values(one).flat().join(' ').replaceAll(`${uri}/`, '')).join();
}

const ok = { responses: { 200: { description: 'Fine.' } } };

describe.each(majors)('of several definitions that take a request on %s', (major, express) => {
  const isExpress4 = major === 'Express 4';
  const all = isExpress4 ? '*' : '/*path';
  const cases: [what: string, build: (app: Express) => unknown, path?: string][] = [
    ['the same path twice', (app) => app.get('/orders', handler).get('/orders', requires('Read'), handler)],
    ['all methods first', (app) => app.all('/orders', handler).get('/orders', requires('Read'), handler)],
    [
      'a parameter before a literal',
      (app) => app.get('/:id', handler).get('/orders', requires('Read'), handler),
    ],
    ['a wildcard first', (app) => app.get(all, handler).get('/orders', requires('Read'), handler)],
    ['a pattern first', (app) => app.get(/^\/ord/, handler).get('/orders', requires('Read'), handler)],
    ['another case', (app) => app.get('/Orders', handler).get('/orders', requires('Read'), handler)],
    ['a slash at the end', (app) => app.get('/orders/', handler).get('/orders', requires('Read'), handler)],
    [
      'a list of paths',
      (app) => app.get(['/a', '/orders'], handler).get('/orders', requires('Read'), handler),
    ],
    [
      'one router twice, guarded at the second place',
      (app) => {
        const router = express.Router().get('/', handler);
        app.use('/orders', router).use('/orders', requires('Read'), router);
      },
    ],
    [
      'a pattern in a router',
      (app) => {
        const router = express.Router().get(/^\/[a-z]+$/, handler);
        app.use('/api/:version', router).get('/api/:v/orders', requires('Read'), handler);
      },
      '/api/1/orders',
    ],
    ['the guard behind the handler', (app) => app.get('/orders', handler, requires('Read'))],
    [
      'the open methods of a route first',
      (app) => {
        app.route('/orders').get(handler);
        app.route('/orders').all(requires('Read')).get(handler);
      },
    ],
  ];

  it.each(cases)(
    'the first answers, and the document does not say what the second requires: %s',
    async (_what, build, path = '/orders') => {
      const app = express();
      build(app);
      expect(await call(app, request('GET', path))).toMatchObject({ status: 200 });
      expect(undecidedOf(guard, app)).not.toEqual([]);
      expect(handlersIn(app).some(({ access }) => access.kind === 'undecided')).toBe(true);
      const template = path.replace('/api/1', '/api/{v}');
      expect(await said(app, `GET ${template}`)).toBeUndefined();
    },
  );

  it.each([
    ['the same path', (app: Express) => app.get('/orders', guard.require(anonymous()), handler)],
    ['a parameter', (app: Express) => app.get('/:id', guard.require(anonymous()), handler)],
    ['all methods', (app: Express) => app.all(all, guard.require(anonymous()), handler)],
  ])('one that is declared open is described as open: %s', async (_what, build) => {
    const app = express();
    build(app);
    app.get('/orders', requires('Read'), handler);
    expect(await call(app, request('GET', '/orders'))).toMatchObject({ status: 200 });
    expect(undecidedOf(guard, app)).toEqual([]);
    expect(await said(app, 'GET /orders')).toBe('open');
  });

  type Build = (app: Express) => unknown;
  const others: [what: string, before: Build, template?: string, after?: Build][] = [
    ['a literal that is another', (app: Express) => app.get('/users', handler)],
    ['a parameter that is too short', (app: Express) => app.get('/:id', handler), '/orders/{id}'],
    ['another method', (app: Express) => app.post('/orders', handler)],
    ['a pattern that takes others', (app: Express) => app.get(/^\/users/, handler)],
    [
      'a literal in the place of a parameter',
      (app: Express) => app.get('/orders/new', handler),
      '/orders/{id}',
    ],
    ['one that comes later', (app: Express) => app, '/orders', (app: Express) => app.get('/orders', handler)],
  ];

  it.each(others)(
    'one that takes other requests changes nothing: %s',
    async (_what, before, template = '/orders', after) => {
      const app = express();
      before(app);
      app.get(template.replace('{id}', ':id'), requires('Read'), handler);
      after?.(app);
      expect(await call(app, request('GET', template.replace('{id}', '7')))).toMatchObject({ status: 401 });
      expect(await said(app, `GET ${template}`)).toBe('Read');
    },
  );

  it('those with nothing but guards stand before the first that answers', async () => {
    const app = express()
      .all(all, guard.authenticate())
      .all('/orders', requires('All'))
      .get('/orders', requires('Read'), handler)
      .get('/welcome', guard.authenticate({ optional: true }))
      .get('/welcome', requires('Read'), handler);
    expect(await said(app, 'GET /orders')).toBe('All Read');
    expect(await said(app, 'GET /welcome')).toBe('Read');
    expect(await call(app, request('GET', '/orders'))).toMatchObject({ status: 401 });
  });

  describe('in one route', () => {
    it('the handlers for the method decide, whatever those for others are', async () => {
      const app = express();
      app.route('/a').get(requires('Read'), handler).all(handler);
      app.route('/b').all(handler).get(requires('Read'), handler);
      app.route('/c').get(requires('Read'), handler).head(handler);
      app.route('/d').get(handler).head(requires('Head'), handler);
      const head = { '/a': { head: ok }, '/c': { head: ok }, '/d': { head: ok } };
      expect(await said(app, 'GET /a')).toBe('Read');
      expect(await said(app, 'HEAD /a', {}, head)).toBe('Read');
      expect(await said(app, 'GET /b')).toBeUndefined();
      expect(await said(app, 'HEAD /c', {}, head)).toBeUndefined();
      expect(await said(app, 'GET /d')).toBeUndefined();
      expect(await said(app, 'HEAD /d', {}, head)).toBe('Head');
      for (const [method, path, status] of [
        ['GET', '/a', 401],
        ['HEAD', '/a', 401],
        ['GET', '/b', 200],
        ['HEAD', '/c', 200],
        ['GET', '/d', 200],
        ['HEAD', '/d', 401],
      ] as const) {
        expect(await call(app, request(method, path)), `${method} ${path}`).toMatchObject({ status });
      }
    });

    it('a HEAD is answered by the first route for GET or HEAD', async () => {
      const app = express().get('/a', handler).head('/a', requires('Head'), handler);
      expect(await call(app, request('HEAD', '/a'))).toMatchObject({ status: 200 });
      expect(await said(app, 'HEAD /a')).toBeUndefined();
    });
  });

  it('the document tells which it left out, and why', async () => {
    const entries: string[] = [];
    const app = express().all('/:id', handler).get('/orders', requires('Read'), handler);
    await said(app, 'GET /orders', { log: ({ level, message }) => entries.push(`${level}: ${message}`) });
    expect(entries).toEqual([
      'warn: The OpenAPI document does not say what these routes require: an earlier route takes their requests, and is neither guarded nor declared open: GET /orders (after ALL /:id)',
    ]);
  });

  it('those of another API are described by the document of its guard', async () => {
    const other = entraGuard({ ...guardOptions(entra), clientId: entra.clientIdOf('portal') });
    const app = express()
      .get('/orders', requires('Read'), handler)
      .get('/reports', other.require(scopes('Reports.Read')), handler)
      .get('/both', requires('Read'), other.require(scopes('Reports.Read')), handler);
    const entries: string[] = [];
    const log: GuardedDocumentOptions['log'] = ({ level, message }) => entries.push(`${level}: ${message}`);
    expect(await said(app, 'GET /orders', { log })).toBe('Read');
    expect(await said(app, 'GET /reports')).toBeUndefined();
    expect(await said(app, 'GET /both')).toBeUndefined();
    expect(entries).toEqual([
      'info: The OpenAPI document does not say what the guard of another API requires: GET /reports, GET /both',
    ]);
    expect(undecidedOf(guard, app)).toEqual([]);
  });

  it('those of another guard of one API are described alike', async () => {
    const second = entraGuard(guardOptions(entra));
    const app = express().get('/orders', second.require(scopes('Read')), handler);
    expect(await said(app, 'GET /orders')).toBe('Read');
  });
});

function request(method: RowRequest['method'], path: string): RowRequest {
  return { method, path, headers: [] };
}
