/**
 * Compiled, never run: what the types of `@entra-guard/express` promise in a plain app of either major, without a cast.
 */
import {
  type AuthContext,
  anonymous,
  authOf,
  type ExpressGuard,
  entraGuard,
  members,
  scopes,
  userOf,
} from '@entra-guard/express';
import { createGuardedDocument } from '@entra-guard/express/openapi';
import express4 from 'express4';
import express5 from 'express5';
import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';
import swaggerUi from 'swagger-ui-express';

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<_Holds extends true>(): void {}

const guard = entraGuard({
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '00000000-0000-0000-0000-000000000000',
});
const { protect, require, authenticate, assertAllGuarded }: ExpressGuard = guard;

const app4 = express4();
app4.get('/orders/:id', guard.require(scopes('Orders.Read')), (req, res) => {
  assertType<Equals<typeof req.auth, AuthContext>>();
  assertType<Equals<typeof req.params.id, string>>();
  // @ts-expect-error the path has no such parameter
  req.params.order;
  assertType<Equals<ReturnType<typeof authOf>, AuthContext | undefined>>();
  res.json({ id: req.params.id, owner: req.auth.objectId, caller: authOf(req)?.kind });
});
app4.get('/users/:id', guard.require(scopes('Orders.Read')), async (req, res) => {
  assertType<Equals<ReturnType<typeof userOf>, Promise<object>>>();
  const user = await userOf<{ readonly customerId: string }>(req);
  res.json(user.customerId);
});
app4.use('/admin', protect(scopes('Orders.Read')), express4.Router());
app4.use(authenticate({ optional: true }));
app4
  .route('/orders')
  .all(require(anonymous()))
  .get((req, res) => res.json(req.auth.kind));
assertAllGuarded(app4);
assertAllGuarded(express4.Router());

const app5 = express5();
app5.get('/orders/:id', guard.require(scopes('Orders.Read')), (req, res) => {
  assertType<Equals<typeof req.auth, AuthContext>>();
  assertType<Equals<typeof req.params.id, string>>();
  // @ts-expect-error the path has no such parameter
  req.params.order;
  res.json({ id: req.params.id, owner: req.auth.objectId, caller: authOf(req)?.kind });
});
app5.use('/admin', protect(scopes('Orders.Read')), express5.Router());
app5.use(authenticate({ optional: true }));
app5
  .route('/orders')
  .all(require(anonymous()))
  .get((req, res) => res.json(req.auth.kind));
assertAllGuarded(app5);
assertAllGuarded(express5.Router());

entraGuard({ tenants: ['contoso.onmicrosoft.com'], clientId: '…', passErrors: true });
entraGuard({ validator: guard.validator, explain: true });
entraGuard.fromEnv({ clockTolerance: 30, passErrors: true });

// @ts-expect-error a narrowing alone grants nothing
guard.require(members());
// @ts-expect-error a string is no requirement
guard.require('Orders.Read');
// @ts-expect-error nothing is required
guard.require();
// @ts-expect-error one kind of authority
entraGuard({ tenantId: '…', tenants: ['…'], clientId: '…' });
// @ts-expect-error the API's client ID is needed
entraGuard({ tenantId: '…' });
// @ts-expect-error no such option
guard.authenticate({ optinal: true });
// @ts-expect-error the environment says which tenant
entraGuard.fromEnv({ tenants: 'any-organization' });
// @ts-expect-error readonly
guard.require = guard.protect;

// A document keeps its type, whichever library gave it.
declare const handwritten: OpenAPIV3.Document;
declare const newer: OpenAPIV3_1.Document;
const guardedDocument: Promise<OpenAPIV3.Document> = createGuardedDocument(app4, guard, handwritten);
const guardedNewer: Promise<OpenAPIV3_1.Document> = createGuardedDocument(express5(), guard, newer, {
  basePath: '/api',
});
const begun = createGuardedDocument(app4, guard, {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
});
void begun.then(({ paths }) => {
  const orders = paths['/orders/{id}'];
  const security: readonly object[] | undefined = orders?.get?.security;
  const refusal: object | undefined = orders?.delete?.responses?.['403'];
  // @ts-expect-error a path may not be there
  orders.get;
  // @ts-expect-error no method of HTTP
  orders?.fetch;
  return [security, refusal];
});
const withPaths = createGuardedDocument(app4, guard, {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: { '/orders': { get: { summary: 'Lists orders' } } },
});
void withPaths.then(({ paths }) => [paths['/orders'].get.summary, paths['/other']?.post?.security]);
void guardedNewer.then(({ paths }) => paths?.['/orders']?.get?.summary);
void Promise.all([guardedDocument, guardedNewer, begun]).then(([document]) =>
  express5().use('/docs', swaggerUi.serve, swaggerUi.setup(document)),
);
// @ts-expect-error a document of Swagger 2
void createGuardedDocument(app4, guard, { swagger: '2.0', info: { title: 'Orders', version: '1' } });
// @ts-expect-error a misspelt option
void createGuardedDocument(app4, guard, newer, { basepath: '/api' });
