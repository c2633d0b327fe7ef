import { entraGuard, scopes } from '@entra-guard/express';
import { startEntra } from '@entra-guard/testing';
import express from 'express';
import answers from './answers.cjs';

async function main() {
  const entra = await startEntra();
  const guard = entraGuard(entra.options());
  const app = express();
  app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => {
    res.json({ caller: req.auth.objectId });
  });
  guard.assertAllGuarded(app);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await answers(server, entra);
  await new Promise((resolve) => server.close(resolve));
  await entra.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
