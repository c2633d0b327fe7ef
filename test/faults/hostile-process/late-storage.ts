import { AsyncLocalStorage } from 'node:async_hooks';
import { createGuard, createValidator, scopes } from '@entra-guard/core';
import { API, documents, NOW, signed, TENANT, tenantPages, userClaims } from '../../support/forger.js';

const validator = createValidator({
  tenantId: TENANT,
  clientId: API,
  fetch: documents(tenantPages()).fetch,
  now: () => NOW,
  log: false,
});
const guard = createGuard({ validator });
const token = signed(userClaims({ scp: 'Orders.Read' }));
const request = { headers: { authorization: `Bearer ${token}` } };

/** Calls everything that may return a cached promise. */
async function everything(): Promise<string[]> {
  const health = validator.health();
  const all = [validator.validate(token), validator.validate(token), guard.authenticate(request)];
  all.push(guard.authenticate(request), guard.require(request, scopes('Orders.Read')));
  await Promise.all([validator.ready(), validator.ready(), health]);
  return (await Promise.all(all)).map(({ kind }) => kind);
}

for (let use = 0; use < 5; use++) await everything();
// The first use of a storage in the process. From now on Node writes to each promise that is made or awaited.
const storage = new AsyncLocalStorage<string>();
const kinds: string[] = [];
const stores: unknown[] = [];
await storage.run('a request', async () => {
  for (let use = 0; use < 5; use++) kinds.push(...(await everything()));
  stores.push(await validator.validate(token).then(() => storage.getStore()));
});
process.stdout.write(JSON.stringify([new Set(kinds).size, kinds[0], stores]));
