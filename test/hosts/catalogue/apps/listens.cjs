const { createServer } = require('node:http');
const { entraGuard, scopes } = require('@entra-guard/express');
const express = require('express5');

const guard = entraGuard.fromEnv();
const app = express();
app.get('/orders', guard.require(scopes('Orders.Read')), (_request, response) => response.json([]));
// A port that cannot be listened on: an attempt would make loading fail.
app.listen(1, () => {
  setInterval(() => {}, 1000);
});
createServer(() => {}).listen(1, '127.0.0.1');
