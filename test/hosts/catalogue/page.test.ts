import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withPrinted } from '../../support/printed-page.js';
import { entraGuard, registrationFile } from './cli-run.js';

const PAGE = 'docs/permissions.md';

it('the page on permissions holds what the commands print', { timeout: 60_000 }, async () => {
  const printed = {
    inventory: (await entraGuard(['inventory', 'orders.mjs'])).out,
    manifest: (await entraGuard(['manifest', 'orders.mjs'])).out,
    diff: (await entraGuard(['diff', 'orders.mjs', registrationFile('drifted.az')])).out,
  };
  await expect(withPrinted(PAGE, printed)).toMatchFileSnapshot(join(import.meta.dirname, '../../..', PAGE));
});
