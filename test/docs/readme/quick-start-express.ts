import { anyOf, appPermissions, entraGuard, scopes } from '@entra-guard/express';
import { app, clientId, create, listFor, tenantId } from './your-own.js';

const guard = entraGuard({ tenantId, clientId }); // or entraGuard.fromEnv()
app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => res.json(listFor(req.auth.objectId)));
app.post('/orders', guard.require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All'))), create);
guard.assertAllGuarded(app); // throws if any route is unguarded, and lists them
