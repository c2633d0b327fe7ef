import { anyOf, appPermissions, entraGuard, scopes } from '@entra-guard/express';
import express from 'express5';

const guard = entraGuard.fromEnv();
const done = (_request, response) => response.json('done');
export const app = express();
app.get(
  '/api/v1/customers/:customerId/orders/:orderId/attachments/:attachmentId/thumbnails/:size',
  guard.require(anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))),
  done,
);
app.post(
  '/api/v1/customers/:customerId/subscription-preferences',
  guard.require(scopes('Orders.Write')),
  done,
);
