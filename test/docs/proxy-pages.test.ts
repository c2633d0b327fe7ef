import { SERVERS, serverConfiguration } from '@entra-guard/proxy';
import { readPolicy } from '@entra-guard/proxy/policy';
import { expect, it } from 'vitest';
import { fileOf, withPrinted } from '../support/printed-page.js';

const variables = {
  ENTRA_GUARD_TENANT_ID: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
  ENTRA_GUARD_CLIENT_ID: '00001111-aaaa-2222-bbbb-3333cccc4444',
};

/** The policy that the pages show: the only one in YAML. */
function shownPolicy() {
  const text = /```yaml\n# entra-guard\.yaml\n([\s\S]*?)```/.exec(fileOf('docs/proxy.md'))?.[1] ?? '';
  return readPolicy(text, { env: variables });
}

it.each(SERVERS)('the page on %s holds the configuration that is printed', async (server) => {
  const page = `docs/proxy-${server}.md`;
  const files = serverConfiguration(shownPolicy(), server);
  const printed = Object.fromEntries(
    files.map(({ name, text }) => [name.toLowerCase().replace('.', '-'), text]),
  );
  await expect(withPrinted(page, printed)).toMatchFileSnapshot(`../../${page}`);
});
