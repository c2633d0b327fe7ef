import { takeInventory } from '@entra-guard/catalogue';
import {
  definePermissions,
  entraGuard,
  handlersIn,
  memoryRevocations,
  revocationAppRoles,
  revocationRoutes,
  scopes,
} from '@entra-guard/express';
import { createGuardedDocument } from '@entra-guard/express/openapi';
import { startEntra } from '@entra-guard/testing';
import type { Express, Router } from 'express5';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../support/contoso.js';
import { fetchFromMemory } from '../../support/forger.js';
import { listen } from '../../support/listen.js';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';
import { majors } from './majors.js';

const REQUIRED = {
  POST: "anyAppPermission('Revocations.Manage.All', 'Revocations.Revoke.All')",
  GET: "anyAppPermission('Revocations.Lift.All', 'Revocations.Manage.All', 'Revocations.Read.All', 'Revocations.Revoke.All')",
  DELETE: "anyAppPermission('Revocations.Lift.All', 'Revocations.Manage.All')",
} as const;

const guardOf = () =>
  entraGuard({ ...contoso({ fetch: fetchFromMemory }), log: false, revocations: memoryRevocations() });

const listed = (app: object) =>
  handlersIn(app).map(({ method, path, access }) => [
    method,
    path,
    access.kind === 'requirement' ? String(access.requirement) : access,
  ]);

const routesAt = (path: string) => [
  ['POST', path, REQUIRED.POST],
  ['GET', path, REQUIRED.GET],
  ['DELETE', `${path}/:id`, REQUIRED.DELETE],
];

describe.each(majors)('the inventory of an application on %s', (_, express) => {
  type Mount = (app: Express, middleware: ReturnType<typeof revocationRoutes>, router: Router) => void;

  it.each<[string, string, Mount]>([
    ['in front', '/revocations', (app, own) => app.use(own)],
    ['below a path', '/admin/revocations', (app, own) => app.use('/admin', own)],
    ['at its own path', '/revocations', (app, own) => app.use('/revocations', own)],
    ['in a router', '/admin/revocations', (app, own, router) => app.use('/admin', router.use(own))],
    [
      'in a router at its path',
      '/revocations',
      (app, own, router) => app.use('/revocations', router.use(own)),
    ],
    [
      'at its path in a router',
      '/admin/revocations',
      (app, own, router) => app.use('/admin', router.use('/revocations', own)),
    ],
  ])('has the routes of revocations %s, where they answer', async (_where, path, mount) => {
    const guard = guardOf();
    const app = express();
    mount(app, revocationRoutes(guard), express.Router());
    guard.assertAllGuarded(app);
    expect(listed(app)).toEqual(routesAt(path));
    const host = await listen(app);
    onTestFinished(() => host.close());
    for (const { method, path } of handlersIn(app)) {
      expect((await fetch(`${host.origin}${path}`, { method })).status).toBe(401);
    }
  });

  it('names what else stands in front of them', () => {
    const guard = guardOf();
    const narrowed = guard.authenticate();
    const app = express();
    app.use('/revocations', guard.require(scopes('Orders.Read').because('never')));
    app.use(narrowed, revocationRoutes(guard));
    expect(handlersIn(app)[0]?.access).toMatchObject({ kind: 'undecided', effect: 'denied' });
  });

  it('does not take their permissions for unused', () => {
    const guard = guardOf();
    const app = express();
    app.use(revocationRoutes(guard));
    const catalogue = definePermissions({
      api: 'api://orders.contoso.example',
      owner: { team: 'Orders' },
      appRoles: revocationAppRoles,
    });
    const warned = (handlers: Parameters<typeof takeInventory>[0]) =>
      takeInventory(handlers, { catalogues: [catalogue.catalogue] }).warnings.length;
    expect(warned([])).toBeGreaterThan(0);
    expect(warned(handlersIn(app))).toBe(0);
  });

  it('leaves a route undecided that has them as a handler, since they let other requests pass', () => {
    const guard = guardOf();
    const app = express();
    app.get('/orders', revocationRoutes(guard), (_req, res) => void res.json([]));
    expect(() => guard.assertAllGuarded(app)).toThrow('GET /orders');
  });

  it('is in the OpenAPI document, too', async () => {
    const entra = await startEntra({ apps: registrations });
    onTestFinished(() => entra.close());
    const guard = entraGuard({ ...guardOptions(entra), revocations: memoryRevocations() });
    const app = express();
    app.use('/admin', revocationRoutes(guard));
    const document = await createGuardedDocument(app, guard, {
      openapi: '3.1.0',
      info: { title: 'Orders', version: '1' },
    });
    expect(Object.keys(document.paths ?? {})).toEqual(['/admin/revocations', '/admin/revocations/{id}']);
    expect(document).toMatchObject({
      paths: {
        '/admin/revocations': { post: { security: expect.any(Array) }, get: { security: expect.any(Array) } },
        '/admin/revocations/{id}': { delete: { parameters: [{ name: 'id', in: 'path' }] } },
      },
    });
    expect(JSON.stringify(document)).toContain('Revocations.Revoke.All');
  });
});
