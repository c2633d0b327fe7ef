import { manifestOf, takeInventory } from '@entra-guard/catalogue';
import type { AuthContext, ValidatorOptions } from '@entra-guard/core';
import {
  anyOf,
  appPermissions,
  definePermissions,
  entraGuard,
  handlersIn,
  scopes,
} from '@entra-guard/express';
import { createGuardedDocument } from '@entra-guard/express/openapi';
import { actAs, standInGuard, testAuth } from '@entra-guard/express/testing';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import express from 'express';

function createApp(options: ValidatorOptions) {
  const guard = entraGuard(options);
  const app = express();
  app.get('/orders', guard.require(scopes('Orders.Read')), (req, res) => {
    res.json(callerOf(req.auth));
  });
  app.post(
    '/orders/:id',
    guard.require(anyOf(scopes('Orders.Write'), appPermissions('Orders.Write.All'))),
    (req, res) => {
      // The guard leaves Express's own inference alone.
      const id: string = req.params.id;
      res.json({ id });
    },
  );
  guard.assertAllGuarded(app);
  return app;
}

function callerOf(auth: AuthContext): string {
  // @ts-expect-error: what a token says can't be changed.
  auth.tenantId = 'another';
  return auth.subjectKey;
}

// @ts-expect-error: a validator needs to know its API.
createApp({ tenantId: '11111111-1111-4111-8111-111111111111' });
// @ts-expect-error: a scope has to be named.
scopes();

const entra: LocalEntra = await startEntra();
createApp(entra.options());
await entra.close();

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
standInGuard(ada).assertAllGuarded(express());
express().get('/:id', actAs(ada), (req, res) => void res.json([req.params.id, req.auth.objectId]));

const orders = definePermissions({
  api: 'api://orders',
  owner: { team: 'Orders' },
  scopes: { 'Orders.Read': { description: 'Read.', consent: 'user', because: 'They ask.' } },
});
orders.scopes('Orders.Read');
// @ts-expect-error: it is not in the catalogue.
orders.scopes('Orders.Raed');
takeInventory(handlersIn(express()));
manifestOf(orders.catalogue);

const document = await createGuardedDocument(express(), entraGuard(entra.options()), {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
});
document.info.title.toUpperCase();
