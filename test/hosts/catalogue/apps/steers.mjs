import { anonymous, definePermissions, entraGuard } from '@entra-guard/express';
import express from 'express5';

const STEER = '\u001b\u202E\u2028\r\u009b31m';
export const permissions = definePermissions({
  api: 'api://orders\u202E',
  owner: { team: 'Orders\u202E' },
  scopes: {
    'Orders.Read': { description: 'Read\u202Eorders.', consent: 'user', because: 'They ask.\u2066' },
  },
});
const guard = entraGuard.fromEnv();
const done = (_request, response) => response.json('done');
export const app = express();
app.get(
  `/health/${STEER}`,
  guard.require(anonymous().because(`It asks\u202E${STEER.replace(/\p{Cc}/gu, '')}`)),
  done,
);
app.get(`/open/${STEER}`, done);
app.get('/orders', guard.require(permissions.scopes('Orders.Read')), done);
