import { once } from 'node:events';
import { BearerStrategy } from '@entra-guard/passport';
import { startEntra } from '@entra-guard/testing';
import express from 'express';
import passport from 'passport';
import answers from './answers.cjs';

const entra = await startEntra();
const { tenantId, clientId, fetch } = entra.options();
const options = {
  identityMetadata: `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`,
  clientID: clientId,
  scope: ['Orders.Read'],
  fetch,
};
passport.use(new BearerStrategy(options, (token, done) => done(null, {}, token)));
const app = express();
app.get('/orders', passport.authenticate('oauth-bearer', { session: false }), (req, res) => {
  res.json({ caller: req.authInfo.oid });
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
await answers(server, entra);
server.close();
await entra.close();
