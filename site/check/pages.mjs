// Opens pages as a phone and as a desk show them.
import { picture, violationsOf, watched } from './chromium.mjs';

/** Of each kind of page in the reference, the largest and the smallest among them. */
const API = [
  'api/core.html',
  'api/express.html',
  'api/nestjs/testing.html',
  'api/proxy/policy.html',
  'api/cli.html',
];

/** How many tabs work at once. */
const TABS = 3;

/**
 * Opens each hand-written page and some of the reference: at 360 pixels with axe, at 1280 without.
 *
 * @returns one line for each problem
 */
export async function problemsOfPages(origin, browser, pages) {
  const written = pages
    .filter(({ kind }) => kind === 'written')
    .map(({ place }) => place.replace(/\.md$/, '.html'));
  // All code pages are made alike.
  const codes = pages
    .filter(({ kind }) => kind === 'code')
    .slice(0, 2)
    .map(({ place }) => place.replace(/\.md$/, '.html'));
  const only = process.argv
    .find((one) => one.startsWith('--only='))
    ?.slice(7)
    .split(',');
  const names = [...written, ...codes, ...API].filter((name) => only === undefined || only.includes(name));
  const problems = new Set();
  for (const [width, theme] of [
    [360, 'light'],
    [1280, 'dark'],
  ]) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme });
    const waiting = [...names];
    const tab = async () => {
      const page = await context.newPage();
      watched(page, origin, problems);
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        await page.goto(`${origin}/${name}`, { waitUntil: 'load' });
        const { scrollWidth } = await page.evaluate(
          '({ scrollWidth: document.documentElement.scrollWidth })',
        );
        if (scrollWidth > width) problems.add(`${name}: is ${scrollWidth} pixels wide at ${width}`);
        if (width === 360) for (const line of await violationsOf(page)) problems.add(`${name}: ${line}`);
        await picture(page, `${width}/${name.replaceAll('/', '-')}`);
      }
    };
    await Promise.all(Array.from({ length: TABS }, tab));
    await context.close();
  }
  return { count: names.length, problems: [...problems] };
}
