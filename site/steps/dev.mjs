// Serves the site, and gathers pages again after each change of the repository's Markdown. The reference is read once.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'vitepress';
import { repository, site } from './folders.mjs';
import { gather } from './gather.mjs';

await gather();
const server = await createServer(site, { host: '127.0.0.1' });
await server.listen();
server.printUrls();

let waiting;
for (const folder of ['docs', 'packages', 'examples', 'site/home.md', 'README.md', 'SECURITY.md']) {
  watch(join(repository, folder), { recursive: true }, (_, name) => {
    if (!(name ?? folder).endsWith('.md')) return;
    clearTimeout(waiting);
    waiting = setTimeout(
      () => gather({ withApi: false }).catch((error) => console.error(error.message)),
      200,
    );
  });
}
