const { anyOf, appPermissions, entraGuard, scopes } = require('@entra-guard/express');
const express = require('express');

exports.createApp = function createApp(options) {
  const guard = entraGuard(options);
  const app = express();
  app.get(
    '/orders',
    guard.require(anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))),
    (req, res) => {
      res.json({ caller: req.auth.objectId });
    },
  );
  guard.assertAllGuarded(app);
  return app;
};
