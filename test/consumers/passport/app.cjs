const { once } = require('node:events');
const { inherits } = require('node:util');
const { BearerStrategy } = require('@entra-guard/passport');
const { startEntra } = require('@entra-guard/testing');
const express = require('express');
const passport = require('passport');
const answers = require('./answers.cjs');

async function main() {
  const entra = await startEntra();
  const { tenantId, clientId, fetch } = entra.options();
  const options = {
    identityMetadata: `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`,
    clientID: clientId,
    scope: ['Orders.Read'],
    fetch,
  };
  function AzureStrategy() {
    BearerStrategy.call(this, options, (token, done) => done(null, {}, token));
  }
  inherits(AzureStrategy, BearerStrategy);
  passport.use(new AzureStrategy());
  const app = express();
  app.get('/orders', passport.authenticate('oauth-bearer', { session: false }), (req, res) => {
    res.json({ caller: req.authInfo.oid });
  });

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await answers(server, entra);
  server.close();
  await entra.close();
}

void main();
