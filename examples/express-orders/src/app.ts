import {
  allOf,
  anonymous,
  anyOf,
  appPermissions,
  authContext,
  authOf,
  type ExpressGuardOptions,
  entraGuard,
  scopes,
  signedInWithin,
  userRoles,
} from '@entra-guard/express';
import express, { type Express } from 'express';
import { OrderBook, readNewOrder } from './order-book.js';

/**
 * Creates the orders API.
 *
 * @param options whose tokens it accepts: `optionsFromEnv()` in production, `entra.options()` in tests
 */
export function createApp(options: ExpressGuardOptions): Express {
  const guard = entraGuard(options);
  const orders = new OrderBook();
  const app = express().disable('x-powered-by');

  // Open to every caller, which must be declared.
  app.get('/health', guard.require(anonymous().because('the load balancer asks')), (_request, response) => {
    response.json({ status: 'ok' });
  });

  // Open too, but a caller with a token gets a discount. An invalid token is refused even here.
  app.get('/prices', guard.authenticate({ optional: true }), (request, response) => {
    response.json({ tea: 4, coffee: 6, discount: authOf(request) === undefined ? 0 : 0.1 });
  });

  // A user, through an app with the scope to read.
  app.get('/orders', guard.require(scopes('Orders.Read')), (_request, response) => {
    response.json(orders.list());
  });

  // A user, or an app without a user. The body is read only after the guard has let the caller in.
  app.post(
    '/orders',
    guard.require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All'))),
    express.json(),
    (request, response) => {
      const order = readNewOrder(request.body);
      if (order === undefined) response.status(400).json({ message: 'An order has an item and a quantity.' });
      else response.status(201).json(orders.place(order, request.auth.subjectKey));
    },
  );

  // The nightly job, or an auditor.
  app.get(
    '/orders/export',
    guard.require(
      anyOf(
        appPermissions('Orders.Export.All'),
        allOf(scopes('Orders.Read'), userRoles('Orders.Auditor')),
      ).because('the books are closed every night'),
    ),
    (_request, response) => {
      response.type('text/csv').send(orders.csv());
    },
  );

  // A user with the app role who signed in recently.
  app.post(
    '/orders/:id/approve',
    guard.require(allOf(scopes('Orders.Write'), userRoles('Orders.Approver'), signedInWithin('15m'))),
    (request, response) => {
      const order = orders.approve(Number(request.params.id), request.auth.subjectKey);
      if (order === undefined) response.status(404).json({ message: 'There is no such order.' });
      else response.json(order);
    },
  );

  // An administrator who satisfied Conditional Access for authentication context c1 ("step-up").
  app.delete(
    '/orders/:id',
    guard.require(allOf(scopes('Orders.Write'), userRoles('Orders.Admin'), authContext('c1'))),
    (request, response) => {
      const deleted = orders.delete(Number(request.params.id));
      if (deleted) response.status(204).end();
      else response.status(404).json({ message: 'There is no such order.' });
    },
  );

  // In Express a route without a guard is open. This line makes that an error at start.
  guard.assertAllGuarded(app);
  return app;
}
