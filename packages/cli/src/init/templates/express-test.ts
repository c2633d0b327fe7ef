import type { ExpressImport } from '../plan/express-app.js';
import { FIRST_SCOPE } from './scope.js';
import type { TestFrame } from './test-frame.js';

/** How the test gets the application: `load` is an expression; without it the test makes a small one around the guard. */
export interface TestedApp {
  readonly load: string | undefined;
  /** Loads the guard. Both are loaded after the environment is set, which the guard reads then. */
  readonly loadGuard: string;
  readonly language: 'ts' | 'js';
  readonly express: ExpressImport;
}

const IMPORTS: Readonly<Record<ExpressImport, string>> = {
  default: "import express from 'express';",
  'import-require': "import express = require('express');",
};

/** A test that shows who is let in, with tokens of a local Entra. It needs no tenant and no network. */
export function expressTestTemplate(
  frame: TestFrame,
  { load, loadGuard, language, express }: TestedApp,
): string {
  const typed = language === 'ts';
  const imports = [
    "import { equal, ok } from 'node:assert/strict';",
    "import { once } from 'node:events';",
    "import { createServer } from 'node:http';",
    ...(typed ? ["import type { AddressInfo } from 'node:net';"] : []),
    "import { startEntra } from '@entra-guard/testing';",
    ...(load === undefined ? [IMPORTS[express]] : []),
  ];
  const app =
    load === undefined
      ? `  const { everyRoute, guard } = ${loadGuard};
  const app = express();
  app.use(everyRoute);
  app.get('/entra-guard-test', (req, res) => void res.json({ objectId: req.auth.objectId }));
  guard.assertAllGuarded(app);`
      : `  const { guard } = ${loadGuard};
  const app = ${load};`;
  return `${frame.top}${imports.join('\n')}
${frame.importsTest}
test('only callers with the scope ${FIRST_SCOPE} are let in', async () => {
  // A local Entra: real signatures, through the validator that runs in production.
  const entra = await startEntra({ port: 0 });
  const { authority, clientId } = entra.options();
  Object.assign(process.env, {
    ENTRA_GUARD_AUTHORITY: authority,
    ENTRA_GUARD_TENANT_ID: '',
    ENTRA_GUARD_CLIENT_ID: clientId,
    ENTRA_GUARD_APPLICATION_ID_URI: '',
  });
${app}
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address()${typed ? ' as AddressInfo' : ''};
  const statusFor = async (headers${typed ? ': Record<string, string>' : ''} = {}) => {
    const answer = await fetch(\`http://127.0.0.1:\${port}/entra-guard-test\`, { headers });
    await answer.text();
    return answer.status;
  };
  try {
    equal(await statusFor(), 401, 'no token');
    equal(await statusFor(entra.wrong.expired().headers), 401, 'an expired token');
    equal(await statusFor(entra.user('ada', { scp: 'Other.Scope' }).headers), 403, 'another scope');
    const answered = await statusFor(entra.user('ada', { scp: '${FIRST_SCOPE}' }).headers);
    ok(![401, 403, 503].includes(answered), \`Ada is let in, and not answered with \${answered}\`);
  } finally {
    server.close();
    await guard.close();
    await entra.close();
  }
});
`;
}
