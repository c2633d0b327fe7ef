import {
  allOf,
  anonymous,
  anyOf,
  appPermissions,
  entraGuard,
  noAgents,
  scopes,
  userRoles,
} from '@entra-guard/express';
import { createGuardedDocument, type GuardedDocumentOptions } from '@entra-guard/express/openapi';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { Validator as OpenApiValidator } from '@seriousme/openapi-schema-validator';
import type { Express, RequestHandler } from 'express5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { get } from '../http/row.js';
import { guardOptions } from '../http/run-rows.js';
import { call } from './call.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
let guard: ReturnType<typeof entraGuard>;
let uri: string;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
  const options = guardOptions(entra);
  guard = entraGuard(options);
  uri = guard.validator.applicationIdUri;
});
afterAll(() => entra.close());

const handler: RequestHandler = (_req, res) => void res.json('here');
const requires = (scope: string) => guard.require(scopes(scope));

/** What is looked at of a document. */
interface Operation {
  readonly [name: string]: unknown;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const begun = { openapi: '3.1.0', info: { title: 'Orders', version: '1' } };
const ok = { responses: { 200: { description: 'Fine.' } } };

async function documentOf(app: object, given: object = {}, options: GuardedDocumentOptions = {}) {
  const document = await createGuardedDocument(
    app,
    guard,
    { ...begun, ...given },
    { log: false, ...options },
  );
  return document as unknown as Omit<typeof document, 'paths'> & { readonly paths: Paths };
}

/** Each operation with what it requires: the scopes' short names, or the app's scheme. */
function required(paths: Paths): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([template, item]) =>
      Object.entries(item)
        .filter(([verb]) => verb !== 'parameters' && verb !== 'summary')
        .map(([verb, { security }]) => [
          `${verb} ${template}`,
          security?.map((one) =>
            Object.entries(one)
              .map(([scheme, names]) =>
                [scheme, ...names.map((name) => name.replace(`${uri}/`, ''))].join(' '),
              )
              .join(),
          ),
        ]),
    ),
  );
}

/** Everything that was told while a document was made. */
async function told(app: object, given: object, options: GuardedDocumentOptions = {}) {
  const entries: string[] = [];
  await documentOf(app, given, {
    ...options,
    log: ({ level, message }) => entries.push(`${level}: ${message}`),
  });
  return entries;
}

async function assertValid(document: object): Promise<void> {
  const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  const { valid, errors } = await new OpenApiValidator().validate(copy);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
}

describe.each(majors)('an OpenAPI document of %s', (major, express) => {
  const isExpress4 = major === 'Express 4';

  /** An application with one of everything. */
  function ordersApp(): Express {
    const admin = express.Router({ mergeParams: true });
    admin.use(guard.require(allOf(scopes('Admin'), userRoles('Clerk'))));
    admin.get('/orders', handler);
    admin.delete('/orders/:id', requires('Delete'), handler);
    return express()
      .get('/orders', requires('Read'), handler)
      .post('/orders', guard.require(anyOf(scopes('Write'), appPermissions('Write.All'))), handler)
      .get('/prices', guard.authenticate({ optional: true }), handler)
      .get('/me', guard.authenticate(), handler)
      .get('/health', guard.require(anonymous()), handler)
      .get('/webhook', handler)
      .use('/tenants/:tenant/admin', admin);
  }

  it('says of each route what it requires and how it refuses', async () => {
    const { paths } = await documentOf(ordersApp());
    expect(required(paths)).toEqual({
      'get /orders': ['entra Read'],
      'post /orders': ['entraApp .default', 'entra Write'],
      'get /prices': ['', 'entra'],
      'get /me': ['entra'],
      'get /health': undefined,
      'get /webhook': undefined,
      'get /tenants/{tenant}/admin/orders': ['entra Admin'],
      'delete /tenants/{tenant}/admin/orders/{id}': ['entra Admin Delete'],
    });
    expect(paths['/orders']?.get?.responses).toMatchObject({
      401: { description: expect.stringContaining('No access token') },
      403: { description: "The caller may not. Required: `scopes('Read')`." },
      503: { description: expect.stringContaining('Retry-After') },
    });
    expect(paths['/tenants/{tenant}/admin/orders']?.get?.responses[403]?.description).toContain(
      "allOf(scopes('Admin'), userRoles('Clerk'))",
    );
    expect(Object.keys(paths['/me']?.get?.responses ?? {})).toEqual(['401', '503', 'default']);
    expect(Object.keys(paths['/health']?.get?.responses ?? {})).toEqual(['default']);
    expect(Object.keys(paths['/webhook']?.get?.responses ?? {})).toEqual(['default']);
  });

  it.each(['3.0.3', '3.1.0'])('is valid OpenAPI %s, with the authority and without it', async (openapi) => {
    await assertValid(await documentOf(ordersApp(), { openapi }));
    const away = await startEntra({ apps: registrations });
    away.fail('metadata', 503);
    const unheard = entraGuard(guardOptions(away));
    const document = await createGuardedDocument(ordersApp(), unheard, { ...begun, openapi });
    await away.close();
    await assertValid(document);
    expect(document).toMatchObject({
      components: { securitySchemes: { entra: { type: 'openIdConnect' } } },
    });
  });

  it('names the endpoints of the authority, and what scopes are for', async () => {
    const document = await documentOf(ordersApp(), {}, { scopes: { Read: 'Read your orders' } });
    expect(document).toMatchObject({
      components: {
        securitySchemes: {
          entra: {
            type: 'oauth2',
            flows: {
              authorizationCode: {
                authorizationUrl: expect.stringMatching(/\/oauth2\/v2\.0\/authorize$/),
                scopes: { [`${uri}/Read`]: 'Read your orders', [`${uri}/Write`]: 'Write' },
              },
            },
          },
          entraApp: { type: 'oauth2' },
        },
      },
    });
  });

  it('takes over what was written, and only replaces what is said of security', async () => {
    const given = {
      security: [{ key: [] }],
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'k' } } },
      paths: {
        'x-team': 'orders',
        '/orders/': {
          summary: 'Orders.',
          get: { operationId: 'list', security: [{ key: [] }], responses: { 403: { description: 'Ours.' } } },
        },
        '/health': { get: ok },
        '/webhook': { get: ok },
      },
    };
    const before = structuredClone(given);
    const document = await documentOf(ordersApp(), given);
    expect(given).toEqual(before);
    expect(document.components.securitySchemes).toMatchObject(given.components.securitySchemes);
    expect(document.paths).toMatchObject({
      'x-team': 'orders',
      '/orders/': {
        summary: 'Orders.',
        get: {
          operationId: 'list',
          security: [{ entra: [`${uri}/Read`] }],
          responses: { 401: {}, 403: { description: 'Ours.' } },
        },
      },
      '/health': { get: { security: [] } },
    });
    // Undecided: what the document says of all operations may be true.
    expect(document.paths['/webhook']?.get).toEqual(ok);
    expect(Object.keys(document.paths)).not.toContain('/orders');
  });

  it('keeps the names that its parameters have in the document', async () => {
    const app = express()
      .get('/orders/:id', requires('Read'), handler)
      .put('/orders/:id', requires('Write'), handler);
    const shared = [{ name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } }];
    const { paths } = await documentOf(app, {
      paths: { '/orders/{orderId}': { parameters: shared, get: ok } },
    });
    expect(required(paths)).toEqual({
      'get /orders/{orderId}': ['entra Read'],
      'put /orders/{orderId}': ['entra Write'],
    });
    expect(paths['/orders/{orderId}']?.put).not.toHaveProperty('parameters');
    const added = await documentOf(app);
    expect(added.paths['/orders/{id}']?.put).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    });
  });

  it('leaves routes out that it did not have, if asked to', async () => {
    const { paths } = await documentOf(
      ordersApp(),
      { paths: { '/orders': { get: ok } } },
      { addRoutes: false },
    );
    expect(required(paths)).toEqual({ 'get /orders': ['entra Read'] });
  });

  it('has paths without what its servers add to them', async () => {
    const app = express()
      .use(
        '/api',
        express.Router().get('/', requires('Root'), handler).get('/orders', requires('Read'), handler),
      )
      .get('/apis', requires('Other'), handler);
    const { paths } = await documentOf(app, { servers: [{ url: '/api' }] }, { basePath: '/api/' });
    expect(required(paths)).toEqual({ 'get /': ['entra Root'], 'get /orders': ['entra Read'] });
  });

  it('tells of operations that have no route, and leaves them alone', async () => {
    const given = {
      paths: { '/orders': { get: ok, patch: ok }, '/old/{id}': { get: { ...ok, security: [] } } },
    };
    expect(await told(ordersApp(), given)).toEqual([
      'warn: The OpenAPI document describes operations without a route, whose security was left unchanged: PATCH /orders, GET /old/{id}',
    ]);
    const { paths } = await documentOf(ordersApp(), given);
    expect(paths['/old/{id}']?.get).toEqual({ ...ok, security: [] });
    expect(await told(ordersApp(), { paths: { '/orders': { get: ok } } })).toEqual([]);
  });

  it('loses neither of two templates for one path, nor what is elsewhere', async () => {
    const paths = {
      '/orders': { get: ok },
      '/orders/': { post: ok },
      '/me': { $ref: '#/components/pathItems/me' },
    };
    const document = await documentOf(ordersApp(), { paths });
    expect(document.paths['/orders/']).toEqual({ post: ok });
    expect(document.paths['/me']).toEqual(paths['/me']);
  });

  it('describes a route for all methods as what the document says it takes, or as the usual ones', async () => {
    const app = express()
      .all('/documented', requires('Some'), handler)
      .all('/bare', requires('All'), handler)
      .all('/first', requires('All'), handler)
      .get('/first', requires('Never'), handler);
    const { paths } = await documentOf(app, { paths: { '/documented': { get: ok, options: ok } } });
    expect(required(paths)).toEqual({
      'get /documented': ['entra Some'],
      'options /documented': ['entra Some'],
      'get /bare': ['entra All'],
      'put /bare': ['entra All'],
      'post /bare': ['entra All'],
      'delete /bare': ['entra All'],
      'patch /bare': ['entra All'],
      'get /first': ['entra All'],
    });
  });

  it('takes a HEAD for a GET, as Express does', async () => {
    const { paths } = await documentOf(ordersApp(), { paths: { '/orders': { head: ok } } });
    expect(required(paths)['head /orders']).toEqual(['entra Read']);
    const own = express().head('/a', requires('Head'), handler).get('/a', requires('Get'), handler);
    expect(required((await documentOf(own)).paths)['head /a']).toEqual(['entra Head']);
  });

  it('takes the first route that requests come to', async () => {
    const app = express()
      .get('/orders', requires('First'), handler)
      .get('/orders', requires('Second'), handler);
    expect(required((await documentOf(app)).paths)['get /orders']).toEqual(['entra First']);
  });

  it('calls nothing open behind a guard that demands a token', async () => {
    const behind = express.Router().use(guard.authenticate());
    behind
      .get('/open', guard.require(anonymous()), handler)
      .get('/welcome', guard.authenticate({ optional: true }), handler)
      .get('/undecided', handler);
    const { paths } = await documentOf(express().use('/in', behind));
    expect(required(paths)).toEqual({
      'get /in/open': ['entra'],
      'get /in/welcome': ['entra'],
      'get /in/undecided': ['entra'],
    });
    expect(await call(express().use('/in', behind), get('/in/open'))).toMatchObject({ status: 401 });
  });

  it('has the routes of a mounted application, once it was asserted', async () => {
    const inner = express().get('/orders/:id', requires('Inner'), handler);
    const app = express().use('/:tenant/inner', requires('Outer'), inner);
    guard.assertAllGuarded(inner);
    expect(required((await documentOf(app)).paths)).toEqual({
      'get /{tenant}/inner/orders/{id}': ['entra Inner Outer'],
    });
  });

  it('can be made again, and of a router', async () => {
    const router = express.Router().get('/a', requires('Read'), handler);
    expect(await documentOf(router)).toEqual(await documentOf(router));
    expect(required((await documentOf(router)).paths)).toEqual({ 'get /a': ['entra Read'] });
  });

  it('is refused where guards on the way contradict each other', async () => {
    const app = express()
      .use(guard.require(scopes('Read')))
      .get('/orders', guard.require(appPermissions('Read.All')), handler);
    await expect(documentOf(app)).rejects.toThrow(/GET \/orders can't be described: .*no token satisfies/);
  });

  const both: readonly (readonly [path: string, templates: readonly string[], url: string])[] = [
    ['/', ['/'], '/'],
    ['/orders/:id', ['/orders/{id}'], '/orders/1'],
    ['/orders/:id/', ['/orders/{id}'], '/orders/1'],
    ['/:from-:to', ['/{from}-{to}'], '/a-b'],
    ['/orders/:id.pdf', ['/orders/{id}.pdf'], '/orders/1.pdf'],
    ['/a\\.b/:x', ['/a.b/{x}'], '/a.b/1'],
  ];
  const own: typeof both = isExpress4
    ? [
        ['/orders/:id?', ['/orders', '/orders/{id}'], '/orders'],
        ['/orders/:id(\\d+)', ['/orders/{id}'], '/orders/12'],
        ['/orders/:id((?:a|b)\\d)?/x', ['/orders/x', '/orders/{id}/x'], '/orders/a1/x'],
        ['/report.:ext?', ['/report', '/report.{ext}'], '/report.pdf'],
        ['/files/*', ['/files/{0}'], '/files/a/b'],
        ['/a/*/b/*', ['/a/{0}/b/{1}'], '/a/x/b/y'],
      ]
    : [
        ['/orders{/:id}', ['/orders', '/orders/{id}'], '/orders'],
        ['/orders{/:id{/lines}}', ['/orders', '/orders/{id}', '/orders/{id}/lines'], '/orders/1/lines'],
        ['/files/*path', ['/files/{path}'], '/files/a/b'],
        ['/:"order-id"/x', ['/{order-id}/x'], '/1/x'],
        ['/caf\\:e/:größe', ['/caf:e/{größe}'], '/caf:e/1'],
      ];
  it.each([...both, ...own])('writes %s as %s', async (path, templates, url) => {
    const app = express().get(path, requires('Read'), handler);
    const { paths } = await documentOf(app);
    expect(Object.keys(paths)).toEqual(templates);
    await assertValid(await documentOf(app));
    // Express does take it so.
    expect(await call(express().get(path, handler), get(url))).toMatchObject({ status: 200 });
  });

  const unsaid: readonly (string | RegExp)[] = isExpress4
    ? [/^\/a/, '/ab?cd', '/(a|b)', '/:a+', '/:a*', '/:ab*', '/:a(\\d+)*', '/a+b', '/x|/y']
    : [/^\/a/, '/a{/b}{/c}{/d}{/e}{/f}'];
  it.each(unsaid)('has no words for %s, and tells so', async (path) => {
    const app = express().get(path, requires('Read'), handler);
    expect((await documentOf(app)).paths).toEqual({});
    expect(await told(app, {})).toEqual([
      `info: The OpenAPI document does not have what its paths can't say: GET ${path}`,
    ]);
  });

  it('has every path of a route with a list of them', async () => {
    const app = express().get(['/a', '/b/:id'], requires('Read'), handler);
    expect(Object.keys((await documentOf(app)).paths)).toEqual(['/a', '/b/{id}']);
  });
});

describe('what createGuardedDocument is given', () => {
  const [, express] = majors[1] ?? expect.fail();
  const app = express();

  it.each<[what: string, document: object, message: RegExp]>([
    [
      'Swagger 2',
      { swagger: '2.0', info: begun.info },
      /a document of Swagger 2\.0\..*It takes OpenAPI 3\.0/s,
    ],
    ['no version', { info: begun.info }, /whose 'openapi' is undefined/],
    ['version 4', { ...begun, openapi: '4.0.0' }, /whose 'openapi' is "4\.0\.0"/],
    ['a number', { ...begun, openapi: 3.1 }, /whose 'openapi' is 3\.1/],
  ])('is refused where the document is of %s', async (_, document, message) => {
    await expect(createGuardedDocument(app, guard, document as typeof begun)).rejects.toThrow(message);
  });

  it('is refused without an application, a guard or a document', async () => {
    await expect(createGuardedDocument({}, guard, begun)).rejects.toThrow(
      'createGuardedDocument() was given something that is neither an Express application nor a router.',
    );
    await expect(createGuardedDocument(app, begun as never, begun)).rejects.toThrow(/was given no guard/);
    await expect(createGuardedDocument(app, undefined as never, begun)).rejects.toThrow(/was given no guard/);
    await expect(createGuardedDocument(app, guard, undefined as never)).rejects.toThrow(
      /'openapi' is undefined/,
    );
  });

  it.each(['api', '/:tenant', 5])('is refused with the base path %s', async (basePath) => {
    const options = { basePath: basePath as string };
    await expect(createGuardedDocument(app, guard, begun, options)).rejects.toThrow(
      /basePath is .*not a path/,
    );
  });

  it('may be narrowed by what narrows a requirement, which stands in the text', async () => {
    const narrowed = express().get('/a', guard.require(allOf(scopes('Read'), noAgents())), handler);
    const { paths } = await documentOf(narrowed);
    expect(paths['/a']?.get?.responses[403]?.description).toContain('noAgents()');
  });
});
