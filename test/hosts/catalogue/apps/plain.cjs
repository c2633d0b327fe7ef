const { entraGuard, scopes } = require('@entra-guard/express');
const express = require('express4');

exports.createApp = async (options) => {
  const guard = entraGuard(options);
  const app = express();
  app.get('/orders', guard.require(scopes('Orders.Read')), (_request, response) => response.json([]));
  app.get('/forgotten', (_request, response) => response.json([]));
  return app;
};
exports.notAnApp = 42;
exports.settings = { port: 3000 };
exports.makes = { nothing: () => undefined };
exports.failing = () => {
  throw new TypeError('no database');
};
exports.Service = class Service {};
