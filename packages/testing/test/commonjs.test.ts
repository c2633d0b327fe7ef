import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import type { startEntra as StartEntra } from '../src/index.js';

const require = createRequire(import.meta.url);

it('the build can be required from CommonJS, and so from Jest', async () => {
  const { startEntra, LocalEntraError } = require('../dist/cjs/index.js') as {
    startEntra: typeof StartEntra;
    LocalEntraError: unknown;
  };
  const entra = await startEntra();
  expect(entra.user('ada').token.split('.')).toHaveLength(3);
  expect(LocalEntraError).toEqual(expect.any(Function));
  await entra.close();
});
