import core = require('@entra-guard/core');
import catalogue = require('@entra-guard/catalogue');
import adapter = require('@entra-guard/express');
import testing = require('@entra-guard/testing');
import express = require('express');

async function main(): Promise<void> {
  const entra: testing.LocalEntra = await testing.startEntra();
  const guard = adapter.entraGuard(entra.options());
  const app = express();
  app.get('/orders', guard.require(adapter.scopes('Orders.Read')), (req, res) => {
    const auth: core.AuthContext = req.auth;
    res.json(auth.subjectKey);
  });
  guard.assertAllGuarded(app);
  catalogue.takeInventory(adapter.handlersIn(app));
  await entra.close();
}

main().catch((error: unknown) => {
  if (core.EntraGuardError.is(error)) console.error(error.code);
});
