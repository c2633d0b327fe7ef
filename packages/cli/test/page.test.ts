import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withPrinted } from './printed-page.js';
import { runCommand } from './run-command.js';

const PAGE = 'docs/cli.md';

it('the page on the command holds what it prints', async () => {
  const printed = {
    help: (await runCommand(['--help'])).stdout,
    migrate: (await runCommand(['migrate', 'passport-azure-ad', '--help'])).stdout,
  };
  await expect(withPrinted(PAGE, printed)).toMatchFileSnapshot(join(import.meta.dirname, '../../..', PAGE));
});
