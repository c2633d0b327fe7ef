// Builds the site into `dist`, and says how long each part took.
import { rmSync } from 'node:fs';
import { build } from 'vitepress';
import { built, site } from './folders.mjs';
import { gather } from './gather.mjs';
import { MisplacedPages } from './sidebar.mjs';
import { buildTokenPage } from './token-page.mjs';
import { writeTwins } from './twins.mjs';

const times = [];
/** Does one part of the work. */
async function part(name, work) {
  const started = performance.now();
  const result = await work();
  times.push(`${name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

rmSync(built, { recursive: true, force: true });
const { pages, sidebar } = await part('pages', () => gather()).catch((error) => {
  console.error(error instanceof MisplacedPages ? error.message : error);
  process.exit(1);
});
await part('VitePress', () => build(site));
await part('page that explains tokens', () => buildTokenPage());
await part('twins', () => writeTwins(pages, sidebar));
console.log(`${pages.length} pages in ${built}: ${times.join(', ')}.`);
