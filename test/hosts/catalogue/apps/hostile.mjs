import { anonymous, entraGuard } from '@entra-guard/express';
import express from 'express5';
import { permissions } from './permissions.mjs';

const done = (_request, response) => response.json('done');
const guard = entraGuard.fromEnv();
const app = express();
app.get('/health', guard.require(anonymous().because("'><img src=x onerror=alert(2)>")), done);
app.get('/orders', guard.require(permissions.scopes('Orders.Read')), done);
app.post('/orders', guard.require(permissions.scopes('Orders.Write')), done);
app.get('/<script>document.title=1</script>', done);
app.get('/maybe', guard.authenticate({ optional: true }), done);
export default app;
