import { definePermissions, entraGuard } from '@entra-guard/express';
import express from 'express5';

const text = { description: 'Read.', because: 'They ask.' };
const define = (api) =>
  definePermissions({
    api,
    owner: { team: 'Both' },
    scopes: { [`${api.slice(6)}.Read`]: { ...text, consent: 'user' } },
  });
const [first, second] = [define('api://first'), define('api://second')];
const guard = entraGuard.fromEnv();
const app = express();
app.get('/first', guard.require(first.scopes('first.Read')), (_request, response) => response.end());
app.get('/second', guard.require(second.scopes('second.Read')), (_request, response) => response.end());
export default app;
