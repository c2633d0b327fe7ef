import { allOf, anonymous, anyOf, entraGuard } from '@entra-guard/express';
import express from 'express5';
import { permissions } from './permissions.mjs';

// What an application prints when it is loaded must not get into what a command prints.
console.log('Loading…');

const done = (_request, response) => response.json('done');
const guard = entraGuard.fromEnv();
const orders = express.Router();
orders.get(
  '/',
  guard.require(anyOf(permissions.scopes('Orders.Read'), permissions.appPermissions('Orders.Read.All'))),
  done,
);
orders.post('/', guard.require(permissions.scopes('Orders.Write')), done);
orders.delete(
  '/:id',
  guard.require(allOf(permissions.scopes('Orders.Write'), permissions.userRoles('Orders.Admin'))),
  done,
);
export const app = express();
app.get('/health', guard.require(anonymous().because('The load balancer asks.')), done);
app.use('/orders', orders);
