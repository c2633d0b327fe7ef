const { scopes, entraGuard } = require('@entra-guard/express');
const express = require('express5');

// As applications do that are run by a process manager, and as one would that wants to be taken for an inventory.
const bait = {
  framework: 'express',
  inventory: { handlers: [], catalogues: [], warnings: [] },
  manifests: [],
  notes: ['\u001b[2J'],
};
for (const message of [
  'ready',
  undefined,
  null,
  1,
  [],
  { app: bait },
  { question: '', answer: { app: bait } },
  { problem: { message: 'x', hint: '' } },
]) {
  if (process.send) process.send(message ?? 'ready');
}
process.on('message', () => {});
if (process.disconnect) process.disconnect();

const app = express();
app.get('/orders', entraGuard.fromEnv().require(scopes('Orders.Read')), (_request, response) =>
  response.json([]),
);
exports.app = app;
