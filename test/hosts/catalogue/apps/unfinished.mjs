import { entraGuard, scopes } from '@entra-guard/express';
import express from 'express5';

const done = (_request, response) => response.json('done');
const guard = entraGuard.fromEnv();
const admin = express().get('/users', done);
export const app = express()
  .get('/orders', guard.require(scopes('Orders.Read')), done)
  .get('/later', done)
  .use('/admin', admin);
// Both refuse to start what is not finished.
guard.assertAllGuarded(admin);
guard.assertAllGuarded(app);
