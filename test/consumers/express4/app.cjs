const { once } = require('node:events');
const { entraGuard, scopes } = require('@entra-guard/express');
const { startEntra } = require('@entra-guard/testing');
const express = require('express');
const answers = require('./answers.cjs');

async function main() {
  const entra = await startEntra();
  const guard = entraGuard(entra.options());
  const app = express();
  app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => {
    res.json({ caller: req.auth.objectId });
  });
  guard.assertAllGuarded(app);

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await answers(server, entra);
  server.close();
  await entra.close();
}

void main();
