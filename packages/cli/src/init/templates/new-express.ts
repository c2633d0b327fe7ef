import { FIRST_SCOPE } from './scope.js';

/** The code of a new Express service, from each path to its text. */
export const NEW_EXPRESS: Readonly<Record<string, string>> = {
  'src/app.ts': `import { anonymous, type ExpressGuardOptions, entraGuard } from '@entra-guard/express';
import express, { type Express } from 'express';
import { permissions } from './entra-permissions.js';

/** The API. Its options come from the environment in production, and from a local Entra in tests. */
export function createApp(options: ExpressGuardOptions): Express {
  const guard = entraGuard(options);
  const app = express();

  app.get('/health', guard.require(anonymous().because('the load balancer asks')), (_req, res) => {
    res.json({ ok: true });
  });
  app.get('/me', guard.require(permissions.scopes('${FIRST_SCOPE}')), (req, res) => {
    res.json({ objectId: req.auth.objectId });
  });

  guard.assertAllGuarded(app); // throws for a route that says nothing
  return app;
}
`,
  'src/server.ts': `import { optionsFromEnv } from '@entra-guard/express';
import { createApp } from './app.js';

const port = Number(process.env.PORT ?? 3000);
createApp(optionsFromEnv()).listen(port, () => console.log(\`Listening on port \${port}.\`));
`,
  'src/app.test.ts': `import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startEntra } from '@entra-guard/testing';
import { createApp } from './app.js';

test('only callers with the scope ${FIRST_SCOPE} see who they are', async () => {
  // A local Entra: real signatures, through the validator that runs in production.
  const entra = await startEntra();
  const server = createApp(entra.options()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(\`http://127.0.0.1:\${port}\${path}\`, { headers });
  try {
    assert.equal((await ask('/health')).status, 200);
    assert.equal((await ask('/me')).status, 401);
    assert.equal((await ask('/me', entra.wrong.expired().headers)).status, 401);
    assert.equal((await ask('/me', entra.user('ada', { scp: 'Other.Scope' }).headers)).status, 403);
    const answer = await ask('/me', entra.user('ada', { scp: '${FIRST_SCOPE}' }).headers);
    assert.deepEqual(await answer.json(), { objectId: entra.objectIdOf('ada') });
  } finally {
    server.close();
    await entra.close();
  }
});
`,
};
