// Opens the built site in headless Chromium, from a server on loopback.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { built, repository } from '../steps/folders.mjs';

// Of the tests, so that there is one Chromium driver and one axe.
const require = createRequire(join(repository, 'test/package.json'));

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** Why there is no Chromium to open; `undefined` if there is one. */
export const withoutChromium =
  executablePath === undefined ? 'There is no Chromium here: install it, or set CHROMIUM.' : undefined;

/** Runs `use` with the site's origin and a browser, and ends both. */
export async function inChromium(use) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = join(built, normalize(decodeURIComponent(pathname)));
    const file = path.endsWith('/') ? `${path}index.html` : path;
    if (!file.startsWith(built) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { chromium } = require('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  });
  try {
    return await use(`http://127.0.0.1:${server.address().port}`, browser);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

/** What a page asks of other servers, and what it reports as an error: one line each. */
export function watched(page, origin, problems) {
  page.on('request', (request) => {
    if (!/^(?:data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
      problems.add(`${page.url().replace(origin, '')}: asks ${request.url()}`);
  });
  page.on('pageerror', (error) => problems.add(`${page.url().replace(origin, '')}: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400)
      problems.add(
        `${page.url().replace(origin, '')}: ${response.status()} for ${response.url().replace(origin, '')}`,
      );
  });
}

/** What axe finds wrong with a page, one line for each rule and place. */
export async function violationsOf(page) {
  await page.evaluate(require('axe-core').source);
  const { violations } = await page.evaluate('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        ({ target, failureSummary }) =>
          `${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`,
      ),
  );
}

/** Keeps a picture in the folder that `ENTRA_GUARD_PICTURES` names; without it, none. */
export async function picture(page, name) {
  const folder = process.env.ENTRA_GUARD_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
