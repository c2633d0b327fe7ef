import { takeInventory } from '@entra-guard/catalogue';
import {
  anonymous,
  appPermissions,
  ConfigurationError,
  definePermissions,
  entraGuard,
  handlersIn,
  scopes,
  userRoles,
} from '@entra-guard/express';
import type { RequestHandler } from 'express5';
import { describe, expect, it } from 'vitest';
import { majors } from '../express/majors.js';

const guard = entraGuard({
  tenantId: '11111111-1111-4111-8111-111111111111',
  clientId: '22222222-2222-4222-8222-222222222222',
  log: false,
});
const orders = definePermissions({
  api: 'api://orders',
  owner: { team: 'Orders' },
  scopes: { 'Orders.Read': { description: 'Read.', consent: 'user', because: 'The shop shows them.' } },
});
const read = guard.require(scopes('Read'));
const handler: RequestHandler = (_req, res) => {
  res.end();
};
const lines = (app: object): readonly string[] =>
  takeInventory(handlersIn(app)).handlers.map(
    ({ method, path, access, requirement, note }) =>
      `${method} ${path}: ${access}${requirement ? ` ${requirement}` : ''}${note ? ` (${note})` : ''}`,
  );

describe.each(majors)('the routes of %s', (_, express) => {
  it('are there with what they require, why, and who answers for it', () => {
    const app = express();
    app.get('/orders', guard.require(orders.scopes('Orders.Read')), handler);
    app.get('/health', guard.require(anonymous().because('A probe asks.')), handler);
    app.get('/maybe', guard.authenticate({ optional: true }), handler);
    app.post('/orders', handler);
    app.put('/orders', guard.authenticate(), handler);
    app.patch('/orders', handler, read);
    expect(takeInventory(handlersIn(app)).handlers).toEqual([
      {
        method: 'GET',
        path: '/orders',
        access: 'required',
        requirement: "scopes('Orders.Read')",
        permissions: [{ use: 'scope', value: 'Orders.Read' }],
        reasons: ['The shop shows them.'],
        owner: { team: 'Orders' },
      },
      {
        method: 'GET',
        path: '/health',
        access: 'public',
        requirement: 'anonymous()',
        permissions: [],
        reasons: ['A probe asks.'],
      },
      { method: 'GET', path: '/maybe', access: 'optional', permissions: [], reasons: [] },
      expect.objectContaining({
        method: 'POST',
        access: 'open',
        note: 'it is neither guarded nor declared open',
      }),
      expect.objectContaining({
        method: 'PUT',
        access: 'open',
        note: 'guard.authenticate alone requires nothing',
      }),
      expect.objectContaining({
        method: 'PATCH',
        access: 'open',
        note: expect.stringContaining('behind another'),
      }),
    ]);
  });

  it('of nested routers have their mount paths, and what is mounted on the way', () => {
    const app = express();
    const api = express.Router();
    const tenant = express.Router();
    tenant.get('/', read, handler);
    tenant.get('/items/:id', handler);
    api.use('/tenants/:tenant', guard.require(userRoles('Clerk')), tenant);
    api.get('/free', handler);
    app.use('/api', api);
    expect(lines(app)).toEqual([
      "GET /api/tenants/:tenant: required allOf(scopes('Read'), userRoles('Clerk'))",
      "GET /api/tenants/:tenant/items/:id: required userRoles('Clerk')",
      'GET /api/free: open (it is neither guarded nor declared open)',
    ]);
  });

  it('have every requirement on the way, those beside each other too', () => {
    const app = express();
    app.use(guard.require(anonymous().because('Everybody.')));
    app.get('/a', handler);
    app.get('/b', read, guard.require(userRoles('Clerk')), handler);
    app.get('/c', guard.require(anonymous().because('Really.')), handler);
    app.get('/d', guard.authenticate({ optional: true }), handler);
    app.get('/e', guard.authenticate({ optional: true }), read, handler);
    expect(lines(app)).toEqual([
      'GET /a: public anonymous()',
      "GET /b: required allOf(scopes('Read'), userRoles('Clerk'))",
      'GET /c: public anonymous()',
      'GET /d: optional',
      "GET /e: required scopes('Read')",
    ]);
    expect(takeInventory(handlersIn(app)).handlers[2]?.reasons).toEqual(['Everybody.', 'Really.']);
  });

  it('refuse every caller where two guards on the way contradict each other', () => {
    const app = express();
    app.use(guard.require(appPermissions('Daemon')));
    app.get('/a', read, handler);
    expect(lines(app)).toEqual([
      "GET /a: denied (it stands behind appPermissions('Daemon') and scopes('Read'), which no token satisfies together)",
    ]);
  });

  it('are one where all methods are alike, and several where they are not', () => {
    const app = express();
    app.all('/all', read, handler);
    app.route('/some').get(read, handler).post(handler);
    app.route('/both').all(read).get(handler);
    expect(lines(app)).toEqual([
      "ALL /all: required scopes('Read')",
      "GET /some: required scopes('Read')",
      'POST /some: open (it is neither guarded nor declared open)',
      "ALL /both: required scopes('Read')",
      "GET /both: required scopes('Read')",
    ]);
  });

  it('that nothing answers are left out', () => {
    const app = express();
    app.route('/nothing').get(guard.authenticate());
    expect(lines(app)).toEqual([]);
  });

  it('of mounted applications are hidden until they have passed assertAllGuarded', () => {
    const app = express();
    const inner = express();
    inner.get('/', read, handler);
    inner.get('/items', guard.require(anonymous()), handler);
    app.use('/inner', inner);
    expect(lines(app)).toEqual([
      "ALL /inner/*: open (a mounted application, whose routes can't be seen from here)",
    ]);
    guard.assertAllGuarded(inner);
    expect(lines(app)).toEqual([
      "GET /inner: required scopes('Read')",
      'GET /inner/items: public anonymous()',
    ]);
    inner.get('/late', handler);
    expect(lines(app)).toContain('GET /inner/late: open (it is neither guarded nor declared open)');
  });

  it('of mounted applications are behind what is mounted before them', () => {
    const app = express();
    const [seen, unseen] = [express(), express()];
    seen.get('/a', guard.require(userRoles('Clerk')), handler);
    app.use(read);
    app.use('/seen', seen);
    app.use('/unseen', unseen);
    guard.assertAllGuarded(seen);
    seen.get('/late', handler);
    expect(lines(app)).toEqual([
      "GET /seen/a: required allOf(scopes('Read'), userRoles('Clerk'))",
      "GET /seen/late: required scopes('Read')",
      "ALL /unseen/*: required scopes('Read')",
    ]);
  });

  it('are asked for of an application or a router', () => {
    const router = express.Router();
    router.get('/a', read, handler);
    expect(lines(router)).toEqual(["GET /a: required scopes('Read')"]);
    expect(() => handlersIn({})).toThrow(ConfigurationError);
  });
});
