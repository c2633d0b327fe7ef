import { createGuard } from '@entra-guard/core';
import { startEntra } from '@entra-guard/testing';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { createDownstream, managedIdentity } from '../src/index.js';

const NAMES = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'] as const;
const before = NAMES.map((name) => process.env[name]);
afterEach(() => {
  for (const [at, name] of NAMES.entries()) {
    if (before[at] === undefined) delete process.env[name];
    else process.env[name] = before[at];
  }
});

it('a managed identity is asked through @azure/msal-node, as on App Service', async () => {
  const clientId = '44445555-eeee-6666-ffff-777788889999';
  const entra = await startEntra({
    port: 0,
    managedIdentities: { vm: { clientId } },
    apps: { orders: { scopes: ['Orders.Read'] }, stock: { scopes: ['Stock.Read'] } },
  });
  onTestFinished(() => entra.close());
  process.env.IDENTITY_ENDPOINT = `${entra.origin}/msi/token`;
  process.env.IDENTITY_HEADER = 'local';
  const stock = createGuard({ ...entra.options('stock'), log: false });
  const guard = createGuard({ ...entra.options('orders'), log: false });
  onTestFinished(() => Promise.all([stock.close(), guard.close()]).then(() => {}));
  const { apis } = createDownstream({
    guard,
    credential: managedIdentity({ clientId }),
    apis: {
      stock: {
        baseUrl: 'https://stock.contoso.example/',
        appScope: `api://${entra.options('stock').clientId}/.default`,
        as: 'managed-identity',
      },
    },
  });
  const { token, expiresAt } = await apis.stock.asApp().token();
  const auth = await stock.authenticate({ headers: { authorization: `Bearer ${token}` } });
  expect(auth).toMatchObject({ kind: 'app', clientId });
  expect(expiresAt).toBeGreaterThan(Date.now());
});
